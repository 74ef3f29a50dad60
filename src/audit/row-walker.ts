import { hash } from "node:crypto";
import { isControlAction, parseRow } from "../record/row.ts";
import { sha256 } from "../record/sha256.ts";
import { FormatError } from "../record/text.ts";
import { genesisHash } from "../record/unit.ts";
import type { RowChunk } from "./store-chain.ts";

/** What a check found wrong. `seq`: the first row that shows it; 0 when no row can be named. */
export type Fault = { seq: number; check: string; found: string; expected: string };

/** Where a walk stands: the last row that it took. Row 0 is genesis. */
export type WalkState = { epoch: number; seq: number; hash: string; at: string; control: number };

export function walkFromGenesis(tenantId: string): WalkState {
  return { epoch: 1, seq: 0, hash: genesisHash(tenantId), at: "0001-01-01T00:00:00.000000Z", control: 0 };
}

export type WalkedRow = {
  seq: number;
  /** The hashed lines as the columns give them. */
  lines: string;
  /** Row hash as stored, hex. */
  hash: string;
  /** RFC 6962 leaf hash over the row hash. */
  leaf: Uint8Array;
  /** Its `commit` and `unit` lines. */
  tail: string;
  action: string;
  at: string;
};

/**
 * Walks rows in order: grammar, hash, link, gaps, epochs, control pointers and the order of times. Goes on after a fault with
 * what is stored, so that one altered row is one fault and not all that follow.
 */
export class RowWalker {
  readonly tenantId: string;
  state: WalkState;
  #charset = false;
  readonly #fault: (fault: Fault) => void;

  constructor(tenantId: string, state: WalkState, onFault: (fault: Fault) => void) {
    this.tenantId = tenantId;
    this.state = state;
    this.#fault = onFault;
  }

  /** False, with nothing taken, when a column of several rows holds what separates rows: read them one by one then. */
  take(chunk: RowChunk, onRow: (row: WalkedRow) => void): boolean {
    if (chunk.count === 0) return true;
    const texts = chunk.count === 1 ? [chunk.fields] : chunk.fields.split("|");
    const hashes = Buffer.from(chunk.hashes, "hex");
    this.#charset = charset.test(chunk.fields) && !chunk.fields.includes("\n\n");
    const sizes = [texts.length, chunk.prevs.length / 64, hashes.length / 32];
    if (chunk.nulls > 0 || sizes.some((size) => size !== chunk.count)) {
      if (chunk.count > 1) return false;
      this.#fault({
        seq: this.state.seq + 1,
        check: "grammar",
        found: "a null or a hash of another length",
        expected: "a whole row",
      });
      this.state.seq++;
      return true;
    }
    for (let i = 0; i < texts.length; i++) {
      const from = 64 * i;
      const row = this.#row(texts[i]!, chunk.prevs.slice(from, from + 64), chunk.hashes.slice(from, from + 64));
      hashes.copy(leafInput, 1, 32 * i, 32 * i + 32);
      row.leaf = sha256(leafInput);
      onRow(row);
    }
    return true;
  }

  #row(text: string, prev: string, stored: string): WalkedRow {
    const { state } = this;
    const fields = text.split("\n", 11) as string[];
    const [epoch, seqText, atText, actorType, actorId, via, action = "", entityType, entityId, correlation, control] =
      fields;
    const at = timestampOf(atText ?? "");
    const header =
      `ledgerstone/row/v1\ntenant ${this.tenantId}\nepoch ${epoch}\nseq ${seqText}\nprev ${prev}\nat ${at}\n` +
      `actor ${actorType} ${actorId}\nvia ${via}\naction ${action}\nentity ${entityType} ${entityId}\n` +
      `correlation ${correlation}\ncontrol ${control}\n`;
    let headerFields = 11;
    for (const field of fields) headerFields += field.length;
    const tail = text.slice(headerFields);
    const lines = header + tail;
    let walked: WalkedRow = { seq: state.seq + 1, lines, tail, hash: stored, leaf: noLeaf, action, at };
    const plain =
      Number(seqText) === walked.seq &&
      prev === state.hash &&
      Number(control) === state.control &&
      Number(epoch) === state.epoch &&
      at >= state.at &&
      !isEpochAction(action) &&
      this.#charset &&
      !text.slice(text.indexOf("+00\n"), headerFields).includes(" ") &&
      (tail === "" || (tailGrammar.test(tail) && namesAscend(tail)));
    if (!plain) walked = this.#odd(lines, walked);
    const computed = hash("sha256", lines);
    if (computed !== stored) {
      this.#fault({
        seq: walked.seq,
        check: "row hash",
        found: `${stored} stored`,
        expected: `${computed} from its columns`,
      });
    }
    state.seq = walked.seq;
    state.hash = stored;
    if (at > state.at) state.at = at;
    if (isControlAction(action)) state.control = walked.seq;
    return walked;
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
      this.#fault({
        seq: expectedSeq,
        check: "grammar",
        found: error.message,
        expected: "the lines of ledgerstone/row/v1",
      });
      return walked;
    }
    const opens = isEpochAction(row.action) && row.epoch === state.epoch + 1;
    const compare = (check: string, found: string | number, expected: string | number): void => {
      if (found !== expected) this.#fault({ seq: row.seq, check, found: String(found), expected: String(expected) });
    };
    if (row.seq > expectedSeq) {
      const missing = row.seq - 1 === expectedSeq ? `row ${expectedSeq}` : `rows ${expectedSeq} to ${row.seq - 1}`;
      this.#fault({ seq: expectedSeq, check: "gap", found: `no ${missing}`, expected: "every row from 1 to the head" });
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

const noLeaf = new Uint8Array(0);
const isEpochAction = (action: string): boolean => action === "ledger.epoch";

/** `2026-11-21 20:50:00.12+00`, as Postgres prints it in a UTC session, in the ledger's form. */
function timestampOf(text: string): string {
  const end = text.length - 3;
  if (!text.endsWith("+00")) return text;
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20, end).padEnd(6, "0")}Z`;
}

/** Of lines that fit the grammar: whether the names of the commits, and of the units, strictly ascend. */
function namesAscend(tail: string): boolean {
  if (tail.indexOf("\n") === tail.length - 1) return true;
  const lines = tail.slice(0, -1).split("\n");
  for (let i = 1; i < lines.length; i++) {
    const [kind, name] = lines[i]!.split(" ", 2) as [string, string];
    const [kindBefore, nameBefore] = lines[i - 1]!.split(" ", 2) as [string, string];
    if (kind === kindBefore && name <= nameBefore) return false;
  }
  return true;
}

const leafInput = Buffer.alloc(33);
// Shape only, for speed. Whatever fails here goes through record/'s parser, which says what is wrong.
const charset = /^[A-Za-z0-9._:@/+ \n|-]*$/;
const token = "[A-Za-z0-9._:@/+-]+";
const tailGrammar = new RegExp(`^(?:commit ${token} [0-9a-f]{64}\\n)*(?:unit ${token} [0-9a-f]{64}\\n)*$`);
