import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import {
  decryptFrame,
  type FrameContext,
  frameBytes,
  frameMagic,
  frameOverhead,
  frameWalk,
  readyContext,
} from "../objects/index.ts";
import { ifThere } from "../platform/files.ts";
import { type ByteSink, openPlainSink, openSealedSink, type SinkStart } from "./sink.ts";

/** What an attempt that was killed left in a file, gone through from its beginning. */
export type KeptFile = {
  /**
   * Shows the next `length` bytes to `look`. They count if they are all there and `accept` then says so; otherwise false,
   * and the file is to be taken up or closed, and passed no further.
   */
  pass(length: number, look: (chunk: Uint8Array) => void, accept: () => boolean): Promise<boolean>;
  /** Cuts the file after the bytes that count, and goes on there. */
  takeUp(): Promise<ByteSink>;
  close(): Promise<void>;
};

/** Undefined when there is no such file. Of a plain file nothing is known but what `accept` finds. */
export async function openKeptPlain(path: string): Promise<KeptFile | undefined> {
  const file = await ifThere(open(path, "r"));
  return file && keptFile(file, plainChunks(file), (start) => openPlainSink(path, start));
}

/** Undefined when there is no such file. Only whole and authentic frames are shown. */
export async function openKeptSealed(path: string, context: FrameContext): Promise<KeptFile | undefined> {
  const file = await ifThere(open(path, "r"));
  if (!file) return undefined;
  const ready = readyContext(context);
  return keptFile(file, sealedChunks(file, ready), async (start) => {
    if (start.position === 0) return openSealedSink(path, context);
    const index = Math.ceil(start.position / frameBytes) - 1;
    const tail = await readFrame(path, ready, index);
    return openSealedSink(path, context, {
      start: { ...start, tail: tail.subarray(0, start.position - index * frameBytes) },
    });
  });
}

function keptFile(
  file: FileHandle,
  chunks: AsyncGenerator<Uint8Array>,
  takeUp: (start: SinkStart) => Promise<ByteSink>,
): KeptFile {
  let hash = createHash("sha256");
  let position = 0;
  let rest: Uint8Array = new Uint8Array(0);
  const close = async () => {
    await chunks.return(undefined);
    await file.close();
  };
  return {
    async pass(length, look, accept) {
      const before = hash.copy();
      for (let left = length; left > 0; ) {
        if (rest.length === 0) {
          const next = await chunks.next();
          if (next.done) {
            hash = before;
            return false;
          }
          rest = next.value;
        }
        const part = rest.subarray(0, left);
        look(part);
        hash.update(part);
        left -= part.length;
        rest = rest.subarray(part.length);
      }
      const counts = accept();
      if (counts) position += length;
      else hash = before;
      return counts;
    },
    async takeUp() {
      await close();
      return takeUp({ position, hash });
    },
    close,
  };
}

const plainBytes = 1_048_576;

async function* plainChunks(file: FileHandle): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(plainBytes);
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

async function* sealedChunks(file: FileHandle, context: FrameContext): AsyncGenerator<Uint8Array> {
  const walk = frameWalk(file);
  if (!(await walk.begin())) return;
  const plain = Buffer.allocUnsafe(frameBytes);
  for (let index = 0; ; index++) {
    const next = await walk.next();
    const length = next && decryptFrame(context, index, next.frame, plain);
    if (length === null) return;
    yield plain.subarray(0, length);
    if (next?.last || length < frameBytes) return;
  }
}

/** One that was read before: it is whole and authentic. */
async function readFrame(path: string, context: FrameContext, index: number): Promise<Buffer> {
  const file = await open(path, "r");
  try {
    const frame = Buffer.allocUnsafe(frameBytes + frameOverhead);
    const { bytesRead } = await file.read(frame, 0, frame.length, frameMagic.length + index * frame.length);
    const plain = Buffer.allocUnsafe(frameBytes);
    const length = decryptFrame(context, index, frame.subarray(0, bytesRead), plain);
    if (length === null) throw new Error(`found frame ${index} of ${context.path} changed since it was read`);
    return plain.subarray(0, length);
  } finally {
    await file.close();
  }
}
