import { createHash } from "node:crypto";
import { batchCommit, batchContent, type SiteLine, siteRoot } from "../../src/record/batch.ts";
import { fromHex, toHex } from "../../src/record/bytes.ts";
import { type Checkpoint, signCheckpoint } from "../../src/record/checkpoint.ts";
import {
  type Hold,
  holdPlacedContent,
  type Policy,
  policyContent,
  type Reason,
  reasonContent,
} from "../../src/record/control.ts";
import { type Ed25519Signer, ed25519Signer } from "../../src/record/ed25519.ts";
import { type EventRecord, eventLeaf, eventLines, type ImageType, imageContent } from "../../src/record/event.ts";
import { isControlAction, type NamedHash, type Row, rowHash, rowLines } from "../../src/record/row.ts";
import { timestampMillis } from "../../src/record/time.ts";
import { type TombstoneLine, tombstoneCommit, tombstoneList } from "../../src/record/tombstone.ts";
import { leafHash, rootOfLeaves } from "../../src/record/tree.ts";
import { genesisHash, unitHash } from "../../src/record/unit.ts";
import { makeUuidv7 } from "../../src/record/uuidv7.ts";

// A chain in memory for verifier tests: it shares the formats of record/ with the appliance, and nothing else.

export type StoredOpening = { unit: string; salt: Uint8Array; content: string | Uint8Array };
export type StoredEvent = {
  record: EventRecord;
  lines: string;
  leaf: Uint8Array;
  openings: StoredOpening[];
  erasedBy?: number;
};
export type StoredBatch = {
  seq: number;
  received: string;
  sites: { site: string; events: StoredEvent[]; root: string }[];
};
export type StoredRow = { row: Row; lines: string; hash: string; openings: StoredOpening[] };

export type NewImage = { bytes: Uint8Array; type: ImageType; arrived?: boolean };
export type NewEvent = { site: string; kind: string; body: string; images?: NewImage[] };
export type NewRow = {
  action: string;
  entity: Row["entity"];
  actor?: Row["actor"];
  via?: string;
  commits?: NamedHash[];
  units?: { name: string; content: string | Uint8Array }[];
};

export class TestChain {
  readonly tenant: string;
  readonly appliance: string;
  signer: Ed25519Signer;
  epoch = 1;
  at = "2026-11-01T08:00:00.000000Z";
  rows: StoredRow[] = [];
  batches: StoredBatch[] = [];
  images = new Map<string, { bytes: Uint8Array; type: ImageType }>();
  checkpoints: { checkpoint: Checkpoint; text: string }[] = [];
  #draws = 0;
  readonly #seed: string;

  constructor(seed: string) {
    this.#seed = seed;
    this.tenant = this.uuid();
    this.appliance = this.uuid();
    this.signer = ed25519Signer(this.random());
    this.append({
      action: "ledger.opened",
      entity: { type: "tenant", id: this.tenant },
      actor: { type: "system", id: "appliance" },
      via: "cli",
    });
  }

  /** 32 bytes that depend on the seed alone. */
  random(): Uint8Array {
    return new Uint8Array(
      createHash("sha256")
        .update(`${this.#seed} ${this.#draws++}`)
        .digest(),
    );
  }

  uuid(): string {
    const hex = toHex(this.random());
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }

  open(unit: string, content: string | Uint8Array): { opening: StoredOpening; hash: string } {
    const salt = this.random();
    return { opening: { unit, salt, content }, hash: unitHash(unit, salt, content) };
  }

  append(entry: NewRow): StoredRow {
    const before = this.rows.at(-1);
    const units = (entry.units ?? []).map(({ name, content }) => this.open(name, content));
    units.sort((a, b) => (a.opening.unit < b.opening.unit ? -1 : 1));
    const row: Row = {
      tenant: this.tenant,
      epoch: this.epoch,
      seq: this.rows.length + 1,
      prev: before?.hash ?? genesisHash(this.tenant),
      at: this.at,
      actor: entry.actor ?? { type: "system", id: "executor" },
      via: entry.via ?? "cron",
      action: entry.action,
      entity: entry.entity,
      correlation: this.uuid(),
      control: this.rows.findLast(({ row: earlier }) => isControlAction(earlier.action))?.row.seq ?? 0,
      commits: entry.commits ?? [],
      units: units.map(({ opening, hash }) => ({ name: opening.unit, hash })),
    };
    const lines = rowLines(row);
    const stored = { row, lines, hash: rowHash(lines), openings: units.map(({ opening }) => opening) };
    this.rows.push(stored);
    return stored;
  }

