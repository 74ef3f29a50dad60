/** Strict DER (X.690): definite lengths in their shortest form, low tag numbers, nothing left over. */
export type DerValue = {
  tag: number;
  /** the value's bytes, without tag and length */
  content: Uint8Array;
  /** tag, length and value */
  whole: Uint8Array;
};

export class DerError extends Error {
  override name = "DerError";
}

export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  context0: 0xa0,
  context0Primitive: 0x80,
  context3: 0xa3,
} as const;

const maxBytes = 1_048_576;

function readLength(bytes: Uint8Array, at: number): { length: number; next: number } {
  const first = bytes[at];
  if (first === undefined) throw new DerError("found the end inside a length");
  if (first < 0x80) return { length: first, next: at + 1 };
  const count = first & 0x7f;
  if (count < 1 || count > 3 || at + count >= bytes.length)
    throw new DerError("found a length that DER does not allow");
  let length = 0;
  for (let i = 1; i <= count; i++) length = length * 256 + bytes[at + i]!;
  if (length < 0x80 || length < 256 ** (count - 1))
    throw new DerError("found a length that is not in its shortest form");
  return { length, next: at + 1 + count };
}

function readValue(bytes: Uint8Array, at: number): DerValue {
  const tag = bytes[at]!;
  if ((tag & 0x1f) === 0x1f) throw new DerError("found a high tag number");
  const { length, next } = readLength(bytes, at + 1);
  if (next + length > bytes.length) throw new DerError("found a value that reaches beyond its end");
  return { tag, content: bytes.subarray(next, next + length), whole: bytes.subarray(at, next + length) };
}

/** All values that stand one after the other in these bytes. */
export function derList(bytes: Uint8Array): DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length; ) {
    const value = readValue(bytes, at);
    values.push(value);
    at += value.whole.length;
  }
  return values;
}

/** The only value in these bytes. */
export function derSingle(bytes: Uint8Array, tag: number): DerValue {
  if (bytes.length > maxBytes) throw new DerError(`found ${bytes.length} bytes, expected at most ${maxBytes}`);
  const values = derList(bytes);
  if (values.length !== 1) throw new DerError(`found ${values.length} values, expected one`);
  return expectTag(values[0], tag);
}

export function expectTag(value: DerValue | undefined, tag: number): DerValue {
  if (value?.tag !== tag) {
    throw new DerError(
      `found tag ${value ? `0x${value.tag.toString(16)}` : "nothing"}, expected 0x${tag.toString(16)}`,
    );
  }
  return value;
}

/** Members of a SEQUENCE or SET. */
export function members(value: DerValue | undefined, tag: number): DerValue[] {
  return derList(expectTag(value, tag).content);
}

export function oidOf(value: DerValue | undefined): string {
  const bytes = expectTag(value, tags.oid).content;
  if (bytes.length === 0 || bytes.length > 64 || bytes.at(-1)! >= 0x80) throw new DerError("found a broken OID");
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of bytes) {
    if (arc === 0 && byte === 0x80) throw new DerError("found an OID arc with a leading zero");
    arc = arc * 128 + (byte & 0x7f);
    if (!Number.isSafeInteger(arc)) throw new DerError("found an OID arc beyond 2^53");
    if (byte >= 0x80) continue;
    if (arcs.length === 0) {
      const first = Math.min(2, Math.floor(arc / 40));
      arcs.push(first, arc - 40 * first);
    } else arcs.push(arc);
    arc = 0;
  }
  return arcs.join(".");
}

/** Bytes of a non-negative INTEGER, without sign byte. */
export function unsignedOf(value: DerValue | undefined): Uint8Array {
  const bytes = expectTag(value, tags.integer).content;
  if (bytes.length === 0 || bytes[0]! >= 0x80) throw new DerError("found a negative or empty integer");
  if (bytes.length > 1 && bytes[0] === 0 && bytes[1]! < 0x80)
    throw new DerError("found an integer with needless zeros");
  return bytes[0] === 0 && bytes.length > 1 ? bytes.subarray(1) : bytes;
}

export function smallInteger(value: DerValue | undefined): number {
  const bytes = unsignedOf(value);
  if (bytes.length > 4) throw new DerError("found an integer beyond 32 bits");
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** UTCTime or GeneralizedTime in UTC with seconds, as RFC 5652 section 11.3 asks, in milliseconds since 1970. */
export function timeOf(value: DerValue | undefined): number {
  const text = String.fromCharCode(...(value?.content ?? []));
  const short = value?.tag === tags.utcTime;
  if (!short) expectTag(value, tags.generalizedTime);
  const match = (short ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/ : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/).exec(
    text,
  );
  if (!match) throw new DerError(`found time ${JSON.stringify(text.slice(0, 40))}`);
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const millis = Date.UTC(short ? (year < 50 ? 2000 + year : 1900 + year) : year, month - 1, day, hour, minute, second);
  const back = new Date(millis)
    .toISOString()
    .replace(/\D/g, "")
    .slice(short ? 2 : 0, 14);
  if (back !== text.slice(0, -1)) throw new DerError(`found time ${JSON.stringify(text)}, which no calendar has`);
  return millis;
}
