import { z } from "zod";
import type { Principal } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { count, day } from "../platform/formats.ts";
import { defineRoute, type Route } from "../platform/route.ts";
import { holdsOverview, type RetentionOverview, retentionOverview } from "./overview.ts";
import type { HoldsOverview } from "./store-overview.ts";

const amounts = { events: count, bytes: count, images: count, imageBytes: count };
export const retentionOverviewAnswer = z
  .object({
    erasing: z
      .array(
        z.object({
          day: day.meta({ description: "It goes as this UTC day begins; today's has all that is overdue" }),
          events: count,
          images: count,
          bytes: count,
          heldEvents: count.meta({ description: "Due, and kept by holds over their whole day" }),
          heldImages: count,
        }),
      )
      .meta({ description: "The next 30 UTC days, pending changes of policies with them" }),
    narrowHolds: count.meta({ description: "Open holds over less than whole days: they keep more than this says" }),
    storage: z.object({
      now: z.object(amounts),
      inflow: z
        .object({ bytes: count, imageBytes: count })
        .meta({ description: "A day: the mean of the last seven whole ones" }),
      forecast: z
        .array(z.object({ day, bytes: count }))
        .meta({ description: "At the end of each of these days, if as much comes in as lately" }),
    }),
  })
  .meta({ id: "RetentionOverview" }) satisfies z.ZodType<RetentionOverview>;
export const holdsOverviewAnswer = z
  .object({
    open: count,
    narrow: count.meta({ description: "Of them, those over less than whole days" }),
    toReview: count.meta({ description: "Of them, those whose day of review has come" }),
    nextReview: day.nullable(),
  })
  .meta({ id: "HoldsOverview" }) satisfies z.ZodType<HoldsOverview>;

export function retentionOverviewRoutes({ pool }: { pool: Pool }): Route<Principal>[] {
  return [
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/overview/retention",
      summary: "What the policies erase in the next 30 days, and how much is kept now and then.",
      permission: "retention:read",
      rate: "general",
      response: retentionOverviewAnswer,
      handler: async ({ principal }) => ({ body: await retentionOverview(pool, principal) }),
    }),
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/overview/holds",
      summary: "How many legal holds stand, and which review comes next.",
      permission: "holds:read",
      rate: "general",
      response: holdsOverviewAnswer,
      handler: async ({ principal }) => ({ body: await holdsOverview(pool, principal) }),
    }),
  ];
}
