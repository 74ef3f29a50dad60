import { type FileHandle, open, readFile, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError } from "../platform/errors.ts";
import { isMissing, makeDirectory, moveFile, syncDirectory } from "../platform/files.ts";
import type { FrameContext } from "./frames.ts";
import { type ObjectRef, objectPath, partialPath } from "./paths.ts";
import { measureFrames } from "./read.ts";
import { type Declared, type Finished, type FrameWriter, resumeWriter, startWriter } from "./writer.ts";

/** How an upload gets its key: a new one at its beginning, the kept one when it goes on. */
export type UploadKeys = {
  create(): Promise<{ key: Buffer; wrappedKey: Buffer }>;
  unwrap(wrappedKey: Buffer): Promise<Buffer>;
};

export type Upload = {
  /** To be stored with the image's row when `finish` says ok. */
  readonly wrappedKey: Buffer;
  /** Plaintext bytes that it has. */
  readonly offset: number;
  append(chunk: Uint8Array): Promise<void>;
  /** Ends this attempt and keeps what came. Durable before it resolves; returns the offset to go on from. */
  suspend(): Promise<number>;
  /**
   * When size, SHA-256 and magic bytes are as declared, moves the file to its place, durably, and then runs `store`, which
   * commits `wrappedKey`. A crash between leaves a file without key, found as an orphan. No other attempt at this image
   * begins before `store` is done; who opens one asks then, again, whether the image is stored: a second file would be
   * under another key. Otherwise says what differs and drops everything.
   */
  finish(declared: Declared, store?: () => Promise<void>): Promise<Finished>;
};

export type Uploads = {
  /** Bytes that an unfinished upload of this image has; 0 when there is none. */
  uploadedBytes(ref: ObjectRef): Promise<number>;
  /** Begins or goes on. An earlier attempt that still runs here is ended first: its link is dead more often than not. */
  openUpload(ref: ObjectRef, keys: UploadKeys): Promise<Upload>;
  /** Drops an unfinished upload. */
  dropUpload(ref: Pick<ObjectRef, "tenantId" | "imageId">): Promise<void>;
};

export function createUploads(directory: string): Uploads {
  const running = new Map<string, Upload>();
  const opening = new Map<string, Promise<unknown>>();
  return {
    uploadedBytes: (ref) => uploadedBytes(join(directory, partialPath(ref))),
    async openUpload(ref, keys) {
      const name = partialPath(ref);
      // Two that open at once do so one after the other, so that each sees what the other left.
      const before = opening.get(name);
      const mine = (async () => {
        await before?.catch(() => {});
        await running.get(name)?.suspend();
        const upload = await openUpload(directory, ref, keys, () => {
          if (running.get(name) === upload) running.delete(name);
        });
        running.set(name, upload);
        return upload;
      })();
      opening.set(name, mine);
      try {
        return await mine;
      } finally {
        if (opening.get(name) === mine) opening.delete(name);
      }
    },
    async dropUpload(ref) {
      const name = partialPath(ref);
      await running.get(name)?.suspend();
      await dropPartial(join(directory, name));
    },
  };
}

async function openUpload(directory: string, ref: ObjectRef, keys: UploadKeys, ended: () => void): Promise<Upload> {
  const partial = join(directory, partialPath(ref));
  const path = objectPath(ref);
  const { file, writer, wrappedKey } = await openPartial(partial, path, keys);
  let open = true;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(() => {
      if (!open) throw attemptEnded(ref);
      return work();
    });
    last = result.catch(() => {});
    return result;
  };
  const close = async () => {
    open = false;
    await file.close();
  };
  return {
    wrappedKey,
    get offset() {
      return writer.offset;
    },
    append: (chunk) => inTurn(() => writer.append(chunk)),
    async suspend() {
      await inTurn(() => writer.flush().finally(close).finally(ended)).catch((error) => {
        if (!(error instanceof AppError && error.code === "upload-ended")) throw error;
      });
      return writer.offset;
    },
    finish: (declared, store) =>
      inTurn(async () => {
        const result = await writer.seal(declared).finally(close);
        if (result.ok) {
          await moveFile(partial, join(directory, path));
          await unlink(keyFile(partial)).catch(ignoreMissing);
          await store?.();
        } else {
          await dropPartial(partial);
        }
        return result;
      }).finally(ended),
  };
}

type Opened = { file: FileHandle; writer: FrameWriter; wrappedKey: Buffer };

async function openPartial(partial: string, path: string, keys: UploadKeys): Promise<Opened> {
  const kept = await resumePartial(partial, path, keys);
  if (kept) return kept;
  const { key, wrappedKey } = await keys.create();
  await makeDirectory(dirname(partial));
  // The key first: a partial file without one is worthless.
  await writeDurably(keyFile(partial), wrappedKey);
  const file = await open(partial, "w+", 0o600);
  await syncDirectory(dirname(partial));
  return withFile(file, async () => ({ file, wrappedKey, writer: await startWriter(file, { path, key }) }));
}

/** Null when there is nothing usable: then the upload begins anew. */
async function resumePartial(partial: string, path: string, keys: UploadKeys): Promise<Opened | null> {
  const wrappedKey = await readFile(keyFile(partial)).catch(ignoreMissing);
  const file = wrappedKey && (await open(partial, "r+").catch(ignoreMissing));
  if (!wrappedKey || !file) return null;
  return withFile(file, async () => {
    const context: FrameContext = { path, key: await keys.unwrap(wrappedKey) };
    return { file, wrappedKey, writer: await resumeWriter(file, context) };
  }).catch((error) => {
    // Torn in its first bytes, or under a key that is gone: what it holds cannot be used, and the edge still has it.
    if (error instanceof AppError && (error.code === "object-damaged" || error.code.startsWith("sealed-"))) return null;
    throw error;
  });
}

async function withFile<T>(file: FileHandle, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function uploadedBytes(partial: string): Promise<number> {
  const file = await open(partial, "r").catch(ignoreMissing);
  if (!file) return 0;
  try {
    return await measureFrames(file);
  } finally {
    await file.close();
  }
}

async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function dropPartial(partial: string): Promise<void> {
  await unlink(partial).catch(ignoreMissing);
  await unlink(keyFile(partial)).catch(ignoreMissing);
}

function keyFile(partial: string): string {
  return `${partial}.key`;
}

function ignoreMissing(error: unknown): null {
  if (isMissing(error)) return null;
  throw error;
}

function attemptEnded(ref: ObjectRef): AppError {
  return new AppError("upload-ended", "this upload has ended", {
    found: `bytes for image ${ref.imageId} in an attempt that has ended`,
    expected: "bytes of the newest attempt",
    remedy: "ask for the offset and go on from there",
  });
}
