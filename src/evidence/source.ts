import { type FileHandle, open } from "node:fs/promises";
import {
  damagedObject,
  decryptFrame,
  type FrameContext,
  frameBytes,
  frameMagic,
  frameOverhead,
  readyContext,
} from "../objects/index.ts";

/** Bytes at random places, of a plain file or of a sealed one. */
export type ByteSource = {
  readonly size: number;
  /** Exactly `length` bytes, in `into` if that is given; the caller stays within size. */
  read(from: number, length: number, into?: Uint8Array): Promise<Uint8Array>;
  close(): Promise<void>;
};

export async function openPlainSource(path: string): Promise<ByteSource> {
  const file = await open(path, "r");
  const { size } = await file.stat();
  return {
    size,
    async read(from, length, into = Buffer.allocUnsafe(length)) {
      await readInto(file, into, { from, name: path });
      return into;
    },
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
    const begin = Buffer.alloc(frameMagic.length);
    await readInto(file, begin, { from: 0, name: context.path });
    if (!begin.equals(frameMagic) || body < frameOverhead)
      throw damagedObject(context.path, "no beginning of a sealed file");
    const frames = Math.max(1, Math.ceil(body / wholeFrame));
    const size = body - frames * frameOverhead;
    return { size, read: frameReader(file, readyContext(context), { frames, fileSize }), close: () => file.close() };
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
      const isFrame = frame.length >= frameOverhead && flagged === last;
      const bytes = isFrame ? decryptFrame(context, first + i, frame, plain.subarray(length)) : null;
      if (bytes === null) throw damagedObject(context.path, `frame ${first + i} is not authentic`);
      length += bytes;
    }
    kept = { first: first * frameBytes, length };
  };
  const readNow = async (from: number, length: number, target: Uint8Array): Promise<Uint8Array> => {
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
  return (from: number, length: number, into = Buffer.allocUnsafe(length) as Uint8Array): Promise<Uint8Array> => {
    const mine = last.then(() => readNow(from, length, into));
    last = mine.catch(() => {});
    return mine;
  };
}

async function readInto(
  file: FileHandle,
  target: Uint8Array,
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
  for (let at = from; at < source.size; at += step) {
    const chunk = Buffer.allocUnsafe(Math.min(step, source.size - at));
    await source.read(at, chunk.length, chunk);
    yield chunk;
  }
}
