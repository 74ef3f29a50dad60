import type { FileHandle } from "node:fs/promises";
import { checkMagic, damaged, decryptFrame, type FrameContext, frameWalk } from "./frames.ts";

/** Plaintext bytes `from` up to and without `to`. */
export type ByteRange = { from: number; to: number };

/**
 * Yields the plaintext, each frame checked before it leaves. The whole file: ends only when the last frame was seen and
 * nothing follows it. A range: frames outside it are neither read nor checked.
 */
export async function* decryptFile(file: FileHandle, context: FrameContext, range?: ByteRange): AsyncGenerator<Buffer> {
  await checkMagic(file, context.path);
  const walk = frameWalk(file);
  let offset = 0;
  for (let index = 0; ; index++) {
    const header = await walk.peek();
    if (!header) throw damaged(context.path, `an end after ${offset} bytes without a last frame`);
    const end = offset + header.length;
    if (range && end <= range.from && !header.last) {
      walk.skip(header);
      offset = end;
      continue;
    }
    const next = await walk.next();
    const plaintext = next && decryptFrame(context, index, next.frame);
    if (!plaintext) throw damaged(context.path, `frame ${index}, at byte ${offset}, is not authentic`);
    const wanted = range
      ? plaintext.subarray(Math.max(0, range.from - offset), Math.max(0, range.to - offset))
      : plaintext;
    if (wanted.length > 0) yield wanted;
    offset = end;
    if (range && offset >= range.to) return;
    if (!header.last) continue;
    if (!(await walk.atEnd())) throw damaged(context.path, "bytes after the last frame");
    return;
  }
}

/** How many plaintext bytes the whole frames of an unfinished file hold, by their headers alone. */
export async function measureFrames(file: FileHandle): Promise<number> {
  const { size } = await file.stat();
  const walk = frameWalk(file);
  let offset = 0;
  for (;;) {
    const header = await walk.peek();
    if (!header || header.last) return offset;
    walk.skip(header);
    if (walk.position() > size) return offset;
    offset += header.length;
  }
}
