import { type Timestamp, timestampMicros } from "../record/time.ts";

// Arrays in Postgres' binary form, which it takes over as they are: text would be split and parsed value by value.

const oids = { int4: 23, timestamptz: 1184, uuid: 2950 };
const headBytes = 20;
const micros2000 = 946_684_800_000_000;

/** One dimension, from 1, without nulls: the head, and the size before each value; the values are zero. */
function newArray(oid: number, size: number, length: number): Buffer {
  // An empty array has no dimension, and its head ends there.
  if (length === 0) return Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, oid >> 8, oid & 255]);
  const bytes = Buffer.alloc(headBytes + length * (4 + size));
  bytes.writeInt32BE(1, 0);
  bytes.writeInt32BE(oid, 8);
  bytes.writeInt32BE(length, 12);
  bytes.writeInt32BE(1, 16);
  for (let at = headBytes + 3; at < bytes.length; at += 4 + size) bytes[at] = size;
  return bytes;
}

/** `int4[]`. */
export function int4Array(values: readonly number[]): Buffer {
  const bytes = newArray(oids.int4, 4, values.length);
  let at = headBytes + 4;
  for (const value of values) {
    bytes.writeInt32BE(value, at);
    at += 8;
  }
  return bytes;
}

/** `timestamptz[]`, of the years 1715 to 2255. */
export function timestampArray(values: readonly Timestamp[]): Buffer {
  const bytes = newArray(oids.timestamptz, 8, values.length);
  let at = headBytes + 4;
  for (const value of values) {
    const micros = timestampMicros(value) - micros2000;
    const high = Math.floor(micros / 2 ** 32);
    bytes.writeInt32BE(high, at);
    bytes.writeUInt32BE(micros - high * 2 ** 32, at + 4);
    at += 12;
  }
  return bytes;
}

const hexDigits = Uint8Array.from({ length: 103 }, (_, code) => (code < 58 ? code - 48 : code - 87));

/** `uuid[]`, of lower-case hyphenated uuids. */
export function uuidArray(values: readonly string[]): Buffer {
  const bytes = newArray(oids.uuid, 16, values.length);
  let at = headBytes + 4;
  for (const uuid of values) {
    let from = 0;
    for (let n = 0; n < 16; n++) {
      if (n === 4 || n === 6 || n === 8 || n === 10) from += 1;
      bytes[at + n] = (hexDigits[uuid.charCodeAt(from)]! << 4) | hexDigits[uuid.charCodeAt(from + 1)]!;
      from += 2;
    }
    at += 20;
  }
  return bytes;
}
