import { z } from "zod";
import { count, timestamp } from "../platform/formats.ts";
import type { ChainState } from "./chain-state.ts";

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
