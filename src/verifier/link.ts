import { isControlAction, namedHash, type Row } from "../record/row.ts";
import type { Timestamp } from "../record/time.ts";
import { genesisHash } from "../record/unit.ts";
import type { Report } from "./report.ts";

/** Check 4, row by row in ascending order: prev, time, epoch and control pointers, opening and closing. */
export class Linker {
  readonly #tenant: string;
  readonly #report: Report;
  #before: { seq: number; hash: string; at: Timestamp } | undefined;
  #epoch = 1;
  #control = 0;
  #closedAt: number | undefined;

  constructor(tenant: string, report: Report) {
    this.#tenant = tenant;
    this.#report = report;
  }

  #fail(row: Row, message: string): void {
    this.#report.fail(4, `row ${row.seq}`, message);
  }

  add(row: Row, hash: string): void {
    if (row.tenant !== this.#tenant) this.#fail(row, `found tenant ${row.tenant}, expected ${this.#tenant}`);
    this.#checkPrevious(row);
    this.#checkEpoch(row);
    if (row.control !== this.#control) this.#fail(row, `found control ${row.control}, expected ${this.#control}`);
    if (this.#closedAt !== undefined) this.#fail(row, `found a row after row ${this.#closedAt} closed the chain`);
    this.#checkEnds(row);
    if (isControlAction(row.action)) this.#control = row.seq;
    this.#before = { seq: row.seq, hash, at: row.at };
  }

  #checkPrevious(row: Row): void {
    const before = this.#before;
    if (before && row.at < before.at) this.#fail(row, `found at ${row.at} before row ${before.seq}'s ${before.at}`);
    const expected = row.seq === 1 ? genesisHash(this.#tenant) : before?.seq === row.seq - 1 ? before.hash : undefined;
    if (expected !== undefined && row.prev !== expected)
      this.#fail(row, `found prev ${row.prev}, expected ${expected}`);
  }

  /** All control rows are carried, so the epoch of each row is known. */
  #checkEpoch(row: Row): void {
    if (row.action === "ledger.epoch") {
      this.#epoch++;
      if (!namedHash(row.commits, "lost") || !namedHash(row.units, "epoch")) {
        this.#fail(row, "found no commit lost or no unit epoch in a row ledger.epoch");
      }
    }
    if (row.epoch !== this.#epoch) {
      this.#fail(row, `found epoch ${row.epoch}, expected ${this.#epoch} by the rows ledger.epoch`);
    }
  }

  #checkEnds(row: Row): void {
    const opening = row.action === "ledger.opened";
    if (opening !== (row.seq === 1))
      this.#fail(row, `found action ${row.action}, expected ledger.opened as row 1 alone`);
    if (opening && (row.entity.type !== "tenant" || row.entity.id !== this.#tenant || row.units.length > 0)) {
      this.#fail(
        row,
        `found entity ${row.entity.type} ${row.entity.id}, expected tenant ${this.#tenant} without units`,
      );
    }
    if (row.action === "ledger.closed") this.#closedAt = row.seq;
  }
}
