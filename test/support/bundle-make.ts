import { certificateName, checkpointName, consistencyName, imageName, names } from "../../src/record/bag.ts";
import { encodeUtf8, toBase64, toHex } from "../../src/record/bytes.ts";
import {
  compareWithheld,
  eventOpeningLine,
  eventPlaceLine,
  leavesLine,
  rowOpeningLine,
  withheldLine,
} from "../../src/record/carried.ts";
import { certificateJson } from "../../src/record/certificate.ts";
import { parseReason, type Reason } from "../../src/record/control.ts";
import { imageTypes, parseImageContent } from "../../src/record/event.ts";
import { outsideHashes } from "../../src/record/outside.ts";
import { consistencyProof } from "../../src/record/proof.ts";
import { isControlAction } from "../../src/record/row.ts";
import { type Scope, type ScopeSite, scopeJson, type Trust, trustJson } from "../../src/record/scope.ts";
import {
  erasuresLine,
  eventsLine,
  type ImageState,
  imagesLine,
  rowsLine,
  type UnitState,
} from "../../src/record/tables.ts";
import { parseTombstoneList, type TombstoneLine } from "../../src/record/tombstone.ts";
import { isStructuralUnit } from "../../src/record/unit.ts";
import { type Files, finishBag } from "./bundle-bag.ts";
import type { StoredEvent, StoredRow, TestChain } from "./bundle-chain.ts";
import { type Draft, emptyDraft } from "./bundle-draft.ts";

export type BundleSpec = {
  range: { from: number; to: number } | null;
  extra?: number[];
  sites: ScopeSite[];
  /** events that are held back */
  withholdEvent?: (event: StoredEvent, seq: number) => boolean;
  /** units of rows that are held back */
  withholdUnit?: (unit: string, seq: number) => boolean;
  /** images (sha256) whose file is held back */
  withholdImage?: (sha256: string) => boolean;
  trust: Trust;
};

type Context = {
  chain: TestChain;
  spec: BundleSpec;
  draft: Draft;
  inScope: (seq: number) => boolean;
  tombstones: Told[];
};
type Told = { stored: StoredRow; reason: Reason; lines: TombstoneLine[] };

function erasedUnits(tombstones: Told[], seq: number, unit: string): boolean {
  return tombstones.some(({ lines }) =>
    lines.some(
      (line) =>
        (line.kind === "opening" && line.seq === seq && line.unit === unit) ||
        (line.kind === "openings" && line.from <= seq && seq <= line.to && line.unit === unit),
    ),
  );
}

function addUnits({ spec, draft, inScope, tombstones }: Context, stored: StoredRow): UnitState[] {
  const { seq } = stored.row;
  return stored.row.units.map(({ name }): UnitState => {
    const opening = stored.openings.find(({ unit }) => unit === name);
    if (!opening) return name === "batch" || erasedUnits(tombstones, seq, name) ? "erased" : "outside";
    if (!isStructuralUnit(name) && !inScope(seq)) return "outside";
    if (!isStructuralUnit(name) && spec.withholdUnit?.(name, seq)) {
      draft.withheld.push({ kind: "unit", seq, unit: name });
      draft.counts.withheldUnits++;
      return "withheld";
    }
    draft.openings += rowOpeningLine({ seq, ...opening });
    draft.counts.openings++;
    return "shown";
  });
}

function addImage(
  context: Context,
  event: StoredEvent,
  place: { seq: number; index: number },
  unit: string,
): ImageState {
  const { chain, spec, draft } = context;
  const opening = event.openings.find((candidate) => candidate.unit === unit);
  if (!opening) return { state: "erased" };
  const image = parseImageContent(String(opening.content));
  const stored = chain.images.get(image.sha256);
  if (!stored || spec.withholdImage?.(image.sha256)) {
    draft.withheld.push({ kind: "image", ...place, site: event.record.site, unit });
    draft.counts.withheldImages++;
    return { state: "absent", image };
  }
  const file = imageName(image.sha256, imageTypes[image.type]);
  draft.images.set(file, stored.bytes);
  return { state: "present", image, file };
}

function addEvent(context: Context, event: StoredEvent, seq: number, index: number): void {
  const { draft, spec } = context;
  const site = spec.sites.find(({ id }) => id === event.record.site)!;
  const placed = { seq, index, site, event: event.record };
  draft.events.push(event.lines);
  draft.places += eventPlaceLine({ seq, site: site.id, index });
  draft.counts.events++;
  for (const opening of event.openings)
    draft.eventOpenings += eventOpeningLine({ event: event.record.event, ...opening });
  draft.counts.eventOpenings += event.openings.length;
  draft.tables.events += eventsLine(placed, String(event.openings[0]!.content));
  for (const { name } of event.record.units.slice(1)) {
    draft.tables.images += imagesLine(placed, name, addImage(context, event, { seq, index }, name));
  }
}

