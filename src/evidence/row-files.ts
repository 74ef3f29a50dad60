import { certificateName, names } from "../record/bag.ts";
import { toHex } from "../record/bytes.ts";
import { compareWithheld, rowOpeningLine, type Withheld, withheldLine } from "../record/carried.ts";
import { certificateJson, type ErasedCounts, erasedCounts } from "../record/certificate.ts";
import { type ErasureBasis, parseReason } from "../record/control.ts";
import { parseRow, type Row } from "../record/row.ts";
import { erasuresHeader, erasuresLine, rowsHeader, rowsLine, type UnitState } from "../record/tables.ts";
import { erasedAction, parseTombstoneList } from "../record/tombstone.ts";
import { isStructuralUnit } from "../record/unit.ts";
import type { CarriedRow, RowOpeningRow } from "./store-snapshot.ts";
import { type FinishedPart, openTextPart } from "./text-part.ts";
import type { Workplace } from "./workplace.ts";

export type Erasure = { seq: number; at: string; erasure: string; basis: ErasureBasis; counts: ErasedCounts };

export type RowTotals = {
  rows: number;
  openings: number;
  withheldUnits: number;
  certificates: number;
  actions: Map<string, number>;
  withheldNames: Map<string, number>;
  erasures: Erasure[];
  erased: ErasedCounts;
};

export type RowInput = { carried: CarriedRow; openings: RowOpeningRow[]; inScope: boolean };

export type RowFiles = {
  totals: RowTotals;
  /** Returns what of the row is withheld, for withheld.txt. */
  write(input: RowInput): Promise<{ row: Row; withheld: Withheld[] }>;
  finish(): Promise<FinishedPart[]>;
};

/** data/ledger/rows.txt and openings.jsonl, the tables of rows and erasures, and the certificates. */
export async function openRowFiles(workplace: Workplace, withholdUnits: "all" | string[]): Promise<RowFiles> {
  const rows = await openTextPart(workplace, names.rows);
  const openings = await openTextPart(workplace, names.openings);
  const rowsTable = await openTextPart(workplace, names.rowsTable);
  const erasuresTable = await openTextPart(workplace, names.erasuresTable);
  await rowsTable.write(rowsHeader);
  await erasuresTable.write(erasuresHeader);
  const certificates: FinishedPart[] = [];
  const totals = emptyTotals();
  const isWithheld = (unit: string) =>
    !isStructuralUnit(unit) && (withholdUnits === "all" || withholdUnits.includes(unit));

  const writeTombstone = async (row: Row, { carried, openings: found, inScope }: RowInput) => {
    const content = (unit: string) => found.find((opening) => opening.unit === unit)?.content ?? "";
    const reason = parseReason(content("reason"));
    const lines = parseTombstoneList(content("list"));
    for (const line of lines) await erasuresTable.write(erasuresLine(row, reason.basis, line));
    const counts = erasedCounts(lines);
    totals.erasures.push({ seq: row.seq, at: row.at, erasure: row.entity.id, basis: reason.basis, counts });
    for (const key of ["openings", "events", "images"] as const) totals.erased[key] += counts[key];
    if (!inScope) return;
    const part = await openTextPart(workplace, certificateName(row.entity.id));
    await part.write(certificateJson({ row, rowHash: toHex(carried.hash), reason, lines }, null));
    certificates.push(await part.finish());
    totals.certificates++;
  };

  return {
    totals,
    async write(input) {
      const { carried, inScope } = input;
      const row = parseRow(carried.lines);
      await rows.write(totals.rows > 0 ? `\n${carried.lines}` : carried.lines);
      totals.rows++;
      count(totals.actions, row.action);
      const byUnit = new Map(input.openings.map((opening) => [opening.unit, opening]));
      const withheld: Withheld[] = [];
      const states: UnitState[] = [];
      for (const { name: unit } of row.units) {
        const opening = byUnit.get(unit);
        const state = unitState({ unit, isThere: opening !== undefined, inScope, isWithheld: isWithheld(unit) });
        states.push(state);
        if (state === "withheld") {
          withheld.push({ kind: "unit", seq: row.seq, unit });
          totals.withheldUnits++;
          count(totals.withheldNames, unit);
        }
        if (state !== "shown" || !opening) continue;
        await openings.write(rowOpeningLine(opening));
        totals.openings++;
      }
      await rowsTable.write(rowsLine(row, toHex(carried.hash), states));
      if (row.action === erasedAction) await writeTombstone(row, input);
      return { row, withheld };
    },
    async finish() {
      const parts = [];
      for (const part of [rows, openings, rowsTable, erasuresTable]) parts.push(await part.finish());
      return [...parts, ...certificates];
    },
  };
}

/** A row that is carried only for the proof shows its structural units and nothing else. */
function unitState(unit: { unit: string; isThere: boolean; inScope: boolean; isWithheld: boolean }): UnitState {
  if (isStructuralUnit(unit.unit)) return unit.isThere ? "shown" : "erased";
  if (!unit.inScope) return "outside";
  if (!unit.isThere) return "erased";
  return unit.isWithheld ? "withheld" : "shown";
}

/** The lines of one row in withheld.txt, in their order. */
export function withheldLines(entries: Withheld[]): string {
  return entries.sort(compareWithheld).map(withheldLine).join("");
}

export function count(counts: Map<string, number>, key: string, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

function emptyTotals(): RowTotals {
  return {
    rows: 0,
    openings: 0,
    withheldUnits: 0,
    certificates: 0,
    actions: new Map(),
    withheldNames: new Map(),
    erasures: [],
    erased: { openings: 0, events: 0, images: 0 },
  };
}
