import { type FileHandle, open, rm, stat, statfs, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError } from "../platform/errors.ts";
import { isMissing, makeDirectory, moveFile, syncDirectory } from "../platform/files.ts";
import { listObjects, listPartials, type StoredObject, type StoredPartial } from "./list.ts";
import { isDayPath, type ObjectRef, objectPath, parseObjectPath } from "./paths.ts";
import { type ByteRange, decryptFile, type ReadBuffers } from "./read.ts";
import { createUploads, type Uploads } from "./uploads.ts";
import { startWriter } from "./writer.ts";

/**
 * Encrypted objects in a directory. Several processes may share it; uploads of one image must go through one of them at a
 * time. Whoever reads brings the key: the store keeps none beside a finished object.
 */
export type ObjectStore = Uploads & {
  /** Plaintext, checked as it comes. Throws `object-missing`, or `object-damaged` before any byte that is not authentic. */
  read(ref: ObjectRef, key: Buffer, range?: ByteRange): AsyncGenerator<Buffer>;
  /** The whole object as `read` gives it, in the caller's buffers as far as they reach. */
  readInto(ref: ObjectRef, key: Buffer, buffers: ReadBuffers): AsyncGenerator<Buffer>;
  exists(ref: ObjectRef): Promise<boolean>;
  /** Writes a whole small object (a thumbnail), replacing an earlier one. Durable before it resolves. */
  write(ref: ObjectRef, key: Buffer, bytes: Uint8Array): Promise<void>;
  /** True when there was one. The absence is durable when it resolves. */
  remove(ref: ObjectRef): Promise<boolean>;
  /** Removes what an `object_garbage` path names: an object with its thumbnail, or a tenant's whole day. */
  removePath(path: string): Promise<void>;
  list(): AsyncGenerator<StoredObject>;
  listPartials(): AsyncGenerator<StoredPartial>;
  freeBytes(): Promise<number>;
};

export function createDirectoryStore(directory: string): ObjectStore {
  const file = (ref: ObjectRef) => join(directory, objectPath(ref));
  const read = async function* (ref: ObjectRef, key: Buffer, how: { range?: ByteRange; buffers?: ReadBuffers }) {
    const handle = await openObject(file(ref), ref);
    try {
      yield* decryptFile(handle, { path: objectPath(ref), key }, how);
    } finally {
      await handle.close();
    }
  };
  return {
    ...createUploads(directory),
    read: (ref, key, range) => read(ref, key, { range }),
    readInto: (ref, key, buffers) => read(ref, key, { buffers }),
    async exists(ref) {
      return stat(file(ref)).then(
        () => true,
        (error) => {
          if (isMissing(error)) return false;
          throw error;
        },
      );
    },
    async write(ref, key, bytes) {
      await writeWhole(file(ref), { path: objectPath(ref), key }, bytes);
    },
    async remove(ref) {
      return removeFile(file(ref));
    },
    async removePath(path) {
      await removePath(directory, path);
    },
    list: () => listObjects(directory),
    listPartials: () => listPartials(directory),
    async freeBytes() {
      await makeDirectory(directory);
      const { bavail, bsize } = await statfs(directory);
      return bavail * bsize;
    },
  };
}

async function openObject(path: string, ref: ObjectRef): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new AppError("object-missing", "a stored object is missing", {
      found: `no file for ${ref.kind} ${ref.imageId} of ${ref.day}`,
      expected: "a stored object",
      remedy: "restore the object store from its backup; the database says that this object is stored",
    });
  }
}

async function writeWhole(path: string, context: { path: string; key: Buffer }, bytes: Uint8Array): Promise<void> {
  await makeDirectory(dirname(path));
  const temporary = `${path}.new`;
  const handle = await open(temporary, "w+", 0o600);
  try {
    const writer = await startWriter(handle, context);
    await writer.append(bytes);
    await writer.close();
  } finally {
    await handle.close();
  }
  await moveFile(temporary, path);
}

async function removeFile(path: string): Promise<boolean> {
  try {
    await unlink(path);
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  await syncDirectory(dirname(path));
  return true;
}

async function removePath(directory: string, path: string): Promise<void> {
  const ref = parseObjectPath(path);
  if (ref) {
    await removeFile(join(directory, objectPath({ ...ref, kind: "thumbnail" })));
    await removeFile(join(directory, path));
    return;
  }
  if (!isDayPath(path)) {
    throw new AppError("object-path", "nothing can be removed at this path", {
      found: JSON.stringify(path),
      expected: "an object's path or a tenant's day directory",
      remedy: "this is a fault in Ledgerstone: nothing was removed; report it with the correlation id",
    });
  }
  const day = join(directory, path);
  await rm(day, { recursive: true, force: true });
  await syncDirectory(dirname(day)).catch((error) => {
    if (!isMissing(error)) throw error;
  });
}
