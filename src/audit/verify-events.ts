import type { Queryable } from "../platform/db.ts";
import { type SiteLine, siteRoot } from "../record/batch.ts";
import { toHex } from "../record/bytes.ts";
import { eventLeaf, eventLines } from "../record/event.ts";
import { FormatError } from "../record/text.ts";
import { hashBytes, tileHashes } from "../record/tiles.ts";
import { unitHash } from "../record/unit.ts";
import type { Fault } from "./row-walker.ts";
import {
  type BatchSite,
  readBatchEvents,
  readBatchImages,
  readBatchSites,
  type StoredEvent,
  type StoredImage,
} from "./store-events.ts";
import type { TombstoneIndex } from "./tombstone-index.ts";
import type { VisibleBatch } from "./verify-openings.ts";

const batchesPerRead = 20;

/** Site roots against leaves, event bodies and images against their leaves; what is missing against tombstones. */
export class EventsCheck {
  events = 0;
  images = 0;
  readonly #tenantId: string;
  readonly #tombstones: TombstoneIndex;
  readonly #fault: (fault: Fault) => void;

  constructor(tenantId: string, tombstones: TombstoneIndex, onFault: (fault: Fault) => void) {
    this.#tenantId = tenantId;
    this.#tombstones = tombstones;
    this.#fault = onFault;
  }

  async check(tx: Queryable, batches: VisibleBatch[]): Promise<void> {
    for (let i = 0; i < batches.length; i += batchesPerRead) {
      const some = batches.slice(i, i + batchesPerRead);
      const keys = { ids: some.map(({ batchId }) => batchId), received: some.map(({ received }) => received) };
      const sites = byKey(await readBatchSites(tx, this.#tenantId, keys), ({ batchId, site }) => `${batchId} ${site}`);
      const events = byKey(await readBatchEvents(tx, this.#tenantId, keys), eventKey);
      const images = byKey(await readBatchImages(tx, this.#tenantId, keys), (image) => `${eventKey(image)} ${image.n}`);
      for (const batch of some) {
        for (const line of batch.parsed.sites)
          this.#site(batch, line, sites.get(`${batch.batchId} ${line.site}`), { events, images });
      }
      for (const event of events.values()) {
        const batch = some.find(({ batchId }) => batchId === event.batchId)!;
        this.#say(batch.seq, `event ${event.event} at index ${event.index}`, "an index within its site line");
      }
    }
  }

  #say(seq: number, found: string, expected: string): void {
    this.#fault({ seq, check: "events", found, expected });
  }

  #site(
    batch: VisibleBatch,
    line: SiteLine,
    stored: BatchSite | undefined,
    { events, images }: { events: Map<string, StoredEvent>; images: Map<string, StoredImage> },
  ): void {
    const day = this.#tombstones.siteDays.get(`${line.site} ${batch.day}`);
    const dayGone = day !== undefined && day.tombstone > batch.seq;
    const leaves = stored ? [...tileHashes(stored.leaves)] : [];
    if (stored && (leaves.length !== line.count || siteRoot(leaves) !== line.root)) {
      this.#say(
        batch.seq,
        `${leaves.length} leaves of site ${line.site} with root ${siteRoot(leaves)}`,
        `${line.count} with ${line.root}`,
      );
    }
    for (let index = 0; index < line.count; index++) {
      const key = `${batch.batchId} ${line.site} ${index}`;
      const place = `${batch.seq} ${line.site} ${index}`;
      const event = events.get(key);
      const listed = this.#tombstones.events.get(place);
      const leaf = leaves[index];
      if (listed) listed.used = true;
      if (event) {
        events.delete(key);
        if (listed || dayGone)
          this.#fault({
            seq: (listed ?? day)!.tombstone,
            check: "tombstone",
            found: `event ${event.event} still there`,
            expected: "erased, as its list says",
          });
        this.#event(batch, event, leaf, images);
      } else if (!dayGone && !(listed && (!leaf || listed.leaf === toHex(leaf)))) {
        this.#say(
          batch.seq,
          `no event at index ${index} of site ${line.site}`,
          "the event, or a tombstone that lists it",
        );
      }
    }
  }

  #event(
    batch: VisibleBatch,
    event: StoredEvent,
    leaf: Uint8Array | undefined,
    images: Map<string, StoredImage>,
  ): void {
    this.events++;
    const units = [{ name: "body", hash: unitHash("body", event.salt, event.body) }];
    for (let n = 0; n * hashBytes < event.imageUnits.length; n++) {
      const hash = event.imageUnits.toString("hex", n * hashBytes, (n + 1) * hashBytes);
      units.push({ name: `image.${n}`, hash });
      this.#image(batch, event, { n, hash }, images.get(`${eventKey(event)} ${n}`));
    }
    try {
      const source = { type: event.sourceType, id: event.sourceId };
      const computed = toHex(eventLeaf(eventLines({ ...event, tenant: this.#tenantId, source, units })));
      const expected = leaf ? toHex(leaf) : "a leaf in its batch";
      if (computed !== expected) this.#say(batch.seq, `event ${event.event} hashes to ${computed}`, expected);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.#say(batch.seq, `event ${event.event}: ${error.message}`, "the lines of ledgerstone/event/v1");
    }
  }

  #image(
    batch: VisibleBatch,
    event: StoredEvent,
    unit: { n: number; hash: string },
    image: StoredImage | undefined,
  ): void {
    const name = `image.${unit.n}`;
    const listed = this.#tombstones.images.get(`${batch.seq} ${event.site} ${event.index} ${name}`);
    const day = this.#tombstones.imageDays.get(`${event.site} ${batch.day}`);
    const dayGone = day !== undefined && day.tombstone > batch.seq;
    if (listed) listed.used = true;
    if (!image) {
      if (!dayGone && listed?.hash !== unit.hash)
        this.#say(batch.seq, `no ${name} of event ${event.event}`, "the image, or a tombstone that lists it");
      return;
    }
    this.images++;
    const computed = unitHash(name, image.salt, image.content);
    if (computed !== unit.hash || image.hash !== unit.hash)
      this.#say(batch.seq, `${name} of event ${event.event} opens to ${computed}`, unit.hash);
    const tombstone = listed?.tombstone ?? (dayGone ? day.tombstone : undefined);
    if (tombstone !== undefined)
      this.#fault({
        seq: tombstone,
        check: "tombstone",
        found: `${name} of event ${event.event} still there`,
        expected: "erased, as its list says",
      });
  }
}

function eventKey({ batchId, site, index }: { batchId: string; site: string; index: number }): string {
  return `${batchId} ${site} ${index}`;
}

function byKey<Row>(rows: Row[], key: (row: Row) => string): Map<string, Row> {
  return new Map(rows.map((row) => [key(row), row]));
}
