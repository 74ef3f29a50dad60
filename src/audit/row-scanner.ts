import { maxRowBytes } from "../record/row.ts";
import {
  actionWord,
  actorWords,
  bar,
  commitWord,
  controlPrefix,
  controlWord,
  correlationWord,
  entityWord,
  epochWord,
  hashChars,
  isDigit,
  isHex,
  isToken,
  kinds,
  lf,
  seqWord,
  space,
  unitWord,
  viaWords,
  zone,
} from "./row-bytes.ts";
import { RowLines } from "./row-lines.ts";
import type { RowChunk } from "./store-chain.ts";

/**
 * Reads the rows of a chunk as bytes, without an object for any part of them: a regular expression with its captures took
 * more time than the hashes. Takes only rows that are plainly the next one, in the grammar of ledgerstone/row/v1 and no
 * control row; whatever else it leaves to the slow way, which says what is wrong.
 */
export class RowScanner {
  /** Where the next row begins, in characters of `fields`. */
  position = 0;
  /** Of the row taken last: where its time and its actor begin, its action begins and ends, its commits, the bar after them, and its end. */
  atPlace = 0;
  middleAt = 0;
  actionAt = 0;
  actionEnd = 0;
  commitsAt = 0;
  barAt = 0;
  end = 0;
  #room: Buffer = Buffer.alloc(0);
  #fields: Buffer = this.#room;
  #hashes: Buffer = Buffer.alloc(0);
  readonly #lines: RowLines;

  constructor(tenantId: string) {
    this.#lines = new RowLines(tenantId);
  }

