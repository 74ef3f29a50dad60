import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const prefix = "ledgerstone-test-";

/** A new directory of this run, named by our pid. Others may pass through it, so that Postgres finds its own inside. */
export async function temporaryDirectory(name: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-${name}-`));
  await chmod(directory, 0o711);
  return directory;
}

export async function removeDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}

/** Removes what earlier runs left because they were killed. Directories of runs that still live stay. */
export async function removeStaleDirectories(): Promise<void> {
  for (const entry of await readdir(tmpdir())) {
    const pid = entry.startsWith(prefix) ? Number(entry.slice(prefix.length).split("-")[0]) : 0;
    if (!pid || isAlive(pid)) continue;
    await removeDirectory(join(tmpdir(), entry));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
