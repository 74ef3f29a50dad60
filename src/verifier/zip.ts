import { crc32 } from "./crc32.ts";
import type { Chunks } from "./lines.ts";
import { type BundleSource, chunkBytes, chunksOf, type RandomAccess } from "./source.ts";
import {
  dosDate,
  expectEqual,
  limit32,
  localBytes,
  readDirectory,
  refuse,
  viewOf,
  type ZipEntry,
} from "./zip-directory.ts";

/** The bytes of an entry's local header, as they must be. */
function expectedLocal(entry: ZipEntry): Uint8Array {
  const large = entry.bytes >= limit32 || entry.packedBytes >= limit32;
  const header = new Uint8Array(localBytes + entry.name.length + (large ? 20 : 0));
  const view = viewOf(header);
  view.setUint32(0, 0x04034b50, true);
  view.setUint16(4, large ? 45 : 20, true);
  view.setUint16(8, entry.deflated ? 8 : 0, true);
  view.setUint16(12, dosDate, true);
  view.setUint32(14, entry.crc, true);
  view.setUint32(18, large ? limit32 : entry.packedBytes, true);
  view.setUint32(22, large ? limit32 : entry.bytes, true);
  view.setUint16(26, entry.name.length, true);
  view.setUint16(28, large ? 20 : 0, true);
  for (let i = 0; i < entry.name.length; i++) header[localBytes + i] = entry.name.charCodeAt(i);
  if (large) {
    const extra = localBytes + entry.name.length;
    view.setUint16(extra, 0x0001, true);
    view.setUint16(extra + 2, 16, true);
    view.setBigUint64(extra + 4, BigInt(entry.bytes), true);
    view.setBigUint64(extra + 12, BigInt(entry.packedBytes), true);
  }
  return header;
}

/** Entries, in the order of the directory, tile the file from byte 0 to the directory; local headers equal it. */
async function checkTiling(access: RandomAccess, entries: ZipEntry[], directoryAt: number): Promise<void> {
  const folded = new Set<string>();
  let at = 0;
  for (const entry of entries) {
    const fold = entry.name.toLowerCase();
    if (folded.has(fold)) refuse(entry.name, "found this name twice in the ZIP (case folded)");
    folded.add(fold);
    expectEqual(entry.name, "offset in the ZIP", entry.offset, at);
    const expected = expectedLocal(entry);
    if (at + expected.length + entry.packedBytes > directoryAt)
      refuse(entry.name, "found the entry reach into the directory");
    const found = await access.read(at, expected.length);
    if (found.some((byte, i) => byte !== expected[i]))
      refuse(entry.name, "found a local header unlike the central directory");
    at += expected.length + entry.packedBytes;
  }
  expectEqual("ZIP", "end of the last entry", at, directoryAt);
}

/** Yields the file's bytes; refuses more or fewer than the directory says, and another CRC. Never inflates beyond the size. */
async function* contents(entry: ZipEntry, packed: Chunks): Chunks {
  let length = 0;
  let crc = 0;
  try {
    for await (const chunk of entry.deflated ? inflated(packed) : packed) {
      length += chunk.length;
      if (length > entry.bytes) refuse(entry.name, `found more than the ${entry.bytes} bytes that the ZIP declares`);
      crc = crc32(chunk, crc);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof TypeError) refuse(entry.name, `found broken deflate data: ${error.message}`);
    throw error;
  }
  expectEqual(entry.name, "bytes", length, entry.bytes);
  expectEqual(entry.name, "CRC-32", crc, entry.crc);
}

async function* inflated(packed: Chunks): Chunks {
  const iterator = packed[Symbol.asyncIterator]();
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const next = await iterator.next();
      if (next.done) controller.close();
      else controller.enqueue(next.value as Uint8Array<ArrayBuffer>);
    },
  });
  const reader = stream.pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Throws CheckFailure of check 1 on anything but the strict form. */
export async function openZip(
  access: RandomAccess,
  about: { label: string; encrypted: boolean },
): Promise<BundleSource> {
  const { entries, directoryAt } = await readDirectory(access);
  await checkTiling(access, entries, directoryAt);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const spare: Uint8Array[] = [];
  const lending = async function* (chunks: (into: Uint8Array) => Chunks): Chunks {
    const into = spare.pop() ?? new Uint8Array(chunkBytes);
    try {
      yield* chunks(into);
    } finally {
      spare.push(into);
    }
  };
  return {
    ...about,
    container: "zip",
    names: entries.map((entry) => entry.name),
    sizeOf: (name) => byName.get(name)?.bytes ?? 0,
    open(name, lend = false) {
      const entry = byName.get(name);
      if (!entry) refuse(name, "found no such file in the bundle");
      const dataAt = entry.offset + expectedLocal(entry).length;
      const packed = (into?: Uint8Array) => chunksOf(access, dataAt, entry.packedBytes, into);
      // What inflates keeps its input for a while.
      return contents(entry, lend && !entry.deflated ? lending(packed) : packed());
    },
  };
}
