import { crc32, deflateRawSync } from "node:zlib";
import type { Files } from "./bundle-bag.ts";

export type ZipPart = { name: string; bytes: Uint8Array; deflate?: boolean };

function common(
  header: Buffer,
  at: number,
  entry: { name: string; bytes: Uint8Array; packed: Uint8Array; method: number },
): void {
  header.writeUInt16LE(20, at);
  header.writeUInt16LE(entry.method, at + 4);
  header.writeUInt16LE(0x0021, at + 8);
  header.writeUInt32LE(crc32(entry.bytes), at + 10);
  header.writeUInt32LE(entry.packed.length, at + 14);
  header.writeUInt32LE(entry.bytes.length, at + 18);
  header.writeUInt16LE(Buffer.byteLength(entry.name), at + 22);
}

/** A ZIP in the one form that docs/ledger.md allows, from parts as they are: names may repeat or be bad. */
export function zipParts(parts: ZipPart[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, deflate } of parts) {
    const packed = deflate ? deflateRawSync(bytes) : bytes;
    const entry = { name, bytes, packed, method: deflate ? 8 : 0 };
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    common(local, 4, entry);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE((3 << 8) | 45, 4);
    common(central, 6, entry);
    central.writeUInt32LE(0o100644 * 0x10000, 38);
    central.writeUInt32LE(offset, 42);
    const written = Buffer.concat([local, Buffer.from(name), packed]);
    locals.push(written);
    centrals.push(Buffer.concat([central, Buffer.from(name)]));
    offset += written.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

export function zipFiles(files: Files, options: { deflate?: boolean } = {}): Buffer {
  const parts = [...files].map(([name, bytes]): ZipPart => {
    const text = !name.startsWith("data/images/");
    return { name, bytes, deflate: (options.deflate ?? false) && text };
  });
  return zipParts(parts);
}
