import { isSafeName } from "../record/bag.ts";
import { CheckFailure } from "./report.ts";
import type { RandomAccess } from "./source.ts";

// Strict ZIP: every byte of the file belongs to exactly one record, and every field has the one value that docs/ledger.md
// gives it, so that no two readers can see two different bundles.

const endBytes = 22;
const locatorBytes = 20;
const end64Bytes = 56;
export const localBytes = 30;
const centralBytes = 46;
export const limit32 = 0xffff_ffff;
const limit16 = 0xffff;
const madeByUnix45 = (3 << 8) | 45;
const regularFile = 0o100644 * 0x10000;
export const dosDate = 0x0021;
const maxEntries = 2_000_000;
const maxCentralBytes = 512 * 1024 * 1024;

export type ZipEntry = {
  name: string;
  deflated: boolean;
  crc: number;
  packedBytes: number;
  bytes: number;
  offset: number;
};

export function refuse(place: string, message: string): never {
  throw new CheckFailure(1, place, message);
}

export function expectEqual(place: string, field: string, found: number, expected: number): void {
  if (found !== expected) refuse(place, `found ${field} ${found}, expected ${expected}`);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function uint64(view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) refuse("ZIP", "found a 64-bit size that no file has");
  return Number(value);
}

type Directory = { entries: number; size: number; offset: number };

async function readEnd(access: RandomAccess): Promise<Directory> {
  if (access.size < endBytes) refuse("ZIP", `found ${access.size} bytes, expected a ZIP file`);
  const view = viewOf(await access.read(access.size - endBytes, endBytes));
  if (view.getUint32(0, true) !== 0x06054b50) {
    refuse("ZIP end record", "found none in the last 22 bytes, expected a ZIP without comment or trailing bytes");
  }
  for (const at of [4, 6, 20])
    expectEqual("ZIP end record", "disk number or comment length", view.getUint16(at, true), 0);
  const small = { entries: view.getUint16(10, true), size: view.getUint32(12, true), offset: view.getUint32(16, true) };
  expectEqual("ZIP end record", "entries on this disk", view.getUint16(8, true), small.entries);
  if (small.entries < limit16 && small.size < limit32 && small.offset < limit32) {
    expectEqual("ZIP end record", "end of the central directory", small.offset + small.size, access.size - endBytes);
    return small;
  }
  return readEnd64(access, small);
}

async function readEnd64(access: RandomAccess, small: Directory): Promise<Directory> {
  const at = access.size - endBytes - locatorBytes - end64Bytes;
  if (at < 0) refuse("ZIP64 end record", "found no room for it");
  const view = viewOf(await access.read(at, end64Bytes + locatorBytes));
  const place = "ZIP64 end record";
  expectEqual(place, "signature", view.getUint32(0, true), 0x06064b50);
  expectEqual(place, "record size", uint64(view, 4), end64Bytes - 12);
  expectEqual(place, "version made by", view.getUint16(12, true), madeByUnix45);
  expectEqual(place, "version needed", view.getUint16(14, true), 45);
  for (const field of [16, 20, end64Bytes + 4]) expectEqual(place, "disk number", view.getUint32(field, true), 0);
  const directory = { entries: uint64(view, 32), size: uint64(view, 40), offset: uint64(view, 48) };
  expectEqual(place, "entries on this disk", uint64(view, 24), directory.entries);
  expectEqual(place, "locator signature", view.getUint32(end64Bytes, true), 0x07064b50);
  expectEqual(place, "locator offset", uint64(view, end64Bytes + 8), at);
  expectEqual(place, "disks", view.getUint32(end64Bytes + 16, true), 1);
  expectEqual(place, "end of the central directory", directory.offset + directory.size, at);
  expectEqual(place, "16-bit entries", small.entries, Math.min(directory.entries, limit16));
  expectEqual(place, "32-bit size", small.size, Math.min(directory.size, limit32));
  expectEqual(place, "32-bit offset", small.offset, Math.min(directory.offset, limit32));
  return directory;
}

