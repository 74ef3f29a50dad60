import { z } from "zod";
import { count, timestamp, uuid } from "../platform/formats.ts";
import { nextPage } from "../platform/sorted-list.ts";
import type { Site, SiteSummary } from "./store.ts";

const days = z.number().int().min(1).max(3650);
const site = z.strictObject({
  name: z.string().trim().min(1).max(200),
  timeZone: z.string().min(1).max(64).optional().meta({ description: "IANA name; UTC unless given" }),
  offlineWindowDays: z
    .number()
    .int()
    .min(1)
    .max(60)
    .optional()
    .meta({ description: "How long its devices may have been offline for their events still to be taken" }),
});

export const newSite = site
  .extend({ imageDays: days.default(30), eventDays: days.default(90) })
  .meta({ examples: [{ name: "North gate", timeZone: "Europe/Berlin", imageDays: 14, eventDays: 90 }] });
export const siteChange = site.partial().meta({ examples: [{ name: "North gate, lane 2" }] });

export const siteAnswer = z
  .object({
    siteId: uuid,
    name: z.string(),
    timeZone: z.string(),
    offlineWindowDays: count,
    createdAt: timestamp,
    closedAt: timestamp.nullable(),
  })
  .meta({ id: "Site" }) satisfies z.ZodType<Site>;
const siteSummary = siteAnswer
  .extend({
    devices: count.meta({ description: "Without revoked ones" }),
    lastEventAt: timestamp.nullable().meta({ description: "When its newest event that is still here was received" }),
  })
  .meta({ id: "SiteSummary" }) satisfies z.ZodType<SiteSummary>;
export const sitesAnswer = z.object({ sites: z.array(siteSummary), next: nextPage });
