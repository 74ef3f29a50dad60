import type { RowScanner } from "./row-scanner.ts";

export type WalkedRow = {
  seq: number;
  /** The hashed lines as the columns give them. Read them before the next row is taken. */
  readonly lines: string;
  /** Row hash as stored: 32 bytes of `hashes` from `hashAt` on. Read it before the next row is taken. */
  hashes: Buffer;
  hashAt: number;
  /** Its `commit` and `unit` lines. */
  readonly tail: string;
  readonly action: string;
  readonly at: string;
};

/** A row whose parts are cut out of its chunk when someone asks. */
export class PlainRow implements WalkedRow {
  readonly seq: number;
  readonly hashes: Buffer;
  readonly hashAt: number;
  readonly #fields: string;
  readonly #scanner: RowScanner;
  readonly #atPlace: number;
  readonly #actionAt: number;
  readonly #actionEnd: number;
  readonly #commitsAt: number;
  readonly #barAt: number;
  readonly #end: number;

  constructor(seq: number, fields: string, scanner: RowScanner, hashes: Buffer, hashAt: number) {
    this.seq = seq;
    this.hashes = hashes;
    this.hashAt = hashAt;
    this.#fields = fields;
    this.#scanner = scanner;
    this.#atPlace = scanner.atPlace;
    this.#actionAt = scanner.actionAt;
    this.#actionEnd = scanner.actionEnd;
    this.#commitsAt = scanner.commitsAt;
    this.#barAt = scanner.barAt;
    this.#end = scanner.end;
  }

  get lines(): string {
    return Buffer.from(this.#scanner.lines).toString("latin1");
  }

  get tail(): string {
    return this.#fields.slice(this.#commitsAt, this.#barAt) + this.#fields.slice(this.#barAt + 1, this.#end);
  }

  get action(): string {
    return this.#fields.slice(this.#actionAt, this.#actionEnd);
  }

  get at(): string {
    const [date, time] = this.#fields.slice(this.#atPlace, this.#atPlace + 26).split(/[ +]/) as [string, string];
    return timestampOf(date, time.slice(0, 8), time.slice(9));
  }
}

/** As the ledger writes it, from the parts that Postgres prints. */
export const timestampOf = (date: string, time: string, fraction: string): string =>
  `${date}T${time}.${fraction.padEnd(6, "0")}Z`;