function addBatch(context: Context, seq: number): void {
  const { chain, spec, draft } = context;
  for (const { site, events } of chain.batch(seq).sites) {
    let visible = 0;
    for (const [index, event] of events.entries()) {
      if (event.erasedBy !== undefined) continue;
      if (spec.withholdEvent?.(event, seq)) {
        draft.counts.withheldEvents++;
        const last = draft.withheld.at(-1);
        const joins = last?.kind === "events" && last.seq === seq && last.site === site && last.to === index - 1;
        if (joins) last.to = index;
        else draft.withheld.push({ kind: "events", seq, site, from: index, to: index });
        continue;
      }
      visible++;
      addEvent(context, event, seq, index);
    }
    if (visible > 0 && visible < events.length) {
      draft.leaves += leavesLine({ seq, site, leaves: Buffer.concat(events.map(({ leaf }) => leaf)) });
    }
  }
}

function addTombstones({ draft, inScope, tombstones }: Context): void {
  for (const { stored, reason, lines } of tombstones) {
    for (const line of lines) draft.tables.erasures += erasuresLine(stored.row, reason.basis, line);
    if (!inScope(stored.row.seq)) continue;
    const statement = { lastBackupExpires: null, disclosedBy: [] };
    const text = certificateJson({ row: stored.row, rowHash: stored.hash, reason, lines }, statement);
    draft.certificates.set(certificateName(stored.row.entity.id), encodeUtf8(text));
  }
  draft.counts.certificates = draft.certificates.size;
}

function readTombstones(chain: TestChain): Told[] {
  return chain.rows
    .filter(({ row }) => row.action === "ledger.erased")
    .map((stored) => {
      const content = (unit: string) => String(stored.openings.find((opening) => opening.unit === unit)!.content);
      return { stored, reason: parseReason(content("reason")), lines: parseTombstoneList(content("list")) };
    });
}

async function proofFiles(chain: TestChain, carried: number[], files: Files): Promise<void> {
  const size = chain.rows.length;
  let outside = "";
  const indices = carried.map((seq) => seq - 1);
  for await (const hash of outsideHashes(size, indices, chain.subtree)) outside += `${toHex(hash)}\n`;
  files.set(names.outside, encodeUtf8(outside));
  const main = chain.checkpoints.find(({ checkpoint }) => checkpoint.size === size) ?? chain.seal();
  files.set(checkpointName(main.checkpoint.epoch, size), encodeUtf8(main.text));
  for (const { checkpoint } of chain.checkpoints) {
    if (checkpoint.size >= size || checkpoint.epoch !== chain.epoch) continue;
    const proof = await consistencyProof(checkpoint.size, size, chain.subtree);
    const text = proof.map((hash) => `${toBase64(hash)}\n`).join("");
    files.set(consistencyName(checkpoint.size, size), encodeUtf8(text));
  }
}

/** A whole bundle, unsigned by CMS. Seals the chain when its end has no checkpoint yet. */
export async function makeBundle(chain: TestChain, spec: BundleSpec): Promise<Files> {
  const { range, extra = [] } = spec;
  const inScope = (seq: number) => (range !== null && seq >= range.from && seq <= range.to) || extra.includes(seq);
  const size = chain.rows.length;
  const carried = chain.rows.filter(({ row }) => inScope(row.seq) || isControlAction(row.action) || row.seq === size);
  const draft = emptyDraft();
  const context: Context = { chain, spec, draft, inScope, tombstones: readTombstones(chain) };
  for (const stored of carried) {
    draft.rows.push(stored.lines);
    draft.tables.rows += rowsLine(stored.row, stored.hash, addUnits(context, stored));
    if (stored.row.action === "events.recorded" && inScope(stored.row.seq)) addBatch(context, stored.row.seq);
  }
  draft.counts.rows = carried.length;
  addTombstones(context);
  draft.counts.images = draft.images.size;
  for (const bytes of draft.images.values()) draft.counts.imageBytes += bytes.length;
  const scope: Scope = {
    format: "ledgerstone/bundle/v1",
    tenant: chain.tenant,
    range,
    extra,
    filters: { sites: null, from: null, to: null, kinds: null, events: null },
    sites: spec.sites,
    checkpoint: { epoch: chain.epoch, size },
    counts: draft.counts,
    made: chain.at,
  };
  const files: Files = new Map([...draft.images, ...draft.certificates]);
  const text: [string, string][] = [
    [names.scope, scopeJson(scope)],
    [names.rows, draft.rows.join("\n")],
    [names.openings, draft.openings],
    [names.withheld, draft.withheld.sort(compareWithheld).map(withheldLine).join("")],
    [names.trust, trustJson(spec.trust)],
    [names.leaves, draft.leaves],
    [names.events, draft.events.join("\n")],
    [names.eventsIndex, draft.places],
    [names.eventOpenings, draft.eventOpenings],
    [names.rowsTable, draft.tables.rows],
    [names.eventsTable, draft.tables.events],
    [names.imagesTable, draft.tables.images],
    [names.erasuresTable, draft.tables.erasures],
    [names.report, "<!doctype html><title>Report</title>"],
  ];
  for (const [name, content] of text) files.set(name, encodeUtf8(content));
  await proofFiles(
    chain,
    carried.map(({ row }) => row.seq),
    files,
  );
  return finishBag(files, chain.tenant);
}
