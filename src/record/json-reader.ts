import { FormatError, shown } from "./text.ts";

export type JsonOptions = {
  /** deepest nesting of arrays and objects; 32 if not given */
  maxDepth?: number;
  /** refuses fractions, exponents, -0 and integers beyond ±(2^53-1) */
  integersOnly?: boolean;
  /** takes the escape \u0000, which Postgres text cannot hold */
  allowNul?: boolean;
};

const backslash = 92;
const quote = 34;
const simpleEscapes: Record<string, string> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};
const numberForm = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/**
 * A cursor over JSON text (RFC 8259) that refuses duplicate keys, lone surrogates, NUL and deep nesting wherever it reads, and
 * gives the exact text of any value. No value is built that the caller did not ask for. Throws FormatError.
 */
export class JsonReader {
  readonly text: string;
  at = 0;
  #depth = 0;
  readonly #maxDepth: number;
  readonly #integersOnly: boolean;
  readonly #allowNul: boolean;

  constructor(text: string, options: JsonOptions = {}) {
    this.text = text;
    this.#maxDepth = options.maxDepth ?? 32;
    this.#integersOnly = options.integersOnly ?? false;
    this.#allowNul = options.allowNul ?? false;
  }

  fail(expected: string): never {
    const found = this.at < this.text.length ? shown(this.text.slice(this.at, this.at + 20)) : "the end";
    throw new FormatError(`found ${found} at character ${this.at}, expected ${expected}`);
  }

  #space(): void {
    for (; ; this.at++) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
    }
  }

  /** The next character after white space, not taken. */
  peek(): string {
    this.#space();
    return this.text[this.at] ?? "";
  }

  #take(character: string): void {
    if (this.peek() !== character) this.fail(character);
    this.at++;
  }

  /** Nothing but white space may follow. */
  end(): void {
    if (this.peek() !== "") this.fail("the end");
  }

  string(): string {
    this.#take('"');
    const from = this.at;
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code === quote) break;
      if (code === backslash) return this.#escapedString(from);
      if (!(code >= 32)) this.fail("a character of a string");
      this.at++;
    }
    const value = this.text.slice(from, this.at++);
    if (!value.isWellFormed()) this.fail("no lone surrogate in a string");
    return value;
  }

  #escapedString(from: number): string {
    let value = this.text.slice(from, this.at);
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code === quote) break;
      if (!(code >= 32)) this.fail("a character of a string");
      if (code === backslash) value += this.#escape();
      else value += this.text[this.at++];
    }
    this.at++;
    if (!value.isWellFormed()) this.fail("no lone surrogate in a string");
    return value;
  }

  #escape(): string {
    const letter = this.text[this.at + 1] ?? "";
    const simple = simpleEscapes[letter];
    if (simple !== undefined) {
      this.at += 2;
      return simple;
    }
    const hex = this.text.slice(this.at + 2, this.at + 6);
    if (letter !== "u" || !/^[0-9A-Fa-f]{4}$/.test(hex)) this.fail("an escape of JSON");
    if (hex === "0000" && !this.#allowNul) this.fail("no NUL in a string");
    this.at += 6;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  number(): number {
    this.#space();
    numberForm.lastIndex = this.at;
    const match = numberForm.exec(this.text);
    if (!match) this.fail("a number");
    const value = Number(match[0]);
    if (this.#integersOnly && (!/^-?[0-9]+$/.test(match[0]) || !Number.isSafeInteger(value) || Object.is(value, -0))) {
      this.fail("an integer up to 2^53-1");
    }
    this.at = numberForm.lastIndex;
    return value;
  }

  /** An integer of 0 to 2^53-1, written without fraction or exponent. */
  count(): number {
    this.#space();
    const from = this.at;
    let value = 0;
    let code = this.text.charCodeAt(this.at);
    const leadingZero = code === 48;
    for (; code >= 48 && code <= 57; code = this.text.charCodeAt(++this.at)) value = value * 10 + code - 48;
    const digits = this.at - from;
    const goesOn = code === 46 || code === 101 || code === 69;
    if (digits === 0 || (leadingZero && digits > 1) || goesOn || !Number.isSafeInteger(value)) {
      this.at = from;
      this.fail("an integer from 0 to 2^53-1");
    }
    return value;
  }

  #literal(word: string): void {
    if (!this.text.startsWith(word, this.at)) this.fail("a JSON value");
    this.at += word.length;
  }

  /** Calls `field` for each key; it must take the value. */
  object(field: (key: string) => void): void {
    this.#take("{");
    this.#enter();
    const keys = new KeySet();
    for (let more = this.peek() !== "}"; more; ) {
      this.#space();
      const key = this.string();
      if (!keys.add(key)) this.fail(`no second key ${shown(key)}`);
      this.#take(":");
      field(key);
      more = this.#another("}");
    }
    this.#leave();
  }

  /** Calls `item` for each item; it must take the value. */
  array(item: (index: number) => void): void {
    this.#take("[");
    this.#enter();
    let index = 0;
    for (let more = this.peek() !== "]"; more; more = this.#another("]")) item(index++);
    this.#leave();
  }

  #another(closing: string): boolean {
    if (this.peek() === closing) return false;
    this.#take(",");
    return true;
  }

  #enter(): void {
    if (++this.#depth > this.#maxDepth) this.fail(`nesting of at most ${this.#maxDepth}`);
  }

  #leave(): void {
    this.#depth--;
    this.at++;
  }

  /** Takes a value of any type and returns its exact text. */
  raw(): string {
    this.#space();
    const from = this.at;
    this.#skip();
    return this.text.slice(from, this.at);
  }

  #skip(): void {
    switch (this.peek()) {
      case "{":
        this.object(() => this.#skip());
        break;
      case "[":
        this.array(() => this.#skip());
        break;
      case '"':
        this.string();
        break;
      case "t":
        this.#literal("true");
        break;
      case "f":
        this.#literal("false");
        break;
      case "n":
        this.#literal("null");
        break;
      default:
        this.number();
    }
  }

  /** Goes back to a place that was reached at the given depth. Only for a caller that caught a FormatError. */
  rewind(place: { at: number; depth: number }): void {
    this.at = place.at;
    this.#depth = place.depth;
  }

  place(): { at: number; depth: number } {
    return { at: this.at, depth: this.#depth };
  }
}

/** Few keys are compared one by one, many by a Set: hostile objects of many keys cost linear time. */
class KeySet {
  readonly #few: string[] = [];
  #many: Set<string> | undefined;

  add(key: string): boolean {
    if (this.#many) return this.#many.size !== this.#many.add(key).size;
    if (this.#few.includes(key)) return false;
    this.#few.push(key);
    if (this.#few.length > 12) this.#many = new Set(this.#few);
    return true;
  }
}
