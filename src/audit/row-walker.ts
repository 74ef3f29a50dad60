import { hash } from "node:crypto";
import { actorTypes, channels, isControlAction, parseRow } from "../record/row.ts";
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
  /** Row hash as stored: 32 bytes of `hashes` from `hashAt` on. Read it before the next row is taken. */
  hashes: Buffer;
  hashAt: number;
  /** Its `commit` and `unit` lines. */
  tail: string;
  action: string;
  at: string;
};

/** A row as its columns print, before it is known to be in the grammar. */
type Columns = {
  epoch: string;
  seq: string;
  at: string;
  middle: string;
  action: string;
  control: string;
  tail: string;
};

/**
 * Walks rows in order: grammar, hash, link, gaps, epochs, control pointers and the order of times. Goes on after a fault with
 * what is stored, so that one altered row is one fault and not all that follow.
 */
export class RowWalker {
  readonly tenantId: string;
  state: WalkState;
  readonly #fault: (fault: Fault) => void;
  readonly #grammar = new RegExp(rowGrammar, "y");

  constructor(tenantId: string, state: WalkState, onFault: (fault: Fault) => void) {
    this.tenantId = tenantId;
    this.state = state;
    this.#fault = onFault;
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
    const raw = Buffer.from(hashes, "hex");
    this.#grammar.lastIndex = 0;
    for (let i = 0; i < count; i++) {
      const match = this.#grammar.exec(fields);
      if (!match && count > 1) return false;
      const columns = match ? columnsOf(match) : looseColumns(fields);
      const stored = hashes.slice(64 * i, 64 * i + 64);
      // `prevs` holds the first row's alone when every later one is the stored hash of the row before it.
      const prev = i > 0 && chunk.prevs.length === 64 ? this.state.hash : chunk.prevs.slice(64 * i, 64 * i + 64);
      onRow(this.#row(columns, { prev, stored, raw, at: 32 * i, inGrammar: match !== null }));
    }
    return true;
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

// One row of RowChunk.fields. Whatever fails here goes through record/'s parser, which says what is wrong.
const token = "[A-Za-z0-9._:@/+-]{1,128}";
const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const number = "(?:0|[1-9][0-9]{0,15})";
const rowGrammar =
  `epoch (${number})\\nseq (${number})\\n(\\d{4}-\\d\\d-\\d\\d) (\\d\\d:\\d\\d:\\d\\d)(?:\\.(\\d{1,6}))?\\+00\\n` +
  `(actor (?:${actorTypes.join("|")}) ${token}\\nvia (?:${channels.join("|")})\\naction (${token})\\n` +
  `entity ${token} ${token}\\ncorrelation ${uuid}\\ncontrol (${number})\\n)` +
  `((?:commit ${token} [0-9a-f]{64}\\n)*)\\|((?:unit ${token} [0-9a-f]{64}\\n)*)(?:\\||$)`;

function columnsOf(match: RegExpExecArray): Columns {
  const [, epoch, seq, date, time, fraction, middle, action, control, commits, units] = match as string[];
  const decimals = fraction === undefined ? "000000" : fraction.length === 6 ? fraction : fraction.padEnd(6, "0");
  return {
    epoch: epoch!,
    seq: seq!,
    at: `${date}T${time}.${decimals}Z`,
    middle: middle!,
    action: action!,
    control: control!,
    tail: commits === "" ? units! : commits! + units!,
  };
}

/** Of a text that is outside the grammar: what it would be if nothing but its characters were wrong. */
function looseColumns(text: string): Columns {
  const lines = text.split("\n");
  const [epoch = "", seq = "", at = ""] = lines;
  const rest = lines.slice(3).join("\n");
  const separator = rest.lastIndexOf("|");
  const action = lines[5]?.slice("action ".length) ?? "";
  const middle = rest.slice(0, separator);
  return { epoch: epoch.slice(6), seq: seq.slice(4), at, middle, action, control: "", tail: rest.slice(separator + 1) };
}

/** Of lines that fit the grammar: whether the names of the commits, and of the units, strictly ascend. */
function namesAscend(tail: string): boolean {
  // Most have one line: 71 characters and its name, too short for two.
  if (tail.length < 2 * 72 || tail.indexOf("\n") === tail.length - 1) return true;
  const lines = tail.slice(0, -1).split("\n");
  for (let i = 1; i < lines.length; i++) {
    const [kind, name] = lines[i]!.split(" ", 2) as [string, string];
    const [kindBefore, nameBefore] = lines[i - 1]!.split(" ", 2) as [string, string];
    if (kind === kindBefore && name <= nameBefore) return false;
  }
  return true;
}
