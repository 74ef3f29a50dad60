import { z } from "zod";
import { actor, count, day, sha256, timestamp, uuid } from "../platform/formats.ts";
import { nextPage } from "../platform/sorted-list.ts";
import type { PolicyPreview, SiteRetention } from "./policies.ts";
import type { ErasureCertificate } from "./requests.ts";
import type { Policy, SiteDay } from "./store.ts";
import type { Hold } from "./store-holds.ts";
import type { KeptDay, Tombstone } from "./store-lists.ts";
import type { CertificateTombstone, Disclosure, ErasureRequest } from "./store-requests.ts";

const policyFields = {
  siteId: uuid,
  version: count,
  imageDays: count,
  eventDays: count,
  decidedAt: timestamp,
  effectiveAt: timestamp,
};
export const policy = z.object(policyFields).meta({ id: "Policy" }) satisfies z.ZodType<Policy>;
const keptTimes = z
  .object({
    atMostHours: count.meta({ description: "Nothing is kept longer than this after its receipt" }),
    atLeastDays: count.meta({ description: "Nothing is erased before this after its receipt" }),
  })
  .meta({ id: "KeptTimes" });
export const retentionAnswer = z.object({
  inForce: z.object({ ...policyFields, images: keptTimes, events: keptTimes }),
  pending: policy.nullable().meta({ description: "Decided, still in its cooling-off" }),
  history: z.array(policy),
}) satisfies z.ZodType<SiteRetention>;
export const policySetAnswer = z
  .object({ version: count, seq: count, effectiveAt: timestamp })
  .meta({ id: "PolicySet", description: "`seq`: the ledger row" });

const siteDay = z
  .object({
    day,
    events: count,
    bytes: count,
    images: count,
    imageBytes: count,
    eventsDue: z.boolean(),
    imagesDue: z.boolean(),
    heldBy: z.array(uuid),
  })
  .meta({ id: "SiteDay" }) satisfies z.ZodType<SiteDay>;
export const previewAnswer = z.object({
  shortens: z.boolean(),
  coolingOffHours: count,
  days: z.array(siteDay),
  total: z.object({ days: count, events: count, images: count, bytes: count, heldDays: count }),
  images: keptTimes,
  events: keptTimes,
}) satisfies z.ZodType<PolicyPreview>;
const keptDay = z
  .object({ day, events: count, bytes: count, images: count, imageBytes: count })
  .meta({ id: "KeptDay" }) satisfies z.ZodType<KeptDay>;
export const keptDaysAnswer = z.object({ days: z.array(keptDay) });
export const confirmedAnswer = z.object({
  events: count.meta({ description: "Due now" }),
  stop: z.string().nullable().meta({ description: "The safety stop that this ended" }),
});

const holdFields = {
  holdId: uuid,
  siteId: uuid.nullable().meta({ description: "Null: every site" }),
  from: timestamp.nullable(),
  to: timestamp.nullable(),
  kind: z.string().nullable(),
  hasSubject: z.boolean().meta({ description: "Limited to one subject; which one is kept as an HMAC alone" }),
  eventIds: z.array(uuid).nullable(),
  caseNumber: z.string(),
  reason: z.string(),
  owner: z.string(),
  reviewOn: day,
  placedAt: timestamp,
  releasedAt: timestamp.nullable(),
};
const coverage = { events: count, days: count };
export const holdAnswer = z.object(holdFields).meta({ id: "Hold" }) satisfies z.ZodType<Hold>;
export const holdsAnswer = z.object({ holds: z.array(holdAnswer), next: nextPage });
export const placedHoldAnswer = z
  .object({ ...holdFields, ...coverage })
  .meta({ id: "PlacedHold", description: "With how much it takes in now" });
export const coverageAnswer = z.object(coverage);

const basis = z.enum(["retention", "request", "hold-release", "offboarding"]);
const erased = {
  erasureId: uuid,
  seq: count,
  at: timestamp,
  events: count,
  images: count,
  openings: count,
  bytes: count,
  filesPending: count.meta({ description: "Files still to be removed" }),
  filesGoneAt: timestamp.nullable(),
  journalledAt: timestamp.nullable(),
};
const tombstone = z
  .object({
    ...erased,
    basis,
    requestId: uuid.nullable(),
    what: z.enum(["day", "site-day", "image-day", "events", "images", "openings"]),
    siteId: uuid.nullable().meta({ description: "Of one site's day; null: of all sites, or of single events" }),
    day: day.nullable().meta({ description: "The UTC day of receipt of what it took; null: of several" }),
  })
  .meta({ id: "Tombstone" }) satisfies z.ZodType<Tombstone>;
export const tombstonesAnswer = z.object({ erasures: z.array(tombstone), next: nextPage });

const requestFields = {
  requestId: uuid,
  basis: basis.exclude(["retention"]),
  hasSubject: z.boolean(),
  eventIds: count.nullable().meta({ description: "How many single events it names" }),
  imagesOnly: z.boolean(),
  requestedBy: actor,
  seq: count,
  requestedAt: timestamp,
  state: z.enum(["open", "held", "done", "cancelled"]),
  finishedAt: timestamp.nullable(),
  caseId: uuid.nullable().meta({ description: "The case that it was made for" }),
  userId: uuid.nullable().meta({ description: "The account that it erases" }),
};
const request = z.object(requestFields).meta({ id: "ErasureRequest" }) satisfies z.ZodType<ErasureRequest>;
export const requestsAnswer = z.object({ requests: z.array(request), next: nextPage });
export const requestedAnswer = z
  .object({
    ...requestFields,
    taskId: uuid,
    found: z.object({ events: count, held: count, heldBy: z.array(uuid) }),
  })
  .meta({ id: "ErasureRequested" });

const certified = z.object({ ...erased, rowHash: sha256 }) satisfies z.ZodType<CertificateTombstone>;
const disclosure = z.object({
  exportId: uuid,
  madeAt: timestamp,
  madeBy: actor,
  state: z.string(),
  certain: z.boolean().meta({ description: "False: it may have been in there" }),
}) satisfies z.ZodType<Disclosure>;
export const certificateAnswer = z
  .object({
    request,
    held: z.object({ events: count, heldBy: z.array(uuid) }),
    total: z.object({ events: count, images: count, openings: count, bytes: count }),
    tombstones: z.array(certified),
    disclosures: z.array(disclosure).meta({ description: "Exports that had it; copies outside are not erased" }),
    complete: z.boolean(),
  })
  .meta({ id: "ErasureCertificate" }) satisfies z.ZodType<ErasureCertificate>;
