import { certificateName } from "../record/bag.ts";
import { eventsRecordedAction } from "../record/batch.ts";
import { decodeUtf8 } from "../record/bytes.ts";
import type { RowOpening, Withheld } from "../record/carried.ts";
import { certificateJson, parseStatement } from "../record/certificate.ts";
import type { NamedHash, Row } from "../record/row.ts";
import type { ScopeCounts } from "../record/scope.ts";
import { rowsLine, type UnitState } from "../record/tables.ts";
import { FormatError } from "../record/text.ts";
import { isStructuralUnit, unitHash } from "../record/unit.ts";
import { walkBatch } from "./batch-walk.ts";
import { type Chain, type HashedRow, openRows } from "./chain.ts";
import { placeOf, type Tombstone } from "./erasures.ts";
import { readWhole } from "./lines.ts";
import { openFile, type Run } from "./run.ts";
import { startWalk, takeOpenings, takeWithheld, type Walk } from "./walk.ts";

type RowHere = { row: Row; openings: Map<string, RowOpening>; withheld: Withheld[] };

/** Tombstones that list this unit (10). */
function erasedBy(walk: Walk, row: Row, unit: NamedHash): Tombstone[] {
  const by = walk.days.rangesOf(row.seq, unit).map((counted) => counted.by);
  for (const { line, by: tombstone } of walk.erasures.openingsOf(row.seq)) {
    if (line.unit !== unit.name || tombstone.row.seq <= row.seq) continue;
    if (line.hash !== unit.hash)
      walk.run.report.fail(10, placeOf(tombstone), `found another hash for unit ${unit.name} of row ${row.seq}`);
    by.push(tombstone);
  }
  return by;
}

function judgeStructural(walk: Walk, { row, openings }: RowHere, unit: NamedHash, withheld: boolean): UnitState {
  const { report } = walk.run;
  if (withheld) report.fail(7, `row ${row.seq}`, `found structural unit ${unit.name} withheld, which never is`);
  if (openings.has(unit.name)) return "shown";
  const mayBeErased = unit.name === "batch" && row.action === eventsRecordedAction;
  if (!mayBeErased) report.fail(7, `row ${row.seq}`, `found no opening of structural unit ${unit.name}`);
  return mayBeErased ? "erased" : "outside";
}

/** Checks 7 and 10 for one unit of a row. */
function judgeUnit(walk: Walk, here: RowHere, unit: NamedHash): UnitState {
  const { report } = walk.run;
  const place = `row ${here.row.seq}`;
  const opening = here.openings.get(unit.name);
  if (opening && unitHash(unit.name, opening.salt, opening.content) !== unit.hash) {
    report.fail(7, place, `found an opening that does not match unit ${unit.name}`);
  }
  const withheld = here.withheld.some((entry) => entry.kind === "unit" && entry.unit === unit.name);
  if (isStructuralUnit(unit.name)) return judgeStructural(walk, here, unit, withheld);
  const [by] = erasedBy(walk, here.row, unit);
  if (withheld) walk.counts.withheldUnits++;
  if (opening && by) report.fail(10, place, `found unit ${unit.name} open, although ${placeOf(by)} erased it`);
  if (opening && withheld) report.fail(10, place, `found unit ${unit.name} open and withheld`);
  if (by && withheld) report.fail(10, place, `found unit ${unit.name} erased by ${placeOf(by)} and withheld`);
  if (opening) return "shown";
  if (by) return "erased";
  if (withheld) return "withheld";
  if (walk.inScope(here.row.seq)) report.fail(10, place, `found unit ${unit.name} absent, neither erased nor withheld`);
  return "outside";
}

/** Nothing may speak of a unit that the row does not have. */
function judgeForeign(walk: Walk, { row, openings, withheld }: RowHere): void {
  const { report } = walk.run;
  const place = `row ${row.seq}`;
  const known = new Set(row.units.map(({ name }) => name));
  for (const unit of openings.keys())
    if (!known.has(unit)) report.fail(7, place, `found an opening of unit ${unit}, which it never had`);
  for (const entry of withheld) {
    if (entry.kind === "unit" && !known.has(entry.unit))
      report.fail(10, place, `found unit ${entry.unit} withheld, which it never had`);
    if (entry.kind !== "unit" && row.action !== eventsRecordedAction)
      report.fail(10, place, "found events withheld of a row without events");
  }
  for (const { line, by } of walk.erasures.openingsOf(row.seq)) {
    if (!known.has(line.unit))
      report.fail(10, placeOf(by), `found unit ${line.unit} of row ${row.seq} listed, which it never had`);
  }
  if (row.action !== eventsRecordedAction && walk.erasures.sitesOfBatch(row.seq).length > 0) {
    report.fail(10, place, "found a tombstone for events of a row without events");
  }
}