  policy(policy: Omit<Policy, "effective">): StoredRow {
    const content = policyContent({ ...policy, effective: this.at });
    return this.append({
      action: "ledger.policy",
      entity: { type: "policy", id: this.uuid() },
      units: [{ name: "policy", content }],
    });
  }

  placeHold(hold: Omit<Hold, "hold">): string {
    const id = this.uuid();
    const units = [
      { name: "hold", content: holdPlacedContent({ hold: id, ...hold }) },
      { name: "detail", content: '{"reason":"court order","case":"4 Ws 12/26"}' },
    ];
    this.append({ action: "ledger.hold.placed", entity: { type: "hold", id }, units });
    return id;
  }

  #event(entry: NewEvent, order: number): StoredEvent {
    const body = this.open("body", entry.body);
    const images = (entry.images ?? []).map((image, n) => {
      const sha256 = createHash("sha256").update(image.bytes).digest("hex");
      if (image.arrived !== false) this.images.set(sha256, image);
      return this.open(`image.${n}`, imageContent({ sha256, bytes: image.bytes.length, type: image.type }));
    });
    const record: EventRecord = {
      tenant: this.tenant,
      site: entry.site,
      source: { type: "device", id: "11111111-2222-4333-8444-555555555555" },
      event: makeUuidv7(timestampMillis(this.at) - 1000 + order, this.random()),
      kind: entry.kind,
      occurred: `${this.at.slice(0, 20)}000000Z`,
      received: this.at,
      units: [body, ...images].map(({ opening, hash }) => ({ name: opening.unit, hash })),
    };
    const lines = eventLines(record);
    const openings = [body, ...images].map(({ opening }) => opening);
    return { record, lines, leaf: eventLeaf(lines), openings };
  }

  record(entries: NewEvent[]): StoredBatch {
    const seq = this.rows.length + 1;
    const bySite = Map.groupBy(entries, ({ site }) => site);
    const sites = [...bySite.keys()].sort().map((site) => {
      const events = bySite.get(site)!.map((entry, order) => this.#event(entry, order));
      events.sort((a, b) => (a.record.event < b.record.event ? -1 : 1));
      return { site, events, root: siteRoot(events.map(({ leaf }) => leaf)) };
    });
    const lines: SiteLine[] = sites.map(({ site, events, root }) => ({ site, count: events.length, root }));
    this.append({
      action: "events.recorded",
      entity: { type: "batch", id: this.uuid() },
      actor: { type: "system", id: "ingest" },
      via: "mqtt",
      commits: [{ name: "events", hash: batchCommit(lines) }],
      units: [{ name: "batch", content: batchContent({ received: this.at, sites: lines }) }],
    });
    const batch = { seq, received: this.at, sites };
    this.batches.push(batch);
    return batch;
  }

  /** Appends a tombstone; the caller removes what it lists. */
  entomb(reason: Reason, lines: TombstoneLine[]): StoredRow {
    const list = tombstoneList(lines);
    return this.append({
      action: "ledger.erased",
      entity: { type: "erasure", id: this.uuid() },
      commits: [{ name: "erased", hash: tombstoneCommit(list) }],
      units: [
        { name: "list", content: list },
        { name: "reason", content: reasonContent(reason) },
      ],
    });
  }

  /** MTH of the rows from..to, half-open, from 0. */
  subtree = (from: number, to: number): Uint8Array =>
    rootOfLeaves(this.rows.slice(from, to).map(({ hash }) => leafHash(fromHex(hash))));

  seal(): { checkpoint: Checkpoint; text: string } {
    const { appliance, tenant, epoch } = this;
    const size = this.rows.length;
    const checkpoint = { appliance, tenant, epoch, size, root: this.subtree(0, size), sealed: this.at };
    const sealed = { checkpoint, text: signCheckpoint(checkpoint, this.signer) };
    this.checkpoints.push(sealed);
    return sealed;
  }

  batch(seq: number): StoredBatch {
    const batch = this.batches.find((candidate) => candidate.seq === seq);
    if (!batch) throw new Error(`found no batch at row ${seq}`);
    return batch;
  }

  events(seq: number, site: string): StoredEvent[] {
    return this.batch(seq).sites.find((entry) => entry.site === site)?.events ?? [];
  }
}
