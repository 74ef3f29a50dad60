import type { Principal } from "../audit/index.ts";
import type { Access, ApprovalDeps } from "../identity/index.ts";
import type { Keyring } from "../keys/index.ts";
import type { Pool } from "../platform/db.ts";
import type { Logger } from "../platform/logger.ts";
import type { CallerSession, PublicRoute, Route } from "../platform/route.ts";
import type { Limiter } from "./limits.ts";

/** What a credential gives: who, and over which sites which permissions. */
export interface Authenticated {
  principal: Principal;
  access: Access;
  /** Absent for an API key. */
  session: CallerSession | undefined;
  /** Of an API key: the origins whose pages may use it. */
  corsOrigins?: readonly string[];
}

/** Where a credential may stand in a request. */
export interface Credentials {
  authorization: string | undefined;
  cookie: string | undefined;
  address: string;
  correlation: string;
  /** Not a request of the caller's: it does not keep an idle session open. */
  passive?: boolean;
}

export interface AppDeps {
  routes: readonly Route<Principal>[];
  publicRoutes: readonly PublicRoute[];
  /** HTML for people, outside the API and its document. */
  pages?: readonly PublicRoute[];
  /** @throws AppError `unauthorized` or `busy`. */
  authenticate(credentials: Credentials): Promise<Authenticated>;
  limiter: Limiter;
  /** For what is kept of requests: Idempotency-Keys. */
  pool: Pool;
  keyring: Keyring;
  /** How people hear of requests for a second person. */
  tell?: ApprovalDeps["tell"];
  log: Logger;
  trustedProxies: readonly string[];
  /** Where to report a weakness: URLs for /.well-known/security.txt. */
  securityContact: readonly string[];
  publicUrl?: string | undefined;
  /** Whether any key of the appliance names this origin. */
  isCorsOrigin(origin: string): Promise<boolean>;
  /** Resolves when this process can serve: schema there, database answering. @throws the reason. */
  ready(): Promise<void>;
}
