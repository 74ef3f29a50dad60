import { maxRowBytes } from "../record/row.ts";
import { atBytes, bytesOf, hashChars, isDigit, kinds, lf } from "./row-bytes.ts";

/** Where the parts of a row begin, among `fields`; its number stands right before its time. */
export type Marks = { atPlace: number; middleAt: number; barAt: number; end: number };

/** Puts hashed lines together from the parts that a scanner found, one row after the other, in one buffer. */
export class RowLines {
  readonly #lines = Buffer.alloc(maxRowBytes + 512);
  readonly #views: Uint8Array[] = [];
  readonly #tenantId: string;
  readonly #at = Buffer.alloc(atBytes);
  #length = 0;
  #prefixEpoch = 0;
  #prefixLength = 0;

  constructor(tenantId: string) {
    this.#tenantId = tenantId;
  }

  /** Of the row put together last: valid until the next. */
  get bytes(): Uint8Array {
    const length = this.#length;
    this.#views[length] ??= this.#lines.subarray(0, length);
    return this.#views[length]!;
  }

  get at(): string {
    return this.#at.toString("latin1");
  }

  setAt(at: string): void {
    this.#at.write(at, "latin1");
  }

  /** `hashes`: its `prev`, in hex, from `prevAt` on. False when its time is before the latest; then nothing of it counts. */
  write(row: Marks, fields: Buffer, epoch: number, seq: number, hashes: Buffer, prevAt: number): boolean {
    const lines = this.#lines;
    const { atPlace, middleAt, barAt, end } = row;
    let p = this.#prefix(epoch);
    for (let k = atPlace - 1 - String(seq).length; k < atPlace - 1; k++) lines[p++] = fields[k]!;
    p = put(lines, p, "\nprev ");
    for (let k = prevAt; k < prevAt + hashChars; k++) lines[p++] = hashes[k]!;
    p = put(lines, p, "\nat ");
    if (!this.#advance(this.#time(p, fields, atPlace))) return false;
    p += atBytes;
    lines[p++] = lf;
    p += fields.copy(lines, p, middleAt, barAt);
    this.#length = p + fields.copy(lines, p, barAt + 1, end);
    return true;
  }

  #prefix(epoch: number): number {
    if (this.#prefixEpoch !== epoch) {
      const prefix = bytesOf(`ledgerstone/row/v1\ntenant ${this.#tenantId}\nepoch ${epoch}\nseq `);
      this.#lines.set(prefix);
      this.#prefixLength = prefix.length;
      this.#prefixEpoch = epoch;
    }
    return this.#prefixLength;
  }

  /** Puts the time at `place` of what Postgres printed to `at`, which it returns, as the ledger writes it. */
  #time(at: number, fields: Buffer, place: number): number {
    const lines = this.#lines;
    for (let k = 0; k < 19; k++) lines[at + k] = fields[place + k]!;
    lines[at + 10] = 84;
    lines[at + 19] = 46;
    let fraction = place + 20;
    const hasFraction = fields[fraction - 1] === 46;
    for (let k = 20; k < 26; k++) {
      const isThere = hasFraction && kinds[fields[fraction]!]! & isDigit;
      lines[at + k] = isThere ? fields[fraction++]! : 48;
    }
    lines[at + 26] = 90;
    return at;
  }

  /** The time at `from` of the lines becomes the latest, unless it is before that. */
  #advance(from: number): boolean {
    const [lines, latest] = [this.#lines, this.#at];
    let i = 0;
    while (i < atBytes && lines[from + i] === latest[i]) i++;
    if (i < atBytes && lines[from + i]! < latest[i]!) return false;
    for (; i < atBytes; i++) latest[i] = lines[from + i]!;
    return true;
  }
}

function put(target: Uint8Array, from: number, text: string): number {
  for (let i = 0; i < text.length; i++) target[from + i] = text.charCodeAt(i);
  return from + text.length;
}
