import { z } from "zod";
import type { Pool } from "../platform/db.ts";
import { count, timestamp } from "../platform/formats.ts";
import { defineRoute, type Route } from "../platform/route.ts";
import { type ChainState, readChainState } from "./chain-state.ts";
import type { Principal } from "./with-tenant.ts";

export type ChainRouteDeps = { pool: Pool; witnessDirectories: readonly string[] };

export const chainAnswer = z
  .object({
    last: z.object({ epoch: count, seq: count, at: timestamp }).meta({ description: "The newest row" }),
    sealed: z
      .object({ epoch: count, size: count, at: timestamp })
      .nullable()
      .meta({ description: "The newest checkpoint: the rows up to `size` are sealed. Null: none yet" }),
    witnesses: z
      .array(
        z.object({
          state: z.enum(["agrees", "behind", "differs", "empty", "unreadable"]).meta({
            description:
              "agrees: has the newest checkpoint; behind: an earlier one of this chain; differs: one that this chain has not",
          }),
          size: count.nullable(),
          sealedAt: timestamp.nullable(),
        }),
      )
      .meta({ description: "In the order of the configuration" }),
  })
  .meta({ id: "ChainState" }) satisfies z.ZodType<ChainState>;

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
