import { z } from "zod";
import { count, timestamp, uuid } from "../../platform/formats.ts";
import type { ListedSession } from "./list.ts";

const listed = z
  .object({
    sessionId: uuid,
    userId: uuid,
    via: z.enum(["web", "saml", "ldap"]),
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
