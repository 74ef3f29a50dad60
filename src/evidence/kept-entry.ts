import { crc32 } from "node:zlib";
import type { KeptFile } from "./kept-file.ts";
import { type EntryHead, localHeader, place, type ZipIndex } from "./zip.ts";

/** The CRC-32 of an image is known only when it was read. */
export type KnownHead = Omit<EntryHead, "crc"> & { crc?: number };

const crcAt = 14;

/**
 * Passes by an entry that an earlier attempt wrote: true when its header is the one expected and its bytes are whole, stored
 * ones by their CRC-32. So no list of what was done is needed, which could say more than the disk holds.
 */
export async function passEntry(kept: KeptFile, index: ZipIndex, head: KnownHead): Promise<boolean> {
  const expected = localHeader({ ...head, crc: head.crc ?? 0 });
  const header = Buffer.alloc(expected.length);
  let seen = 0;
  let crc = 0;
  const look = (chunk: Uint8Array) => {
    const part = chunk.subarray(0, header.length - seen);
    header.set(part, seen);
    seen += part.length;
    if (head.method === "stored") crc = crc32(chunk.subarray(part.length), crc);
  };
  const accept = () => {
    const said = header.readUInt32LE(crcAt);
    if (head.crc === undefined) expected.writeUInt32LE(said, crcAt);
    return header.equals(expected) && (head.method === "deflated" || crc === said);
  };
  if (!(await kept.pass(expected.length + head.packedBytes, look, accept))) return false;
  place(index, { ...head, crc: header.readUInt32LE(crcAt) });
  return true;
}
