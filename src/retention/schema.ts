import { z } from "zod";

const days = z.number().int().min(1).max(3650);
const instant = z.iso.datetime({ offset: true });
const text = (max: number) => z.string().trim().min(1).max(max);

/** Days that a site keeps images and events; an image never outlives its event. */
export const policySchema = z
  .strictObject({ imageDays: days, eventDays: days, reason: text(2000).optional() })
  .refine((policy) => policy.imageDays <= policy.eventDays, {
    message: "image retention exceeds event retention: an image cannot outlive its event",
    path: ["imageDays"],
  })
  .meta({ examples: [{ imageDays: 14, eventDays: 90, reason: "agreed with the works council" }] });
export type PolicyInput = z.infer<typeof policySchema>;

export const holdSchema = z
  .strictObject({
    siteId: z.uuid().optional(),
    from: instant.optional(),
    to: instant.optional(),
    kind: z
      .string()
      .regex(/^[A-Za-z0-9._:@/+-]{1,128}$/)
      .optional(),
    subject: text(128).optional(),
    eventIds: z.array(z.uuid()).min(1).max(1000).optional(),
    caseNumber: text(200),
    reason: text(2000),
    owner: text(200),
    reviewOn: z.iso.date(),
  })
  .refine((hold) => !hold.from || !hold.to || Date.parse(hold.from) < Date.parse(hold.to), {
    message: "the hold ends before it begins",
    path: ["to"],
  })
  .meta({
    examples: [
      {
        from: "2026-11-01T00:00:00Z",
        to: "2026-11-08T00:00:00Z",
        caseNumber: "2026-0417",
        reason: "theft at the north gate",
        owner: "Legal",
        reviewOn: "2027-05-01",
      },
    ],
  });
export type HoldInput = z.infer<typeof holdSchema>;

export const erasureSchema = z
  .strictObject({
    subject: text(128).optional(),
    eventIds: z.array(z.uuid()).min(1).max(10_000).optional(),
    /** Erase the images of these events and leave the events. */
    imagesOnly: z.boolean().default(false),
    reason: text(2000),
    /** How it is known that who asks may ask; `evidence` can be erased by the subject `request:<id>`. */
    identity: z.strictObject({ method: text(64), evidence: text(4000).optional() }).optional(),
  })
  .refine((request) => (request.subject === undefined) !== (request.eventIds === undefined), {
    message: "name either a subject or event ids",
    path: ["subject"],
  })
  .meta({ examples: [{ subject: "plate:AB12CDE", reason: "request of the keeper, 2026-11-20" }] });
export type ErasureInput = z.input<typeof erasureSchema>;

/** Arguments of a task `retention.erase`. */
export const eraseArguments = z.strictObject({ day: z.iso.date(), what: z.enum(["events", "images"]) });
export const requestArguments = z.strictObject({ requestId: z.uuid() });
