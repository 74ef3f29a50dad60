import { FormatError } from "../record/text.ts";
import { CheckFailure, type CheckNumber } from "./report.ts";

export type Chunks = AsyncIterable<Uint8Array>;

type PieceOptions = { separator: "\n" | "\n\n"; encoding: "ascii" | "utf-8"; maxLength: number };

function decoderOf(encoding: PieceOptions["encoding"]): TextDecoder {
  // Bytes beyond ASCII become characters beyond ASCII either way, which the grammars of ASCII files refuse.
  return encoding === "ascii" ? new TextDecoder("latin1") : new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
}

/** Cuts a stream at a separator, in memory bounded by the longest piece. */
async function* pieces(chunks: Chunks, options: PieceOptions): AsyncGenerator<string[]> {
  const { separator, maxLength } = options;
  const decoder = decoderOf(options.encoding);
  let rest = "";
  let cut = false;
  for await (const chunk of chunks) {
    const searchFrom = Math.max(0, rest.length - 1);
    rest += decode(decoder, chunk);
    const found: string[] = [];
    let from = 0;
    for (let at = rest.indexOf(separator, searchFrom); at >= 0; at = rest.indexOf(separator, from)) {
      found.push(rest.slice(from, at));
      from = at + separator.length;
    }
    rest = rest.slice(from);
    if (rest.length > maxLength) throw new FormatError(`found a piece longer than ${maxLength} characters`);
    cut ||= found.length > 0;
    if (found.length > 0) yield found;
  }
  decode(decoder);
  if (separator === "\n" && rest !== "") throw new FormatError("found a last line without LF");
  if (separator === "\n\n" && (rest !== "" || cut)) {
    if (!rest.endsWith("\n")) throw new FormatError("found an end without LF, or an empty line at the end");
    yield [rest.slice(0, -1)];
  }
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
  } catch {
    throw new FormatError("found bytes that are not UTF-8");
  }
}

export type CursorOptions<T> = PieceOptions & { check: CheckNumber; file: string; parse: (piece: string) => T };

/**
 * Walks a file piece by piece. `current` is undefined at the end. A piece outside its grammar throws CheckFailure, which names
 * file and line.
 */
export class Cursor<T> {
  current: T | undefined;
  /** number of the current piece, from 1 */
  number = 0;
  readonly #source: AsyncIterator<string[]>;
  readonly #options: CursorOptions<T>;
  #batch: string[] = [];
  #at = 0;

  private constructor(chunks: Chunks, options: CursorOptions<T>) {
    this.#source = pieces(chunks, options);
    this.#options = options;
  }

  static async open<T>(chunks: Chunks, options: CursorOptions<T>): Promise<Cursor<T>> {
    const cursor = new Cursor(chunks, options);
    await cursor.advance();
    return cursor;
  }

  get place(): string {
    return `${this.#options.file} ${this.#options.separator === "\n" ? "line" : "entry"} ${this.number}`;
  }

  fail(message: string): never {
    throw new CheckFailure(this.#options.check, this.place, message);
  }

  async advance(): Promise<void> {
    this.number++;
    try {
      while (this.#at === this.#batch.length) {
        const next = await this.#source.next();
        if (next.done) {
          this.current = undefined;
          return;
        }
        this.#batch = next.value;
        this.#at = 0;
      }
      this.current = this.#options.parse(this.#batch[this.#at++]!);
    } catch (error) {
      if (error instanceof FormatError) this.fail(error.message);
      throw error;
    }
  }

  /** Takes the current piece and moves on. */
  async take(): Promise<T | undefined> {
    const taken = this.current;
    await this.advance();
    return taken;
  }
}

/** The whole of a small file. */
export async function readWhole(chunks: Chunks, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > maxBytes) throw new FormatError(`found more than ${maxBytes} bytes`);
    parts.push(chunk);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
