import { type FileHandle, open } from "node:fs/promises";
import {
  damagedObject,
  decryptFrame,
  type FrameContext,
  frameBytes,
  frameMagic,
  frameOverhead,
} from "../objects/index.ts";

/** Bytes at random places, of a plain file or of a sealed one. */
export type ByteSource = {
  readonly size: number;
  /** Exactly `length` bytes; the caller stays within size. */
  read(from: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
};

export async function openPlainSource(path: string): Promise<ByteSource> {
  const file = await open(path, "r");
  const { size } = await file.stat();
  return {
    size,
    read: (from, length) => readExactly(file, from, from + length, path),
    close: () => file.close(),
  };
}

const wholeFrame = frameBytes + frameOverhead;
const framesAtOnce = 16;

/** Reads what `openSealedSink` wrote. Throws `object-damaged` before any byte that is not authentic. */
export async function openSealedSource(path: string, context: FrameContext): Promise<ByteSource> {
  const file = await open(path, "r");
  try {
    const { size: fileSize } = await file.stat();
    const body = fileSize - frameMagic.length;
    const begin = await readExactly(file, 0, frameMagic.length, context.path);
    if (!begin.equals(frameMagic) || body < frameOverhead)
      throw damagedObject(context.path, "no beginning of a sealed file");
    const frames = Math.max(1, Math.ceil(body / wholeFrame));
    const size = body - frames * frameOverhead;
    return { size, read: frameReader(file, context, { frames, fileSize }), close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function frameReader(
  file: FileHandle,
  context: FrameContext,
  { frames, fileSize }: { frames: number; fileSize: number },
) {
  // The last run of frames is kept, in buffers of our own: readers go through a file in small steps, and new buffers for each
  // would be garbage faster than it is collected.
  const sealed = Buffer.allocUnsafe(framesAtOnce * wholeFrame);
  const plain = Buffer.allocUnsafe(framesAtOnce * frameBytes);
  let kept = { first: 0, length: 0 };
  const load = async (first: number): Promise<void> => {
    kept = { first: 0, length: 0 };
    const count = Math.min(framesAtOnce, frames - first);
    const start = frameMagic.length + first * wholeFrame;
    const end = Math.min(start + count * wholeFrame, fileSize);
    await readInto(file, sealed.subarray(0, end - start), { from: start, name: context.path });
    let length = 0;
    for (let i = 0; i < count; i++) {
      const frame = sealed.subarray(i * wholeFrame, Math.min((i + 1) * wholeFrame, end - start));
      const last = first + i === frames - 1;
      const flagged = frame.length >= 4 && frame.readUInt32BE(0) >= 0x8000_0000;
      const bytes = frame.length >= frameOverhead && flagged === last ? decryptFrame(context, first + i, frame) : null;
      if (!bytes || bytes.length !== frame.length - frameOverhead) {
        throw damagedObject(context.path, `frame ${first + i} is not authentic`);
      }
      plain.set(bytes, length);
      length += bytes.length;
    }
    kept = { first: first * frameBytes, length };
  };
  const readNow = async (from: number, length: number): Promise<Buffer> => {
    const target = Buffer.allocUnsafe(length);
    for (let done = 0; done < length; ) {
      const at = from + done;
      if (at < kept.first || at >= kept.first + kept.length) await load(Math.floor(at / frameBytes));
      const copied = plain.copy(target, done, at - kept.first, Math.min(kept.length, from + length - kept.first));
      if (copied === 0) throw damagedObject(context.path, `an end before byte ${from + length}`);
      done += copied;
    }
    return target;
  };
  // One after another: a reader that inflates reads ahead while another reads elsewhere, and the buffers are shared.
  let last: Promise<unknown> = Promise.resolve();
  return (from: number, length: number): Promise<Buffer> => {
    const mine = last.then(() => readNow(from, length));
    last = mine.catch(() => {});
    return mine;
  };
}

async function readExactly(file: FileHandle, from: number, to: number, name: string): Promise<Buffer> {
  const target = Buffer.allocUnsafe(to - from);
  await readInto(file, target, { from, name });
  return target;
}

async function readInto(
  file: FileHandle,
  target: Buffer,
  { from, name }: { from: number; name: string },
): Promise<void> {
  for (let done = 0; done < target.length; ) {
    const { bytesRead } = await file.read(target, done, target.length - done, from + done);
    if (bytesRead === 0) throw damagedObject(name, `an end before byte ${from + target.length}`);
    done += bytesRead;
  }
}

/** The bytes from `from` on, in chunks of a size that streams like. */
export async function* readChunks(source: ByteSource, from = 0): AsyncGenerator<Buffer> {
  const step = framesAtOnce * frameBytes;
  for (let at = from; at < source.size; at += step) yield source.read(at, Math.min(step, source.size - at));
}
