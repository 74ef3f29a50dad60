import { type Dirent, existsSync } from "node:fs";
import { opendir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { isMissing } from "../platform/files.ts";
import { type ObjectRef, parseObjectPath } from "./paths.ts";

export type StoredObject = {
  /** Relative to the store. */
  path: string;
  /** Null: a file that Ledgerstone did not put there, or an unfinished write. */
  ref: ObjectRef | null;
  /** Of the file; an object's own bytes are a little fewer. */
  fileBytes: number;
  modifiedAt: Date;
};
export type StoredPartial = { tenantId: string; imageId: string; fileBytes: number; modifiedAt: Date };

/** Every file below an `images` directory, one tenant after the other, in constant memory. */
export async function* listObjects(directory: string): AsyncGenerator<StoredObject> {
  for await (const tenant of entries(join(directory, "tenants"))) {
    for await (const path of files(join(directory, "tenants", tenant.name, "images"))) {
      const found = await stat(path).catch(ignoreMissing);
      if (!found) continue;
      const name = relative(directory, path);
      yield { path: name, ref: parseObjectPath(name), fileBytes: found.size, modifiedAt: found.mtime };
    }
  }
}

/** Every upload in progress, or left behind. */
export async function* listPartials(directory: string): AsyncGenerator<StoredPartial> {
  for await (const tenant of entries(join(directory, "tenants"))) {
    const partials = join(directory, "tenants", tenant.name, "partial");
    for await (const entry of entries(partials)) {
      if (entry.name.endsWith(".key")) continue;
      const found = await stat(join(partials, entry.name)).catch(ignoreMissing);
      if (!found) continue;
      yield { tenantId: tenant.name, imageId: entry.name, fileBytes: found.size, modifiedAt: found.mtime };
    }
  }
}

async function* files(directory: string): AsyncGenerator<string> {
  for await (const entry of entries(directory)) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else yield path;
  }
}

async function* entries(directory: string): AsyncGenerator<Dirent> {
  if (!existsSync(directory)) return;
  try {
    yield* await opendir(directory);
  } catch (error) {
    // A day may be collected while we walk.
    if (!isMissing(error)) throw error;
  }
}

function ignoreMissing(error: unknown): null {
  if (isMissing(error)) return null;
  throw error;
}
