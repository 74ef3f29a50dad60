import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { encryptFrame, type FrameContext, frameBytes, frameMagic } from "../objects/index.ts";

/** Takes bytes in order. Calls are awaited one after another: that is the back pressure. */
export type ByteSink = {
  /** Bytes taken so far. */
  readonly position: number;
  append(chunk: Uint8Array): Promise<void>;
  /** Durable when it resolves. Returns the SHA-256 of all that was taken. */
  close(): Promise<Buffer>;
  /** Closes the file and leaves what is there; for an export that failed. */
  abandon(): Promise<void>;
};

const writeAtBytes = 1_048_576;
/** Dirty pages are bounded, so that the last fsync does not stall for gigabytes. */
const syncEveryBytes = 64 * 1_048_576;

/** A file as it is. */
export async function openPlainSink(path: string): Promise<ByteSink> {
  return sink(await open(path, "w", 0o600), {
    begin: [],
    transform: (chunk) => [chunk],
    end: () => [],
  });
}

/**
 * A file in the format of the object store (objects/frames.ts): every frame but the last is full, so that `openSealedSource`
 * finds any byte without reading what is before it.
 */
export async function openSealedSink(path: string, context: FrameContext): Promise<ByteSink> {
  let index = 0;
  const tail = Buffer.allocUnsafe(frameBytes);
  let tailLength = 0;
  const transform = (chunk: Uint8Array): Uint8Array[] => {
    const parts: Uint8Array[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      // A full tail waits for more: only then is it known not to be the last frame.
      if (tailLength === frameBytes) {
        parts.push(...encryptFrame(context, index++, tail, false));
        tailLength = 0;
      }
      if (tailLength === 0 && rest.length > frameBytes) {
        parts.push(...encryptFrame(context, index++, rest.subarray(0, frameBytes), false));
        rest = rest.subarray(frameBytes);
        continue;
      }
      const part = rest.subarray(0, frameBytes - tailLength);
      tail.set(part, tailLength);
      tailLength += part.length;
      rest = rest.subarray(part.length);
    }
    return parts;
  };
  return sink(await open(path, "w", 0o600), {
    begin: [frameMagic],
    transform,
    end: () => encryptFrame(context, index, tail.subarray(0, tailLength), true),
  });
}

type Stages = { begin: Uint8Array[]; transform(chunk: Uint8Array): Uint8Array[]; end(): Uint8Array[] };

function sink(file: FileHandle, stages: Stages): ByteSink {
  const hash = createHash("sha256");
  let position = 0;
  let queue = stages.begin;
  let queued = 0;
  let unsynced = 0;
  // One write and one sync are under way while the next block is prepared; a failure shows at the next await.
  let writing: Promise<void> = Promise.resolve();
  let syncing: Promise<void> = Promise.resolve();
  const write = async () => {
    await writing;
    const parts = queue;
    queue = [];
    unsynced += queued;
    queued = 0;
    writing = writeAll(file, parts);
    writing.catch(() => {});
    if (unsynced < syncEveryBytes) return;
    unsynced = 0;
    await syncing;
    syncing = writing.then(() => file.datasync());
    syncing.catch(() => {});
  };
  const settle = async () => {
    await writing;
    await syncing;
  };
  const push = (parts: Uint8Array[]) => {
    for (const part of parts) {
      queue.push(part);
      queued += part.length;
    }
  };
  return {
    get position() {
      return position;
    },
    async append(chunk) {
      hash.update(chunk);
      position += chunk.length;
      push(stages.transform(chunk));
      if (queued >= writeAtBytes) await write();
    },
    async close() {
      push(stages.end());
      await write();
      await settle();
      await file.sync();
      await file.close();
      return hash.digest();
    },
    async abandon() {
      await settle().catch(() => {});
      await file.close();
    },
  };
}

async function writeAll(file: FileHandle, parts: Uint8Array[]): Promise<void> {
  // IOV_MAX is 1024: many tiny chunks are joined first.
  let rest = parts.length > 512 ? [Buffer.concat(parts)] : parts;
  while (rest.length > 0) {
    const { bytesWritten } = await file.writev(rest);
    const whole = rest.reduce((sum, part) => sum + part.length, 0);
    if (bytesWritten === whole) return;
    rest = [Buffer.concat(rest).subarray(bytesWritten)];
  }
}
