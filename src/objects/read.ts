import type { FileHandle } from "node:fs/promises";
import { damaged, decryptFrame, type FrameContext, frameWalk, readAheadBytes, readyContext } from "./frames.ts";

/** Plaintext bytes `from` up to and without `to`. */
export type ByteRange = { from: number; to: number };

/** For who reads many objects: the collector would spend more time on new buffers for each than decrypting takes. */
export type ReadBuffers = { sealed: Buffer; plain: Buffer };

/** For objects of up to `bytes`, one at a time. */
export function readBuffers(bytes: number): ReadBuffers {
  return { sealed: Buffer.allocUnsafeSlow(readAheadBytes), plain: Buffer.allocUnsafeSlow(bytes) };
}

/**
 * Yields the plaintext, each frame checked before it leaves. The whole file: ends only when the last frame was seen and
 * nothing follows it. A range: frames outside it are neither read nor checked. With `buffers`, what is yielded lies in
 * `plain`, one behind the other, until `plain` is full; what comes then has buffers of its own.
 */
export async function* decryptFile(
  file: FileHandle,
  { path, key }: FrameContext,
  { range, buffers }: { range?: ByteRange; buffers?: ReadBuffers } = {},
): AsyncGenerator<Buffer> {
  const context = readyContext({ path, key });
  const walk = frameWalk(file, buffers?.sealed);
  if (!(await walk.begin())) throw damaged(path, "another beginning");
  let room = buffers?.plain ?? Buffer.alloc(0);
  let offset = 0;
  for (let index = 0; ; index++) {
    const header = await walk.peek();
    if (!header) throw damaged(path, `an end after ${offset} bytes without a last frame`);
    const end = offset + header.length;
    if (range && end <= range.from && !header.last) {
      walk.skip(header);
      offset = end;
      continue;
    }
    const next = await walk.next();
    const fits = room.length >= header.length;
    const plaintext = fits ? room.subarray(0, header.length) : Buffer.allocUnsafeSlow(header.length);
    if (fits) room = room.subarray(header.length);
    if (!next || decryptFrame(context, index, next.frame, plaintext) === null)
      throw damaged(path, `frame ${index}, at byte ${offset}, is not authentic`);
    const wanted = range
      ? plaintext.subarray(Math.max(0, range.from - offset), Math.max(0, range.to - offset))
      : plaintext;
    if (wanted.length > 0) yield wanted;
    offset = end;
    if (range && offset >= range.to) return;
    if (!header.last) continue;
    if (!(await walk.atEnd())) throw damaged(path, "bytes after the last frame");
    return;
  }
}

/** How many plaintext bytes the whole frames of an unfinished file hold, by their headers alone. */
export async function measureFrames(file: FileHandle): Promise<number> {
  const { size } = await file.stat();
  const walk = frameWalk(file);
  if (!(await walk.begin())) return 0;
  let offset = 0;
  for (;;) {
    const header = await walk.peek();
    if (!header || header.last) return offset;
    walk.skip(header);
    if (walk.position() > size) return offset;
    offset += header.length;
  }
}
