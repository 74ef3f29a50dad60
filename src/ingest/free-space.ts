import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { Logger } from "../platform/logger.ts";

/** Tells when the disk is nearly full, and when there is room again: a tenth more, so that it does not flutter. */
export type FreeSpace = { readonly full: boolean; stop(): void };

export type FreeSpaceOptions = {
  minFreeBytes: number;
  everyMs?: number;
  /** The least of all places that ingest fills. */
  measure(): Promise<number>;
  log: Logger;
  onChange(full: boolean): void;
};

export async function watchFreeSpace(options: FreeSpaceOptions): Promise<FreeSpace> {
  let full = false;
  const check = async (): Promise<void> => {
    let freeBytes: number;
    try {
      freeBytes = await options.measure();
    } catch (error) {
      options.log.error({ err: error }, "free space cannot be measured");
      return;
    }
    const now = freeBytes < options.minFreeBytes * (full ? 1.1 : 1);
    if (now === full) return;
    full = now;
    const facts = { freeBytes, minFreeBytes: options.minFreeBytes };
    if (full) options.log.error(facts, "the disk is nearly full: ingest stops acknowledging until there is room");
    else options.log.info(facts, "there is room on the disk again: ingest goes on");
    options.onChange(full);
  };
  await check();
  const timer = setInterval(check, options.everyMs ?? 2000);
  return {
    get full() {
      return full;
    },
    stop: () => clearInterval(timer),
  };
}

/** Free bytes of the fullest of these places; one that does not exist yet counts as its parent. */
export async function leastFreeBytes(directories: readonly string[]): Promise<number> {
  return Math.min(...(await Promise.all(directories.map(freeBytesOf))));
}

async function freeBytesOf(directory: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || dirname(directory) === directory) throw error;
    return freeBytesOf(dirname(directory));
  }
}
