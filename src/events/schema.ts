import { z } from "zod";
import { count, hex, sha256, timestamp, uuid } from "../platform/formats.ts";
import type { EventDetail, EventProof } from "./detail.ts";
import type { EventPage } from "./page.ts";
import type { Received } from "./received.ts";
import type { EventSummary } from "./store.ts";

const source = z.object({ type: z.enum(["device", "api-key"]), id: z.string() });
const shared = {
  eventId: uuid,
  siteId: uuid,
  received: timestamp,
  occurred: timestamp,
  kind: z.string(),
  source,
  bestEffort: z.boolean().meta({ description: "From a listener without certificates" }),
  body: z.string().meta({ description: "JSON text, to the byte as it came" }),
};

const summary = z
  .object({
    ...shared,
    images: count.meta({ description: "How many the event declares" }),
    imagesKept: count.meta({ description: "Of them, those that are not erased: here, or still to come" }),
  })
  .meta({ id: "Event" }) satisfies z.ZodType<EventSummary>;
export const eventPageAnswer = z.object({
  events: z.array(summary),
  next: z.string().nullable().meta({ description: "`after` of the next page; null: there is no more" }),
  searchedTo: timestamp.optional().meta({ description: "Of a search for text: how far back it has looked" }),
}) satisfies z.ZodType<EventPage>;

const image = z.object({
  n: count,
  imageId: uuid,
  sha256,
  bytes: count,
  mediaType: z.string(),
  salt: hex,
  stored: z.boolean(),
  hasThumbnail: z.boolean(),
  state: z.enum(["pending", "stored"]),
});
const erasedImage = z.object({ n: count, state: z.literal("erased"), unitHash: sha256 });
const proof = z
  .object({
    lines: z.string(),
    bodySalt: hex,
    index: count,
    leaf: sha256,
    path: z.array(sha256).meta({ description: "Audit path from the leaf to the site's root (RFC 6962, 2.1.1)" }),
    siteEvents: count,
    siteRoot: sha256,
    batch: z.object({ batchId: uuid, seq: count, content: z.string(), salt: hex, unitHash: sha256 }),
    seal: z
      .object({ epoch: count, size: count, sealedAt: timestamp })
      .nullable()
      .meta({ description: "The first checkpoint over the batch's row; null until there is one" }),
  })
  .meta({ id: "EventProof", description: "Leads the event back to its ledger row" }) satisfies z.ZodType<EventProof>;
const tombstone = z.object({ erasureId: uuid, seq: count, basis: z.string(), at: timestamp });

export const eventAnswer = z.discriminatedUnion("state", [
  z
    .object({ state: z.literal("present"), ...shared, images: z.array(z.union([image, erasedImage])), proof })
    .meta({ id: "PresentEvent" }),
  z
    .object({ state: z.literal("erased"), eventId: uuid, received: timestamp, erasures: z.array(tombstone) })
    .meta({ id: "ErasedEvent", description: "`erasures`: the tombstones that can have taken it" }),
]) satisfies z.ZodType<EventDetail>;

const amounts = {
  events: count,
  bytes: count.meta({ description: "Of the events' bodies" }),
  images: count.meta({ description: "Declared by the events" }),
  imageBytes: count,
};
export const receivedAnswer = z.object({
  step: z.enum(["hour", "day"]),
  points: z
    .array(z.object({ at: timestamp, ...amounts }))
    .meta({ description: "Without a gap, oldest first; the last one is still under way" }),
  total: z.object(amounts),
}) satisfies z.ZodType<Received>;
