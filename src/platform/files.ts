import { mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** The directory's entries are durable when it resolves. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the directory and its parents, durably, readable by our own account only. */
export async function makeDirectory(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true, mode: 0o700 });
  if (!first) return;
  const stop = dirname(first);
  for (let each = dirname(directory); ; each = dirname(each)) {
    await syncDirectory(each);
    if (each === stop) return;
  }
}

/** Renames within one file system. The new name is durable when it resolves. */
export async function moveFile(from: string, to: string): Promise<void> {
  await makeDirectory(dirname(to));
  await rename(from, to);
  await syncDirectory(dirname(to));
}

export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

/** What reading something gives; undefined when it is not there. */
export async function ifThere<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
