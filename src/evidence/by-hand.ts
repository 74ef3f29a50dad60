import { createHash } from "node:crypto";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Pool, withConnection } from "../platform/db.ts";
import { AppError } from "../platform/errors.ts";
import { ifThere } from "../platform/files.ts";
import type { EvidenceDeps } from "./run.ts";
import { releasePlaceLock, tryPlaceLock } from "./store-places.ts";

const PREFIX = "cli-";
/** How long what a killed export by hand left waits for the same command again. */
const keepMs = 86_400_000;

/**
 * Gives `work` the folder of an export by hand that writes to `path`: the same export again finds what a killed one left. Nobody
 * else works in it or clears it meanwhile, on whichever machine: Postgres keeps the lock.
 */
export async function atPlaceByHand<T>(
  { pool, directory }: Pick<EvidenceDeps, "pool" | "directory">,
  { tenantId, path }: { tenantId: string; path: string },
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const name = PREFIX + createHash("sha256").update(`${tenantId} ${path}`).digest("hex").slice(0, 32);
  const outcome = await whileLocked(pool, name, async () => ({ result: await work(join(directory, name)) }));
  if (outcome) return outcome.result;
  throw new AppError("conflict", "another export writes there", {
    found: path,
    expected: "a file that nobody else is writing",
    remedy: "wait until it has ended, or name another file",
  });
}

/** Removes what killed exports by hand left and nobody has touched for a day; never the folder of one that is under way. */
export async function clearPlacesByHand(
  { pool, directory }: Pick<EvidenceDeps, "pool" | "directory">,
  signal?: AbortSignal,
  now = Date.now(),
): Promise<number> {
  let cleared = 0;
  const names = await readdir(directory).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(PREFIX))) {
    signal?.throwIfAborted();
    const removed = await whileLocked(pool, name, async () => {
      // Looked at under the lock: an export that has just ended has touched it.
      if (now - (await touchedMs(join(directory, name))) < keepMs) return false;
      await rm(join(directory, name), { recursive: true, force: true });
      return true;
    });
    if (removed) cleared++;
  }
  return cleared;
}

/** Undefined when somebody else has the lock. */
async function whileLocked<T>(pool: Pool, name: string, work: () => Promise<T>): Promise<T | undefined> {
  return withConnection(pool, async (session) => {
    if (!(await tryPlaceLock(session, name))) return undefined;
    try {
      return await work();
    } finally {
      await releasePlaceLock(session, name);
    }
  });
}

/** When anything in it was written last. */
async function touchedMs(directory: string): Promise<number> {
  const inner = await readdir(directory, { recursive: true });
  const found = await Promise.all(
    [directory, ...inner.map((name) => join(directory, name))].map((path) => ifThere(stat(path))),
  );
  return Math.max(...found.map((each) => each?.mtimeMs ?? 0));
}