  /** False when these rows are not for it: not ASCII, or not linked by their stored hashes throughout. */
  load({ fields, prevs, hashes }: RowChunk): boolean {
    this.position = 0;
    if (prevs.length !== hashChars) return false;
    if (this.#room.length < 3 * fields.length) this.#room = Buffer.allocUnsafeSlow(3 * fields.length);
    if (this.#hashes.length < prevs.length + hashes.length)
      this.#hashes = Buffer.allocUnsafeSlow(prevs.length + hashes.length);
    this.#hashes.write(hashes, this.#hashes.write(prevs, "latin1"), "latin1");
    // What is not ASCII takes more bytes than characters.
    const length = this.#room.write(fields, "utf8");
    this.#fields = this.#room.subarray(0, length);
    return length === fields.length;
  }

  /** The latest time is `at`, as the ledger writes it. */
  setAt(at: string): void {
    this.#lines.setAt(at);
  }

  get at(): string {
    return this.#lines.at;
  }

  /** The hashed lines of the row taken last: valid until the next. */
  get lines(): Uint8Array {
    return this.#lines.bytes;
  }

  /** Takes row `i` of the chunk when it is plainly row `seq` of this epoch and control pointer; otherwise nothing counts. */
  take(i: number, epoch: number, seq: number, control: number): boolean {
    const bytes = this.#fields;
    let p = this.#head(this.position, epoch, seq);
    if (p < 0) return false;
    this.middleAt = p;
    p = this.#middle(p, control);
    if (p < 0) return false;
    const commitsAt = p;
    p = this.#named(p, commitWord);
    if (p < 0 || bytes[p] !== bar) return false;
    const barAt = p;
    p = this.#named(p + 1, unitWord);
    if (p < 0 || (p < bytes.length && bytes[p] !== bar) || p - this.position > maxRowBytes) return false;
    this.commitsAt = commitsAt;
    this.barAt = barAt;
    this.end = p;
    if (!this.#lines.write(this, bytes, epoch, seq, this.#hashes, i * hashChars)) return false;
    this.position = p + 1;
    return true;
  }

  /** From `epoch` to the time. Returns where the actor begins, or -1. */
  #head(from: number, epoch: number, seq: number): number {
    const bytes = this.#fields;
    let p = this.#number(this.#word(from, epochWord), epoch);
    p = this.#number(this.#word(p, seqWord), seq);
    if (p < 0) return -1;
    this.atPlace = p;
    // 2026-11-21 20:50:00, then at most six decimals without trailing zeros.
    for (let i = 0; i < 19; i++) {
      const byte = bytes[p + i]!;
      const wanted = i === 4 || i === 7 ? 45 : i === 10 ? space : i === 13 || i === 16 ? 58 : 0;
      if (wanted === 0 ? !(kinds[byte]! & isDigit) : byte !== wanted) return -1;
    }
    p += 19;
    if (bytes[p] === 46) {
      const first = ++p;
      while (p < first + 6 && kinds[bytes[p]!]! & isDigit) p++;
      if (p === first) return -1;
    }
    return this.#word(p, zone);
  }

  /** From the actor to `control`. Returns where the commits begin, or -1. */
  #middle(from: number, control: number): number {
    let p = this.#token(this.#oneOf(from, actorWords), lf);
    p = this.#word(this.#oneOf(p, viaWords), actionWord);
    if (p < 0 || this.#word(p, controlPrefix) >= 0) return -1;
    this.actionAt = p;
    p = this.#token(p, lf);
    if (p < 0) return -1;
    this.actionEnd = p - 1;
    p = this.#token(this.#token(this.#word(p, entityWord), space), lf);
    p = this.#uuid(this.#word(p, correlationWord));
    return this.#number(this.#word(p, controlWord), control);
  }

  /** Lines of one kind with names strictly ascending, none or more. Returns where they end, or -1. */
  #named(from: number, word: Uint8Array): number {
    const bytes = this.#fields;
    let p = from;
    let before = -1;
    while (bytes[p] === word[0]) {
      const name = this.#word(p, word);
      const hash = this.#token(name, space);
      if (hash < 0) return -1;
      for (let i = hash; i < hash + hashChars; i++) if (!(kinds[bytes[i]!]! & isHex)) return -1;
      if (bytes[hash + hashChars] !== lf) return -1;
      if (before >= 0 && !this.#isAbove(name, before)) return -1;
      before = name;
      p = hash + hashChars + 1;
    }
    return p;
  }

  /** Whether the name at `a` comes after the one at `b`: each ends with a space, which is below every byte of a token. */
  #isAbove(a: number, b: number): boolean {
    const bytes = this.#fields;
    let i = 0;
    while (bytes[a + i] === bytes[b + i] && bytes[a + i] !== space) i++;
    return bytes[a + i]! > bytes[b + i]!;
  }

  #word(from: number, word: Uint8Array): number {
    const bytes = this.#fields;
    if (from < 0) return -1;
    for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word[i]) return -1;
    return from + word.length;
  }

  #oneOf(from: number, words: readonly Uint8Array[]): number {
    for (const word of words) {
      const p = this.#word(from, word);
      if (p >= 0) return p;
    }
    return -1;
  }

  /** A token and what ends it. */
  #token(from: number, ending: number): number {
    const bytes = this.#fields;
    if (from < 0) return -1;
    let p = from;
    while (kinds[bytes[p]!]! & isToken) p++;
    return p > from && p - from <= 128 && bytes[p] === ending ? p + 1 : -1;
  }

  /** The number `expected` as it is written, and a line feed. */
  #number(from: number, expected: number): number {
    const bytes = this.#fields;
    if (from < 0) return -1;
    let p = from;
    let value = 0;
    for (; kinds[bytes[p]!]! & isDigit; p++) value = value * 10 + bytes[p]! - 48;
    const isPlain = p > from && p - from <= 16 && (bytes[from] !== 48 || p === from + 1);
    return isPlain && value === expected && bytes[p] === lf ? p + 1 : -1;
  }

  #uuid(from: number): number {
    const bytes = this.#fields;
    if (from < 0) return -1;
    for (let i = 0; i < 36; i++) {
      const byte = bytes[from + i]!;
      const isDash = i === 8 || i === 13 || i === 18 || i === 23;
      if (isDash ? byte !== 45 : !(kinds[byte]! & isHex)) return -1;
    }
    return bytes[from + 36] === lf ? from + 37 : -1;
  }
}
