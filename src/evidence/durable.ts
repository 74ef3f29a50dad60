import { open, rename } from "node:fs/promises";
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

/** Gives a synced file its name. Durable when it resolves. */
export async function publishFile(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncDirectory(dirname(to));
}
