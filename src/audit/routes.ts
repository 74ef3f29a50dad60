import type { Pool } from "../platform/db.ts";
import { defineRoute, type Route } from "../platform/route.ts";
import { readChainState } from "./chain-state.ts";
import { chainAnswer } from "./schema.ts";
import type { Principal } from "./with-tenant.ts";

export type ChainRouteDeps = { pool: Pool; witnessDirectories: readonly string[] };

export function chainRoutes({ pool, witnessDirectories }: ChainRouteDeps): Route<Principal>[] {
  return [
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/overview/chain",
      summary: "Where the ledger's chain ends, how far it is sealed, and whether each witness says the same.",
      permission: "ledger:read",
      rate: "general",
      response: chainAnswer,
      handler: async ({ principal }) => ({ body: await readChainState(pool, principal, witnessDirectories) }),
    }),
  ];
}
