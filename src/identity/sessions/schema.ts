import { z } from "zod";
import { count, timestamp, uuid } from "../../platform/formats.ts";
import { nextPage, sortedQuery } from "../../platform/sorted-list.ts";
import type { ListedPersonsSession, ListedSession } from "./list.ts";
import { SESSION_ORDER } from "./store.ts";

const VIA = ["web", "saml", "ldap"] as const;

const listed = z
  .object({
    sessionId: uuid,
    userId: uuid,
    via: z.enum(VIA),
    strength: z.union([z.literal(1), z.literal(2)]).meta({ description: "2: a second factor was shown" }),
    steppedUpAt: timestamp.nullable(),
    address: z.string(),
    userAgent: z.string(),
    device: z.string().meta({ description: "What the browser says of itself", examples: ["Firefox on Windows"] }),
    createdAt: timestamp,
    lastSeenAt: timestamp,
    expiresAt: timestamp,
    current: z.boolean().meta({ description: "The one that asks" }),
  })
  .meta({ id: "Session" }) satisfies z.ZodType<ListedSession>;

export const sessionsAnswer = z.object({ sessions: z.array(listed) });
export const endedAnswer = z.object({ ended: count.meta({ description: "How many were open until now" }) });

export const allSessionsQuery = z.strictObject({
  text: z.string().trim().min(1).max(200).optional().meta({ description: "In the person's names, or the address" }),
  via: z.enum(VIA).optional(),
  ...sortedQuery(SESSION_ORDER),
});
const persons = listed
  .extend({ userName: z.string(), displayName: z.string() })
  .meta({ id: "PersonsSession" }) satisfies z.ZodType<ListedPersonsSession>;
export const allSessionsAnswer = z.object({ sessions: z.array(persons), next: nextPage });
