import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import {
  encryptFrame,
  type FrameContext,
  frameBytes,
  frameMagic,
  frameOverhead,
  readyContext,
} from "../objects/index.ts";

/** Takes bytes in order. Calls are awaited one after another: that is the back pressure. */
export type ByteSink = {
  /** Bytes taken so far. */
  readonly position: number;
  /** The chunk is the caller's again when it resolves. */
  append(chunk: Uint8Array): Promise<void>;
  /** Durable when it resolves. Returns the SHA-256 of all that was taken. */
  close(): Promise<Buffer>;
  /** Closes the file and leaves what is there; for an export that failed. */
  abandon(): Promise<void>;
};

const writeAtBytes = 1_048_576;
/** Dirty pages are bounded, so that the last fsync does not stall for gigabytes. */
const syncEveryBytes = 64 * 1_048_576;

/** Where a file that an earlier attempt left goes on: so many bytes count, and have this hash so far. */
export type SinkStart = { position: number; hash: Hash };

/** A file as it is. */
export async function openPlainSink(path: string, start?: SinkStart): Promise<ByteSink> {
  const file = await openAt(path, start?.position ?? 0);
  return sink(start, file, {
    async append(chunk) {
      for (let rest = chunk; rest.length > 0; ) {
        const part = rest.subarray(0, writeAtBytes);
        (await file.room(part.length)).set(part);
        file.took(part.length);
        rest = rest.subarray(part.length);
      }
    },
    async end() {},
  });
}

export type SealedOptions = {
  /** How much waits for a write. */
  writeBytes?: number;
  /** With what the last frame that is not full, or is the last full one, holds up to `position`. */
  start?: SinkStart & { tail: Uint8Array };
};

/**
 * A file in the format of the object store (objects/frames.ts): every frame but the last is full, so that `openSealedSource`
 * finds any byte without reading what is before it.
 */
export async function openSealedSink(
  path: string,
  context: FrameContext,
  { writeBytes, start }: SealedOptions = {},
): Promise<ByteSink> {
  const ready = readyContext(context);
  const tail = Buffer.allocUnsafe(frameBytes);
  tail.set(start?.tail ?? []);
  let tailLength = start?.tail.length ?? 0;
  let index = ((start?.position ?? 0) - tailLength) / frameBytes;
  const whole = frameMagic.length + index * (frameBytes + frameOverhead);
  const file = await openAt(path, start ? whole : 0, writeBytes);
  if (!start) {
    (await file.room(frameMagic.length)).set(frameMagic);
    file.took(frameMagic.length);
  }
  const emit = async (plaintext: Uint8Array, last: boolean) => {
    const target = await file.room(plaintext.length + frameOverhead);
    file.took(encryptFrame(ready, index++, { plaintext, last }, target));
  };
  return sink(start, file, {
    async append(chunk) {
      for (let rest = chunk; rest.length > 0; ) {
        // A full tail waits for more: only then is it known not to be the last frame.
        if (tailLength === frameBytes) {
          await emit(tail, false);
          tailLength = 0;
        }
        if (tailLength === 0 && rest.length > frameBytes) {
          await emit(rest.subarray(0, frameBytes), false);
          rest = rest.subarray(frameBytes);
          continue;
        }
        const part = rest.subarray(0, frameBytes - tailLength);
        tail.set(part, tailLength);
        tailLength += part.length;
        rest = rest.subarray(part.length);
      }
    },
    end: () => emit(tail.subarray(0, tailLength), true),
  });
}

type Stage = { append(chunk: Uint8Array): Promise<void>; end(): Promise<void> };

function sink(start: SinkStart | undefined, file: BlockFile, stage: Stage): ByteSink {
  const hash = start?.hash ?? createHash("sha256");
  let position = start?.position ?? 0;
  return {
    get position() {
      return position;
    },
    async append(chunk) {
      hash.update(chunk);
      position += chunk.length;
      await stage.append(chunk);
    },
    async close() {
      await stage.end();
      await file.close();
      return hash.digest();
    },
    abandon: () => file.abandon(),
  };
}

type BlockFile = {
  /** Room for so many bytes, at most a write's; what is put there counts when `took` says so. */
  room(bytes: number): Promise<Buffer>;
  took(bytes: number): void;
  /** Durable when it resolves. */
  close(): Promise<void>;
  abandon(): Promise<void>;
};

/** What is beyond `position` is cut off; a new file at 0. */
async function openAt(path: string, position: number, writeBytes = writeAtBytes): Promise<BlockFile> {
  const file = await open(path, position > 0 ? "r+" : "w", 0o600);
  await file.truncate(position);
  return blockFile(file, position, writeBytes);
}

/**
 * Writes through two blocks, made once: one is written while the other is filled. New buffers for each would be garbage
 * faster than it is collected. A failure shows at the next call.
 */
function blockFile(file: FileHandle, start: number, writeBytes: number): BlockFile {
  const blocks = [0, 1].map(() => Buffer.allocUnsafeSlow(writeBytes + frameBytes + frameOverhead));
  let position = start;
  let filled = 0;
  let unsynced = 0;
  let writing: Promise<void> = Promise.resolve();
  let syncing: Promise<void> = Promise.resolve();
  const write = async () => {
    await writing;
    const full = blocks[0]!.subarray(0, filled);
    blocks.reverse();
    unsynced += filled;
    filled = 0;
    writing = writeAll(file, full, position);
    writing.catch(() => {});
    position += full.length;
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
  return {
    async room(bytes) {
      if (filled >= writeBytes || blocks[0]!.length - filled < bytes) await write();
      return blocks[0]!.subarray(filled);
    },
    took(bytes) {
      filled += bytes;
    },
    async close() {
      await write();
      await settle();
      await file.sync();
      await file.close();
    },
    async abandon() {
      await settle().catch(() => {});
      await file.close();
    },
  };
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
