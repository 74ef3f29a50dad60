import { crc32 } from "node:zlib";
import type { ByteSink } from "./sink.ts";

/** What a local header must say before the entry's bytes follow: no data descriptors (docs/ledger.md "Evidence bundle"). */
export type EntryHead = {
  name: string;
  method: "stored" | "deflated";
  crc: number;
  /** Bytes in the ZIP, and of the file itself. */
  packedBytes: number;
  bytes: number;
};

/**
 * The entries of a ZIP so far, which tile it from byte 0 on. Of each only its central header is kept, as bytes: as objects,
 * the images of a month would be most of what an export holds in memory.
 */
export type ZipIndex = { entries: number; central: Buffer; centralBytes: number; position: number };

type Placed = EntryHead & { offset: number };

export const emptyIndex = (): ZipIndex => ({
  entries: 0,
  central: Buffer.allocUnsafeSlow(4096),
  centralBytes: 0,
  position: 0,
});

export type ZipWriter = {
  /** Writes one entry. `body` must yield exactly `packedBytes`. */
  add(entry: EntryHead, body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void>;
  /** A file held in memory. */
  addBytes(name: string, bytes: Uint8Array): Promise<void>;
  /** Writes the central directory and the end record. The sink stays open. */
  finish(): Promise<void>;
};

const localSignature = 0x04034b50;
const centralSignature = 0x02014b50;
const endSignature = 0x06054b50;
const zip64EndSignature = 0x06064b50;
const zip64LocatorSignature = 0x07064b50;
const limit32 = 0xffff_ffff;
const limit16 = 0xffff;
/** Made by: Unix (3), APPNOTE 4.5: the attributes then say that it is a regular file. */
const madeBy = (3 << 8) | 45;
const regularFile = 0o100644 * 0x10000;
/** 1980-01-01, the earliest that ZIP knows: the bag itself says when it was made. */
const dosDate = 0x0021;

/** ZIP with ZIP64 where sizes ask for it, after the entries that `index` names. */
export function createZipWriter(sink: ByteSink, index: ZipIndex = emptyIndex()): ZipWriter {
  const add: ZipWriter["add"] = async (entry, body) => {
    await sink.append(localHeader(entry));
    let length = 0;
    for await (const chunk of body) {
      length += chunk.length;
      await sink.append(chunk);
    }
    if (length !== entry.packedBytes) {
      throw new Error(`found ${length} bytes for ${entry.name}, expected ${entry.packedBytes}`);
    }
    place(index, entry);
  };
  return {
    add,
    addBytes: (name, bytes) =>
      add({ name, method: "stored", crc: crc32(bytes), packedBytes: bytes.length, bytes: bytes.length }, [bytes]),
    async finish() {
      await sink.append(index.central.subarray(0, index.centralBytes));
      await sink.append(endRecords({ entries: index.entries, size: index.centralBytes, offset: index.position }));
    },
  };
}

/** Counts an entry that now lies behind the others. */
export function place(index: ZipIndex, entry: EntryHead): void {
  const header = centralHeader({ ...entry, offset: index.position });
  const end = index.centralBytes + header.length;
  if (end > index.central.length) {
    const larger = Buffer.allocUnsafeSlow(2 * end);
    index.central.copy(larger, 0, 0, index.centralBytes);
    index.central = larger;
  }
  index.central.set(header, index.centralBytes);
  index.entries++;
  index.centralBytes = end;
  index.position += localHeader(entry).length + entry.packedBytes;
}

/** How long the whole ZIP would be after this entry. */
export function lengthWith({ position, centralBytes }: ZipIndex, entry: EntryHead): number {
  const headers = localHeader(entry).length + centralBytes + centralHeader({ ...entry, offset: position }).length;
  return position + headers + entry.packedBytes + 98;
}

export function localHeader(entry: EntryHead): Buffer {
  const large = entry.bytes >= limit32 || entry.packedBytes >= limit32;
  const extra = large ? zip64Extra([entry.bytes, entry.packedBytes]) : Buffer.alloc(0);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(localSignature, 0);
  writeCommon(header, 4, { entry, large, extra });
  return Buffer.concat([header, Buffer.from(entry.name, "latin1"), extra]);
}

function centralHeader(entry: Placed): Buffer {
  const large = entry.bytes >= limit32 || entry.packedBytes >= limit32;
  const far = entry.offset >= limit32;
  const values = [...(large ? [entry.bytes, entry.packedBytes] : []), ...(far ? [entry.offset] : [])];
  const extra = values.length > 0 ? zip64Extra(values) : Buffer.alloc(0);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(centralSignature, 0);
  header.writeUInt16LE(madeBy, 4);
  writeCommon(header, 6, { entry, large, extra });
  // Comment length, disk and internal attributes stay 0.
  header.writeUInt32LE(regularFile, 38);
  header.writeUInt32LE(far ? limit32 : entry.offset, 42);
  return Buffer.concat([header, Buffer.from(entry.name, "latin1"), extra]);
}

/** The fields that both headers share, from "version needed" to "extra field length". */
function writeCommon(
  header: Buffer,
  at: number,
  { entry, large, extra }: { entry: EntryHead; large: boolean; extra: Buffer },
): void {
  header.writeUInt16LE(large ? 45 : 20, at);
  header.writeUInt16LE(entry.method === "stored" ? 0 : 8, at + 4);
  header.writeUInt16LE(dosDate, at + 8);
  header.writeUInt32LE(entry.crc, at + 10);
  header.writeUInt32LE(large ? limit32 : entry.packedBytes, at + 14);
  header.writeUInt32LE(large ? limit32 : entry.bytes, at + 18);
  header.writeUInt16LE(entry.name.length, at + 22);
  header.writeUInt16LE(extra.length, at + 24);
}

function zip64Extra(values: number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * values.length);
  extra.writeUInt16LE(0x0001, 0);
  extra.writeUInt16LE(8 * values.length, 2);
  for (const [i, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + 8 * i);
  return extra;
}

function endRecords({ entries, size, offset }: { entries: number; size: number; offset: number }): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(endSignature, 0);
  end.writeUInt16LE(Math.min(entries, limit16), 8);
  end.writeUInt16LE(Math.min(entries, limit16), 10);
  end.writeUInt32LE(Math.min(size, limit32), 12);
  end.writeUInt32LE(Math.min(offset, limit32), 16);
  if (entries < limit16 && size < limit32 && offset < limit32) return end;
  const large = Buffer.alloc(56);
  large.writeUInt32LE(zip64EndSignature, 0);
  large.writeBigUInt64LE(44n, 4);
  large.writeUInt16LE(madeBy, 12);
  large.writeUInt16LE(45, 14);
  large.writeBigUInt64LE(BigInt(entries), 24);
  large.writeBigUInt64LE(BigInt(entries), 32);
  large.writeBigUInt64LE(BigInt(size), 40);
  large.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(zip64LocatorSignature, 0);
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([large, locator, end]);
}
