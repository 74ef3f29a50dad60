import { z } from "zod";
import { count, day, timestamp, uuid } from "../platform/formats.ts";
import { nextPage } from "../platform/sorted-list.ts";
import { policy } from "./answers.ts";
import type { SitePolicy, UpcomingDay, UpcomingSite } from "./store-upcoming.ts";
import type { RetentionState } from "./upcoming.ts";

const what = z.enum(["events", "images"]).meta({ description: "events: with what is left of their images" });
const on = day.meta({ description: "At its beginning, UTC; today: due now" });
const amounts = { events: count, images: count, bytes: count };

const upcomingDay = z
  .object({ on, what, sites: count, ...amounts, heldSites: count })
  .meta({ id: "UpcomingDay" }) satisfies z.ZodType<UpcomingDay>;
const upcomingSite = z
  .object({
    on,
    what,
    siteId: uuid,
    day: day.meta({ description: "The UTC day of receipt" }),
    ...amounts,
    held: z.boolean().meta({ description: "A hold keeps some of it" }),
  })
  .meta({ id: "UpcomingSite" }) satisfies z.ZodType<UpcomingSite>;
export const upcomingAnswer = z.object({ upcoming: z.array(upcomingDay) });
export const upcomingSitesAnswer = z.object({ upcoming: z.array(upcomingSite) });

const sitePolicy = z
  .object({ siteId: uuid, name: z.string(), timeZone: z.string(), inForce: policy, pending: policy.nullable() })
  .meta({ id: "SitePolicy" }) satisfies z.ZodType<SitePolicy>;
export const policiesAnswer = z.object({ policies: z.array(sitePolicy), next: nextPage });

export const filesAnswer = z
  .object({
    pending: count.meta({ description: "Files whose keys are gone and whose bytes wait to be removed" }),
    oldestAt: timestamp.nullable(),
    task: z
      .object({
        taskId: uuid,
        state: z.string(),
        attempts: count,
        note: z.string().nullable().meta({ description: "Why the last attempt failed" }),
        runAfter: timestamp.nullable(),
      })
      .nullable(),
  })
  .meta({ id: "FilesLeft" }) satisfies z.ZodType<RetentionState["files"]>;
export const stateAnswer = z.object({
  stop: z.string().nullable().meta({ description: "Why nothing is erased until a person confirms" }),
  coolingOffHours: count,
  files: filesAnswer,
}) satisfies z.ZodType<RetentionState>;
