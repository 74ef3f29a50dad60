import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Principal, withTenant } from "../audit/index.ts";
import type { Keyring } from "../keys/index.ts";
import type { FrameContext } from "../objects/index.ts";
import { frameBytes } from "../objects/index.ts";
import type { Pool } from "../platform/db.ts";
import { AppError } from "../platform/errors.ts";
import { isMissing, makeDirectory, moveFile } from "../platform/files.ts";
import { type ByteSink, openSealedSink } from "./sink.ts";

/** Where an export keeps what it has so far, the key that its files are sealed with, and the files that are open now. */
export type Workplace = { directory: string; key: Buffer; open: Set<ByteSink> };

export type KeyDeps = { pool: Pool; keyring: Keyring };

const keyContext = "export-work";

/** An empty one: what was at this place is removed. */
export async function newWorkplace(deps: KeyDeps, principal: Principal, directory: string): Promise<Workplace> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return { directory, key: await newKey(deps, principal, join(directory, "key")), open: new Set() };
}

/** What an earlier attempt left, if its key is there. */
export async function keptWorkplace(
  deps: KeyDeps,
  principal: Principal,
  directory: string,
): Promise<Workplace | undefined> {
  const key = await keptKey(deps, principal, join(directory, "key"));
  return key && { directory, key, open: new Set() };
}

/** `keep`: for the next attempt. */
export async function closeWorkplace(workplace: Workplace, { keep = false } = {}): Promise<void> {
  for (const sink of workplace.open) await sink.abandon();
  workplace.open.clear();
  if (!keep) await rm(workplace.directory, { recursive: true, force: true });
}

/** A sealed file in the working directory; one left open by a failure is closed with the workplace. */
export async function openWorkFile(workplace: Workplace, path: string, context: FrameContext): Promise<ByteSink> {
  const sink = await openSealedSink(path, context, { writeBytes: frameBytes });
  workplace.open.add(sink);
  return sink;
}

export async function closeWorkFile(workplace: Workplace, sink: ByteSink): Promise<void> {
  workplace.open.delete(sink);
  await sink.close();
}

/** A key for files that a later attempt goes on with: beside them, wrapped by the tenant's. Durable when it resolves. */
export async function newKey(deps: KeyDeps, principal: Principal, path: string): Promise<Buffer> {
  const key = randomBytes(32);
  const wrapped = await withTenant(deps.pool, principal, (tx) => deps.keyring.seal(tx, keyContext, key));
  await makeDirectory(dirname(path));
  const file = await open(`${path}.unfinished`, "w", 0o600);
  try {
    await file.writeFile(wrapped);
    await file.sync();
  } finally {
    await file.close();
  }
  await moveFile(`${path}.unfinished`, path);
  return key;
}

/** Undefined when there is none, or none that opens: then nothing sealed under it counts. */
export async function keptKey(deps: KeyDeps, principal: Principal, path: string): Promise<Buffer | undefined> {
  try {
    const wrapped = await readFile(path);
    return await withTenant(deps.pool, principal, (tx) => deps.keyring.unseal(tx, keyContext, wrapped));
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (error instanceof AppError && error.code.startsWith("sealed-")) return undefined;
    throw error;
  }
}
