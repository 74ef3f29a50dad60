import { hash } from "node:crypto";
import { isControlAction, parseRow } from "../record/row.ts";
import { FormatError } from "../record/text.ts";
import { genesisHash } from "../record/unit.ts";
import { type Columns, columnsOf, looseColumns, namesAscend, rowGrammar } from "./row-columns.ts";
import { RowScanner } from "./row-scanner.ts";
import type { RowChunk } from "./store-chain.ts";
import { PlainRow, type WalkedRow } from "./walked-row.ts";

/** What a check found wrong. `seq`: the first row that shows it; 0 when no row can be named. */
export type Fault = { seq: number; check: string; found: string; expected: string };

/** Where a walk stands: the last row that it took. Row 0 is genesis. */
export type WalkState = { epoch: number; seq: number; hash: string; at: string; control: number };

export function walkFromGenesis(tenantId: string): WalkState {
  return { epoch: 1, seq: 0, hash: genesisHash(tenantId), at: "0001-01-01T00:00:00.000000Z", control: 0 };
}

/**
 * Walks rows in order: grammar, hash, link, gaps, epochs, control pointers and the order of times. Goes on after a fault with
 * what is stored, so that one altered row is one fault and not all that follow.
 */
export class RowWalker {
  readonly tenantId: string;
  state: WalkState;
  readonly #fault: (fault: Fault) => void;
  readonly #grammar = new RegExp(rowGrammar, "y");
  readonly #scanner: RowScanner;
  #raw: Buffer = Buffer.alloc(0);

  constructor(tenantId: string, state: WalkState, onFault: (fault: Fault) => void) {
    this.tenantId = tenantId;
    this.state = state;
    this.#fault = onFault;
    this.#scanner = new RowScanner(tenantId);
  }

  /**
   * False when a row among several is outside the grammar, and so where it ends: those before it are taken, by `state`; read
   * the others again in smaller chunks. A chunk of one is always taken.
   */
  take(chunk: RowChunk, onRow: (row: WalkedRow) => void): boolean {
    const { count, fields, hashes } = chunk;
    if (count === 0) return true;
    if (chunk.whole !== count) {
      if (count > 1) return false;
      this.#say("grammar", "a null or a hash of another length", "a whole row");
      this.state.seq++;
      return true;
    }
    const raw = this.#raw.length === 32 * count ? this.#raw : Buffer.alloc(32 * count);
    raw.write(hashes, "hex");
    this.#raw = raw;
    const scanner = this.#scanner;
    const isLinked = scanner.load(chunk);
    const isNext = isLinked && chunk.prevs === this.state.hash;
    scanner.setAt(this.state.at);
    for (let i = 0; i < count; i++) {
      if ((i > 0 ? isLinked : isNext) && this.#takePlain(chunk, i, raw, onRow)) continue;
      this.#settle(chunk, i);
      this.#grammar.lastIndex = scanner.position;
      const match = this.#grammar.exec(fields);
      if (!match && count > 1) return false;
      scanner.position = this.#grammar.lastIndex;
      const columns = match ? columnsOf(match) : looseColumns(fields);
      const stored = hashes.slice(64 * i, 64 * i + 64);
      // `prevs` holds the first row's alone when every later one is the stored hash of the row before it.
      const prev = i > 0 && chunk.prevs.length === 64 ? this.state.hash : chunk.prevs.slice(64 * i, 64 * i + 64);
      onRow(this.#row(columns, { prev, stored, raw, at: 32 * i, inGrammar: match !== null }));
      scanner.setAt(this.state.at);
    }
    this.#settle(chunk, count);
    return true;
  }

  /** Row `i`, if it is plainly the next one. State's hash and time are then the scanner's, until it is settled. */
  #takePlain(chunk: RowChunk, i: number, raw: Buffer, onRow: (row: WalkedRow) => void): boolean {
    const { state } = this;
    const scanner = this.#scanner;
    if (!scanner.take(i, state.epoch, state.seq + 1, state.control)) return false;
    state.seq++;
    const computed = hash("sha256", scanner.lines, "binary");
    const hashAt = 32 * i;
    for (let k = 0; k < 32; k++) {
      if (computed.charCodeAt(k) === raw[hashAt + k]) continue;
      const hex = Buffer.from(computed, "latin1").toString("hex");
      const stored = chunk.hashes.slice(64 * i, 64 * i + 64);
      this.#say("row hash", `${stored} stored`, `${hex} from its columns`, state.seq);
      break;
    }
    onRow(new PlainRow(state.seq, chunk.fields, scanner, raw, hashAt));
    return true;
  }

  /** After the first `taken` rows of the chunk. */
  #settle({ hashes }: RowChunk, taken: number): void {
    if (taken > 0) this.state.hash = hashes.slice(64 * taken - 64, 64 * taken);
    this.state.at = this.#scanner.at;
  }

