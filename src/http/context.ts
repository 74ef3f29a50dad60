import type { Principal } from "../audit/index.ts";
import type { Logger } from "../platform/logger.ts";
import type { Route } from "../platform/route.ts";
import type { Limiter } from "./limits.ts";

/** What a credential gives: who, and which permissions. */
export interface Authenticated {
  principal: Principal;
  permissions: ReadonlySet<string>;
}

export interface AppDeps {
  routes: readonly Route<Principal>[];
  /** Checks the Authorization header. @throws AppError `unauthorized` or `busy`. */
  authenticate(authorization: string | undefined, address: string, correlation: string): Promise<Authenticated>;
  limiter: Limiter;
  log: Logger;
  trustedProxies: readonly string[];
  /** Resolves when this process can serve: schema there, database answering. @throws the reason. */
  ready(): Promise<void>;
}
