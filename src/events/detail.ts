import { type Principal, type TenantTx, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import { toHex } from "../record/bytes.ts";
import { eventLines } from "../record/event.ts";
import { inclusionProof } from "../record/proof.ts";
import type { NamedHash } from "../record/row.ts";
import type { Timestamp } from "../record/time.ts";
import { rootOfLeaves } from "../record/tree.ts";
import { unitHash } from "../record/unit.ts";
import {
  type ErasureOfDay,
  type EventRow,
  type ImageOfEvent,
  type Seal,
  selectErasures,
  selectEvent,
  selectImages,
  selectReceived,
  selectSeal,
} from "./store-detail.ts";

export type EventDetail =
  | {
      state: "present";
      eventId: string;
      siteId: string;
      kind: string;
      source: { type: "device" | "api-key"; id: string };
      occurred: Timestamp;
      received: Timestamp;
      bestEffort: boolean;
      /** JSON text, to the byte as it came. */
      body: string;
      /** Declared images; one that is erased has only its number and unit hash. */
      images: ((ImageOfEvent & { state: "pending" | "stored" }) | { n: number; state: "erased"; unitHash: string })[];
      proof: EventProof;
    }
  /** `erasures`: the tombstones that can have taken it. Which one did, a verifier tells from their lists. */
  | { state: "erased"; eventId: string; received: Timestamp; erasures: ErasureOfDay[] };

/** All that it takes to lead the event back to its ledger row (docs/ledger.md "Events and batches"). */
export type EventProof = {
  lines: string;
  bodySalt: string;
  index: number;
  leaf: string;
  /** Audit path from the leaf to the site's root, RFC 6962 section 2.1.1. */
  path: string[];
  siteEvents: number;
  siteRoot: string;
  /** The structural unit `batch` of the row: content, salt, hash. */
  batch: { batchId: string; seq: number; content: string; salt: string; unitHash: string };
  /** The first checkpoint over that row; null until there is one. */
  seal: Seal | null;
};

/**
 * One event with its opening and its way to the ledger row. An event outside the principal's sites is not found; that one
 * was erased is told to those who see every site.
 */
export async function eventDetail(deps: { pool: Pool }, principal: Principal, eventId: string): Promise<EventDetail> {
  return withTenant(deps.pool, principal, async (tx) => {
    const received = await selectReceived(tx, eventId);
    if (!received) throw notFound(`event ${eventId}`);
    const row = await selectEvent(tx, received, eventId);
    if (row) {
      const images = await selectImages(tx, received, eventId);
      return present(principal, row, { images, seal: await selectSeal(tx, row.batchSeq) });
    }
    return erased(tx, principal, eventId, received);
  });
}

async function erased(tx: TenantTx, principal: Principal, eventId: string, received: Timestamp): Promise<EventDetail> {
  const erasures = principal.sites === "all" ? await selectErasures(tx, received) : [];
  if (erasures.length === 0) throw notFound(`event ${eventId}`);
  return { state: "erased", eventId, received, erasures };
}

async function present(
  principal: Principal,
  row: EventRow,
  { images: stored, seal }: { images: ImageOfEvent[]; seal: Seal | null },
): Promise<EventDetail> {
  const { eventId, siteId, kind, occurred, received, bestEffort, body } = row;
  const source = { type: row.sourceType, id: row.sourceId };
  const imageHashes: NamedHash[] = [];
  for (let n = 0; n * 32 < row.imageUnits.length; n++) {
    imageHashes.push({ name: `image.${n}`, hash: toHex(row.imageUnits.subarray(n * 32, n * 32 + 32)) });
  }
  const lines = eventLines({
    tenant: principal.tenantId,
    site: siteId,
    source,
    event: eventId,
    kind,
    occurred,
    received,
    units: [{ name: "body", hash: unitHash("body", row.bodySalt, body) }, ...imageHashes],
  });
  const images = imageHashes.map(({ hash }, n) => {
    const image = stored.find((each) => each.n === n);
    if (!image) return { n, state: "erased" as const, unitHash: hash };
    return { ...image, state: image.stored ? ("stored" as const) : ("pending" as const) };
  });
  const proof = { ...(await proofOf(row, lines)), seal };
  return { state: "present", eventId, siteId, kind, source, occurred, received, bestEffort, body, images, proof };
}

async function proofOf(row: EventRow, lines: string): Promise<Omit<EventProof, "seal">> {
  const leafAt = (n: number): Uint8Array => row.leaves.subarray(n * 32, n * 32 + 32);
  const siteEvents = row.leaves.length / 32;
  const path = await inclusionProof(row.index, siteEvents, (from, to) =>
    rootOfLeaves(Array.from({ length: to - from }, (_, n) => leafAt(from + n))),
  );
  return {
    lines,
    bodySalt: toHex(row.bodySalt),
    index: row.index,
    leaf: toHex(leafAt(row.index)),
    path: path.map((hash) => toHex(hash)),
    siteEvents,
    siteRoot: toHex(row.siteRoot),
    batch: {
      batchId: row.batchId,
      seq: row.batchSeq,
      content: row.batchContent,
      salt: toHex(row.batchSalt),
      unitHash: toHex(row.batchUnitHash),
    },
  };
}