  #row(
    { epoch, seq, at, middle, action, control, tail }: Columns,
    {
      prev,
      stored,
      raw,
      at: hashAt,
      inGrammar,
    }: { prev: string; stored: string; raw: Buffer; at: number; inGrammar: boolean },
  ): WalkedRow {
    const { state } = this;
    const lines =
      `ledgerstone/row/v1\ntenant ${this.tenantId}\nepoch ${epoch}\nseq ${seq}\nprev ${prev}\nat ${at}\n` +
      middle +
      tail;
    let walked: WalkedRow = { seq: state.seq + 1, lines, hashes: raw, hashAt, tail, action, at };
    const plain =
      inGrammar &&
      Number(seq) === walked.seq &&
      prev === state.hash &&
      Number(control) === state.control &&
      Number(epoch) === state.epoch &&
      at >= state.at &&
      !isEpochAction(action) &&
      namesAscend(tail);
    if (!plain) walked = this.#odd(lines, walked);
    const computed = hash("sha256", lines);
    state.seq = walked.seq;
    state.hash = stored;
    if (computed !== stored) this.#say("row hash", `${stored} stored`, `${computed} from its columns`, walked.seq);
    if (at > state.at) state.at = at;
    if (isControlAction(action)) state.control = walked.seq;
    return walked;
  }

  #say(check: string, found: string, expected: string, seq = this.state.seq + 1): void {
    this.#fault({ seq, check, found, expected });
  }

  /** The slow way, for rows that are not plainly the next one: says what differs, or takes an epoch's first row. */
  #odd(lines: string, walked: WalkedRow): WalkedRow {
    const { state } = this;
    const expectedSeq = state.seq + 1;
    let row: ReturnType<typeof parseRow>;
    try {
      row = parseRow(lines);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.#say("grammar", error.message, "the lines of ledgerstone/row/v1");
      return walked;
    }
    const opens = isEpochAction(row.action) && row.epoch === state.epoch + 1;
    const compare = (check: string, found: string | number, expected: string | number): void => {
      if (found !== expected) this.#say(check, String(found), String(expected), row.seq);
    };
    if (row.seq > expectedSeq) {
      const missing = row.seq - 1 === expectedSeq ? `row ${expectedSeq}` : `rows ${expectedSeq} to ${row.seq - 1}`;
      this.#say("gap", `no ${missing}`, "every row from 1 to the head");
    } else compare("seq", row.seq, expectedSeq);
    compare("tenant", row.tenant, this.tenantId);
    compare("link", row.prev, state.hash);
    compare("epoch", row.epoch, opens ? row.epoch : state.epoch);
    if (isEpochAction(row.action) && !opens) compare("epoch", row.epoch, state.epoch + 1);
    compare("control pointer", row.control, state.control);
    if (row.at < state.at) compare("time", row.at, `${state.at} or later`);
    state.epoch = row.epoch;
    return { ...walked, seq: row.seq };
  }
}

const isEpochAction = (action: string): boolean => action === "ledger.epoch";