/** Values of the one extra field that is allowed, ZIP64 (0x0001), which must hold exactly `count` values. */
function zip64Values(place: string, extra: Uint8Array, count: number): number[] {
  expectEqual(place, "bytes of extra fields", extra.length, count === 0 ? 0 : 4 + 8 * count);
  if (count === 0) return [];
  const view = viewOf(extra);
  expectEqual(place, "extra field", view.getUint16(0, true), 0x0001);
  expectEqual(place, "extra field size", view.getUint16(2, true), 8 * count);
  return Array.from({ length: count }, (_, i) => uint64(view, 4 + 8 * i));
}

type Common = { method: number; crc: number; packed: number; bytes: number; nameBytes: number; extraBytes: number };

/** The fields that both headers share, from "version needed" to "extra field length". */
function readCommon(place: string, view: DataView, at: number): Common {
  const packed = view.getUint32(at + 14, true);
  const bytes = view.getUint32(at + 18, true);
  const large = packed === limit32;
  expectEqual(place, "version needed", view.getUint16(at, true), large ? 45 : 20);
  expectEqual(place, "flags", view.getUint16(at + 2, true), 0);
  expectEqual(place, "time", view.getUint16(at + 6, true), 0);
  expectEqual(place, "date", view.getUint16(at + 8, true), dosDate);
  const method = view.getUint16(at + 4, true);
  if (method !== 0 && method !== 8) refuse(place, `found method ${method}, expected stored or deflated`);
  if (large !== (bytes === limit32)) refuse(place, "found one size in 64 bits and one in 32, expected both alike");
  const nameBytes = view.getUint16(at + 22, true);
  return {
    method,
    crc: view.getUint32(at + 10, true),
    packed,
    bytes,
    nameBytes,
    extraBytes: view.getUint16(at + 24, true),
  };
}

function nameOf(bytes: Uint8Array, place: string): string {
  const name = String.fromCharCode(...bytes);
  if (!isSafeName(name)) refuse(place, `found name ${JSON.stringify(name)}, expected a plain relative path`);
  return name;
}

function readCentral(bytes: Uint8Array, count: number): ZipEntry[] {
  const view = viewOf(bytes);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const place = `ZIP central directory entry ${i + 1}`;
    if (at + centralBytes > bytes.length) refuse(place, "found the directory too short");
    expectEqual(place, "signature", view.getUint32(at, true), 0x02014b50);
    expectEqual(place, "version made by", view.getUint16(at + 4, true), madeByUnix45);
    const common = readCommon(place, view, at + 6);
    for (const field of [32, 34, 36])
      expectEqual(place, "comment, disk or attributes", view.getUint16(at + field, true), 0);
    expectEqual(place, "mode (regular file, no link)", view.getUint32(at + 38, true), regularFile);
    const nameEnd = at + centralBytes + common.nameBytes;
    if (nameEnd + common.extraBytes > bytes.length) refuse(place, "found the directory too short");
    const name = nameOf(bytes.subarray(at + centralBytes, nameEnd), place);
    const offset = view.getUint32(at + 42, true);
    const large = common.packed === limit32;
    const extra = bytes.subarray(nameEnd, nameEnd + common.extraBytes);
    const values = zip64Values(place, extra, (large ? 2 : 0) + (offset === limit32 ? 1 : 0));
    const size = large ? values.shift()! : common.bytes;
    const packedBytes = large ? values.shift()! : common.packed;
    if (large && size < limit32 && packedBytes < limit32) refuse(place, "found 64-bit sizes that fit 32 bits");
    if (common.method === 0) expectEqual(place, "packed size of a stored file", packedBytes, size);
    entries.push({
      name,
      deflated: common.method === 8,
      crc: common.crc,
      packedBytes,
      bytes: size,
      offset: values.shift() ?? offset,
    });
    at = nameEnd + common.extraBytes;
  }
  expectEqual("ZIP central directory", "bytes", bytes.length, at);
  return entries;
}

/** The central directory, in its order, and where it begins. Throws CheckFailure of check 1. */
export async function readDirectory(access: RandomAccess): Promise<{ entries: ZipEntry[]; directoryAt: number }> {
  const directory = await readEnd(access);
  if (directory.entries > maxEntries || directory.size > maxCentralBytes) {
    refuse("ZIP central directory", `found ${directory.entries} entries, expected at most ${maxEntries}`);
  }
  const entries = readCentral(await access.read(directory.offset, directory.size), directory.entries);
  return { entries, directoryAt: directory.offset };
}