async function walkRow(walk: Walk, { row, hash }: HashedRow): Promise<void> {
  const openings = await takeOpenings(walk, row.seq);
  const here: RowHere = { row, openings, withheld: await takeWithheld(walk, row.seq) };
  const states = row.units.map((unit) => judgeUnit(walk, here, unit));
  judgeForeign(walk, here);
  walk.tables.rows.add(rowsLine(row, hash, states));
  walk.counts.rows++;
  if (row.action === eventsRecordedAction) await walkBatch(walk, row, openings.get("batch")?.content, here.withheld);
}

function judgeLeftovers(walk: Walk): void {
  for (const cursor of Object.values(walk.cursors)) {
    if (cursor.current) cursor.fail("found something that no carried row has a place for");
  }
  const { report, bag } = walk.run;
  for (const name of bag.source.names) {
    if (!name.startsWith("data/images/")) continue;
    walk.counts.images++;
    walk.counts.imageBytes += bag.source.sizeOf(name);
    if (!walk.imageFiles.has(name)) report.fail(9, name, "found an image that no event in the bundle names");
  }
}

async function checkCertificates(walk: Walk): Promise<void> {
  const { report, bag } = walk.run;
  const expected = new Set<string>();
  for (const { row, hash, reason, lines } of walk.erasures.tombstones) {
    if (!reason || !walk.inScope(row.seq)) continue;
    const name = certificateName(row.entity.id);
    expected.add(name);
    if (!bag.source.names.includes(name)) {
      report.fail(11, name, `found no certificate of row ${row.seq}`);
      continue;
    }
    try {
      const bytes = await readWhole(openFile(walk.run, name), 16 * 1024 * 1024);
      const statement = parseStatement(bytes);
      if (decodeUtf8(bytes) !== certificateJson({ row, rowHash: hash, reason, lines }, statement)) {
        report.fail(11, name, `found a certificate unlike the one that row ${row.seq} gives`);
      }
    } catch (error) {
      if (!(error instanceof FormatError || error instanceof TypeError)) throw error;
      report.fail(11, name, error.message);
    }
  }
  walk.counts.certificates = expected.size;
  for (const name of bag.source.names) {
    if (name.startsWith("data/erasures/") && !expected.has(name))
      report.fail(11, name, "found a certificate of no row in scope");
  }
}

function compareCounts(walk: Walk): void {
  for (const [key, count] of Object.entries(walk.counts) as [keyof ScopeCounts, number][]) {
    const claimed = walk.run.bag.scope.counts[key];
    if (claimed !== count)
      walk.run.report.fail(11, "data/scope.json", `found counts.${key} ${claimed}, expected ${count}`);
  }
}

function reportWithheld(walk: Walk): void {
  const { report, options } = walk.run;
  const { withheldUnits, withheldEvents, withheldImages } = walk.counts;
  const total = withheldUnits + withheldEvents + withheldImages;
  report.note(
    10,
    `${total} withheld, existence not shown (${withheldUnits} units, ${withheldEvents} events, ${withheldImages} images)`,
  );
  if (total > 0 && options.requireAll)
    report.fail(10, "data/ledger/withheld.txt", `found ${total} withheld, expected none (--require-all)`);
  if (walk.rules.discretionary > 0)
    report.note(10, `discretionary: ${walk.rules.discretionary} (tombstones with another basis than retention)`);
  if (walk.rules.undecided > 0)
    report.note(
      10,
      `${walk.rules.undecided} listed items of which holds or due dates cannot be decided from what is left`,
    );
}

export type Contents = { counts: ScopeCounts; discretionary: number; undecided: number; tombstones: number };

/** Checks 7 to 11, in one walk over the rows. Throws CheckFailure where the walk cannot go on. */
export async function checkContents(run: Run, chain: Chain): Promise<Contents> {
  const walk = await startWalk(run, chain);
  const rows = await openRows(run);
  for (let entry = rows.current; entry; entry = rows.current) {
    await walkRow(walk, entry);
    if (rows.number % 200 === 0)
      run.progress({ step: "checking contents", done: rows.number, total: chain.seqs.length });
    await rows.advance();
  }
  judgeLeftovers(walk);
  walk.days.finish();
  walk.rules.judgeSingles(walk.erasures, walk.batchAt);
  reportWithheld(walk);
  walk.tables.compare(run, walk.erasures);
  await checkCertificates(walk);
  compareCounts(walk);
  run.report.detail(8, `${walk.counts.events} events`);
  run.report.detail(9, `${walk.counts.images} images, ${walk.counts.imageBytes} bytes`);
  run.report.detail(10, `${walk.erasures.tombstones.length} tombstones`);
  const { discretionary, undecided } = walk.rules;
  return { counts: walk.counts, discretionary, undecided, tombstones: walk.erasures.tombstones.length };
}
