import { randomBytes, randomUUID } from "node:crypto";
import { siteRoot } from "../record/batch.ts";
import { compareAscii } from "../record/bytes.ts";
import { eventLines, imageContent } from "../record/event.ts";
import { sha256 } from "../record/sha256.ts";
import { type Timestamp, timestampMillis } from "../record/time.ts";
import { unitHash } from "../record/unit.ts";
import { makeUuidv7 } from "../record/uuidv7.ts";
import type { Admitted } from "./admit.ts";
import { createBodyHash } from "./body-hash.ts";

export type BatchImage = {
  event: Admitted;
  index: number;
  n: number;
  imageId: string;
  salt: Buffer;
  unitHash: Buffer;
};

export type BatchSite = { siteId: string; count: number; root: string; leaves: Buffer };

export type Batch = {
  batchId: string;
  tenantId: string;
  received: Timestamp;
  /** By site, then by event id: the order of the leaves. */
  events: { event: Admitted; index: number; imageUnits: Buffer | null }[];
  bodySalts: Buffer;
  sites: BatchSite[];
  images: BatchImage[];
};

const saltBytes = 32;

/** Hashes and trees of a batch (docs/ledger.md "Events and batches"). `events` are new ones, no id twice. */
export function buildBatch(tenantId: string, received: Timestamp, admitted: readonly Admitted[]): Batch {
  const sorted = [...admitted].sort((a, b) => compareAscii(a.siteId, b.siteId) || compareAscii(a.id, b.id));
  const bodySalts = randomBytes(saltBytes * sorted.length);
  const batch: Batch = { batchId: randomUUID(), tenantId, received, events: [], bodySalts, sites: [], images: [] };
  const bodyHash = createBodyHash();
  let leaves: Uint8Array[] = [];
  for (const [place, event] of sorted.entries()) {
    const index = leaves.length;
    const salt = bodySalts.subarray(place * saltBytes, (place + 1) * saltBytes);
    const images = imageUnits(event, index, timestampMillis(received));
    const lines = eventLines({
      tenant: tenantId,
      site: event.siteId,
      source: event.source,
      event: event.id,
      kind: event.kind,
      occurred: event.occurred,
      received,
      units: [
        { name: "body", hash: bodyHash(salt, event.body, event.bodyBytes) },
        ...images.map(({ n, unitHash }) => ({ name: `image.${n}`, hash: unitHash.toString("hex") })),
      ],
    });
    leaves.push(sha256(`\0${lines}`));
    batch.images.push(...images);
    const units = images.length > 0 ? Buffer.concat(images.map(({ unitHash }) => unitHash)) : null;
    batch.events.push({ event, index, imageUnits: units });
    if (sorted[place + 1]?.siteId !== event.siteId) {
      batch.sites.push({
        siteId: event.siteId,
        count: leaves.length,
        root: siteRoot(leaves),
        leaves: Buffer.concat(leaves),
      });
      leaves = [];
    }
  }
  return batch;
}

/** An image's id tells when its event was received, so that an upload finds its row without looking into every day. */
function imageUnits(event: Admitted, index: number, receivedMs: number): BatchImage[] {
  return event.images.map((image, n) => {
    const salt = randomBytes(saltBytes);
    const hex = unitHash(`image.${n}`, salt, imageContent(image));
    return {
      event,
      index,
      n,
      imageId: makeUuidv7(receivedMs, randomBytes(10)),
      salt,
      unitHash: Buffer.from(hex, "hex"),
    };
  });
}
