import { createHash, type Hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import {
  damaged,
  decryptFrame,
  encryptFrame,
  type FrameContext,
  frameBytes,
  frameWalk,
  magic,
  overheadBytes,
  readyContext,
} from "./frames.ts";
import { type MediaType, sniffBytes, sniffMediaType } from "./media-type.ts";

/** What the event said about the image, before any of its bytes came. */
export type Declared = { sha256: Buffer; bytes: number; mediaType: MediaType };

export type Finished =
  | { ok: true }
  | { ok: false; reason: "size" | "sha256" | "type"; found: string; expected: string };

const syncEveryBytes = 8 * 1024 * 1024;
const writeAtBytes = 1024 * 1024;

/** An encrypting writer over an open file, hashing what goes in. Calls are made one after another. */
export type FrameWriter = {
  /** Plaintext bytes taken so far. */
  readonly offset: number;
  append(chunk: Uint8Array): Promise<void>;
  /** Everything taken is durable when it resolves; may go on later, in another process. */
  flush(): Promise<void>;
  /** Compares with what was declared, then closes. A file that differs is left without a last frame. */
  seal(declared: Declared): Promise<Finished>;
  /** Writes the last frame. Durable before it resolves. */
  close(): Promise<void>;
};

export async function startWriter(file: FileHandle, context: FrameContext): Promise<FrameWriter> {
  await file.truncate(0);
  await file.write(magic, 0, magic.length, 0);
  return frameWriter(file, context, {
    hash: createHash("sha256"),
    offset: 0,
    index: 0,
    position: magic.length,
    head: Buffer.alloc(0),
  });
}

/**
 * Goes on where whole, authentic frames end: reads them again to restore the hash, and cuts off what a crash left torn.
 */
export async function resumeWriter(file: FileHandle, context: FrameContext): Promise<FrameWriter> {
  const state: WriterState = {
    hash: createHash("sha256"),
    offset: 0,
    index: 0,
    position: magic.length,
    head: Buffer.alloc(0),
  };
  const walk = frameWalk(file);
  if (!(await walk.begin())) throw damaged(context.path, "another beginning");
  const plaintext = Buffer.allocUnsafe(frameBytes);
  for (;;) {
    const next = await walk.next();
    const length = next && !next.last ? decryptFrame(context, state.index, next.frame, plaintext) : null;
    if (length === null) break;
    take(state, plaintext.subarray(0, length));
    state.index++;
    state.position = walk.position();
  }
  await file.truncate(state.position);
  return frameWriter(file, context, state);
}

type WriterState = { hash: Hash; offset: number; index: number; position: number; head: Buffer };

function take(state: WriterState, chunk: Uint8Array): void {
  state.hash.update(chunk);
  state.offset += chunk.length;
  if (state.head.length < sniffBytes) {
    state.head = Buffer.concat([state.head, chunk.subarray(0, sniffBytes - state.head.length)]);
  }
}

function frameWriter(file: FileHandle, { path, key }: FrameContext, state: WriterState): FrameWriter {
  const context = readyContext({ path, key });
  const tail = Buffer.allocUnsafe(frameBytes);
  let tailLength = 0;
  // Frames wait here for one write: whoever appends waits for it, so that nothing is put in meanwhile.
  let block: Buffer = Buffer.alloc(0);
  let queued = 0;
  let unsynced = 0;

  const emit = (plaintext: Uint8Array, last: boolean) => {
    const needed = queued + plaintext.length + overheadBytes;
    if (block.length < needed) {
      // Most images are one frame; a longer one gets room for a whole write.
      const larger = Buffer.allocUnsafe(queued === 0 ? needed : writeAtBytes + frameBytes + overheadBytes);
      block.copy(larger, 0, 0, queued);
      block = larger;
    }
    queued += encryptFrame(context, state.index++, { plaintext, last }, block.subarray(queued));
  };
  const write = async () => {
    for (let done = 0; done < queued; ) {
      const { bytesWritten } = await file.write(block, done, queued - done, state.position);
      done += bytesWritten;
      state.position += bytesWritten;
    }
    unsynced += queued;
    queued = 0;
  };
  const sync = async () => {
    await write();
    await file.datasync();
    unsynced = 0;
  };
  const flushTail = (last: boolean) => {
    if (tailLength > 0 || last) emit(tail.subarray(0, tailLength), last);
    tailLength = 0;
  };
  return {
    get offset() {
      return state.offset;
    },
    async append(chunk) {
      take(state, chunk);
      let rest = chunk;
      while (rest.length > 0) {
        if (tailLength === 0 && rest.length >= frameBytes) {
          emit(rest.subarray(0, frameBytes), false);
          rest = rest.subarray(frameBytes);
        } else {
          const part = rest.subarray(0, frameBytes - tailLength);
          tail.set(part, tailLength);
          tailLength += part.length;
          rest = rest.subarray(part.length);
          if (tailLength === frameBytes) flushTail(false);
        }
        if (queued >= writeAtBytes) await write();
      }
      // A kill or a power cut costs at most this much of a long upload.
      if (unsynced >= syncEveryBytes) await sync();
    },
    async flush() {
      flushTail(false);
      await sync();
    },
    async seal(declared) {
      const result = compare(state, declared);
      if (result.ok) await this.close();
      return result;
    },
    async close() {
      flushTail(true);
      await sync();
    },
  };
}

function compare(state: WriterState, declared: Declared): Finished {
  if (state.offset !== declared.bytes) {
    return { ok: false, reason: "size", found: `${state.offset} bytes`, expected: `${declared.bytes} bytes` };
  }
  const sha256 = state.hash.digest();
  if (!sha256.equals(declared.sha256)) {
    return { ok: false, reason: "sha256", found: sha256.toString("hex"), expected: declared.sha256.toString("hex") };
  }
  const mediaType = sniffMediaType(state.head);
  if (mediaType !== declared.mediaType) {
    return { ok: false, reason: "type", found: mediaType ?? "an unknown kind of file", expected: declared.mediaType };
  }
  return { ok: true };
}
