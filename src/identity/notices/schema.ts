import { z } from "zod";
import { count, timestamp, uuid } from "../../platform/formats.ts";
import { nextPage, sortedQuery } from "../../platform/sorted-list.ts";
import type { Anomaly } from "../anomalies/store.ts";
import { ANOMALY_ORDER } from "../anomalies/store.ts";
import { NOTICE_ORDER } from "./store.ts";

export const noticeQuery = z.strictObject({
  ...sortedQuery(NOTICE_ORDER),
  unread: z.enum(["true", "false"]).default("false"),
});

/** Either some, or all until now. */
export const readNotices = z
  .strictObject({
    noticeIds: z.array(z.uuid()).min(1).max(200).optional(),
    all: z.literal(true).optional(),
  })
  .refine((body) => (body.noticeIds === undefined) !== (body.all === undefined), "name notice ids, or all")
  .meta({ examples: [{ all: true }] });

export const noticeSettings = z
  .strictObject({ mail: z.boolean() })
  .meta({ examples: [{ mail: false }], id: "NoticeSettings" });

export const noticeSettingsAnswer = z
  .object({
    mail: z.boolean(),
    address: z.string().nullable().meta({ description: "Where your e-mails go; null: nowhere" }),
    smtp: z.boolean().meta({ description: "Whether the appliance sends e-mails at all" }),
  })
  .meta({ id: "OwnNoticeSettings" });
export const testMailAnswer = z.object({ sentTo: z.string() });

const entity = z.object({ type: z.string(), id: z.string() }).meta({ description: "What it is about" });

export const noticesAnswer = z.object({
  notices: z.array(
    z
      .object({
        noticeId: uuid,
        kind: z.string(),
        title: z.string(),
        text: z.string(),
        entity,
        data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
        madeAt: timestamp,
        readAt: timestamp.nullable(),
      })
      .meta({ id: "Notice" }),
  ),
  unread: count,
  next: nextPage,
});

export const readAnswer = z.object({ read: count.meta({ description: "How many were unread until now" }) });

const anomaly = z
  .object({
    anomalyId: uuid,
    kind: z.string(),
    entity,
    firstAt: timestamp,
    lastAt: timestamp,
    times: count.meta({ description: "All of them; at most one an hour has a ledger row and a notice" }),
  })
  .meta({ id: "Anomaly" }) satisfies z.ZodType<Anomaly>;
export const anomaliesAnswer = z.object({ anomalies: z.array(anomaly), next: nextPage });
export const anomalyQuery = z.strictObject(sortedQuery(ANOMALY_ORDER));
