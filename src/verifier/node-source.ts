import { constants } from "node:fs";
import { type FileHandle, lstat, open, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { type AgeSecrets, isAge, openAge } from "./age.ts";
import { CannotRun, CheckFailure } from "./report.ts";
import { type BundleSource, chunkBytes, chunksOf, type RandomAccess } from "./source.ts";
import { openZip } from "./zip.ts";

const maxFiles = 2_000_000;

async function readExactly(
  file: FileHandle,
  from: number,
  length: number,
  bytes: Uint8Array = new Uint8Array(length),
): Promise<Uint8Array> {
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, from + done);
    if (bytesRead === 0) throw new CannotRun("found the file shorter than it was when it was opened");
    done += bytesRead;
  }
  return bytes;
}

async function listFiles(folder: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const pending = [""];
  for (let under = pending.pop(); under !== undefined; under = pending.pop()) {
    for (const entry of await readdir(join(folder, under), { withFileTypes: true })) {
      const name = under === "" ? entry.name : `${under}/${entry.name}`;
      if (entry.isDirectory()) pending.push(name);
      else if (entry.isFile()) found.set(name, (await lstat(join(folder, name))).size);
      else throw new CheckFailure(1, name, "found a link or special file, expected regular files alone");
      if (found.size > maxFiles) throw new CheckFailure(1, name, `found more than ${maxFiles} files`);
    }
  }
  return found;
}

async function openDirectory(path: string): Promise<BundleSource> {
  const sizes = await listFiles(path);
  return {
    label: basename(path),
    container: "directory",
    encrypted: false,
    names: [...sizes.keys()].sort(),
    sizeOf: (name) => sizes.get(name) ?? 0,
    async *open(name, lend) {
      // No link is followed, should one have taken the file's place since.
      const file = await open(join(path, name), constants.O_RDONLY | constants.O_NOFOLLOW);
      try {
        const { size } = await file.stat();
        if (size !== sizes.get(name)) throw new CheckFailure(1, name, "found its size changed while it was checked");
        const read: RandomAccess["read"] = (from, length, into) => readExactly(file, from, length, into);
        yield* chunksOf({ size, read }, 0, size, lend ? new Uint8Array(Math.min(size, chunkBytes)) : undefined);
      } finally {
        await file.close();
      }
    },
  };
}

export type OpenBundle = { source: BundleSource; close(): Promise<void> };

/** A ZIP, an age file that holds a ZIP, or a directory. Throws CannotRun, or CheckFailure of check 1. */
export async function openBundlePath(path: string, secrets: AgeSecrets = {}): Promise<OpenBundle> {
  const about = await lstat(path).catch((error: unknown) => {
    throw new CannotRun(`${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  });
  if (about.isDirectory()) return { source: await openDirectory(path), close: async () => undefined };
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const whole: RandomAccess = { size, read: (from, length, into) => readExactly(file, from, length, into) };
    const encrypted = await isAge(whole);
    const access = encrypted ? await openAge(whole, secrets) : whole;
    return { source: await openZip(access, { label: basename(path), encrypted }), close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Whether the file is encrypted with age, so that a passphrase can be asked for first. */
export async function isEncryptedPath(path: string): Promise<boolean> {
  const about = await lstat(path).catch(() => undefined);
  if (!about?.isFile()) return false;
  const file = await open(path, "r");
  try {
    return await isAge({ size: about.size, read: (from, length) => readExactly(file, from, length) });
  } finally {
    await file.close();
  }
}
