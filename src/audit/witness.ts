import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError } from "../platform/errors.ts";
import { syncDirectory } from "../platform/files.ts";
import { parseCheckpoint, type SignedCheckpoint } from "../record/checkpoint.ts";
import { isUuid } from "../record/text.ts";
import { type TileId, tilePath, tileWidth } from "../record/tiles.ts";

/**
 * A directory on storage outside Postgres that remembers what was sealed:
 * `<tenant>/checkpoints/<epoch>-<size>.txt`, `<tenant>/latest`, `<tenant>/tile/<level>/<index>` (C2SP tlog-tiles paths).
 */
export type WitnessedCheckpoint = SignedCheckpoint & { text: string; directory: string };

async function writeSynced(path: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(path, "w", 0o644);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Durable before it resolves; a reader sees the old file or the new one, never half of it. */
async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeSynced(temporary, content);
  await rename(temporary, path);
  await syncDirectory(directory);
}

const absent = (error: NodeJS.ErrnoException): undefined => {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
  throw error;
};

/** Throws when the directory is not there: writing to an unmounted one would begin a new memory on the wrong disk. */
export async function requireWitnessDirectory(directory: string): Promise<void> {
  await witnessedTenants(directory);
}

/** Tenants that a witness directory knows. A directory that cannot be read is an error: silence would unlearn everything. */
export async function witnessedTenants(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch((cause) => {
    throw new AppError("witness", `the witness directory ${directory} cannot be read`, {
      expected: "the directory of witness.directories, mounted",
      remedy: "mount it; for a new witness make an empty directory",
      cause,
    });
  });
  return names.filter(isUuid).sort();
}

/** The newest checkpoint that this witness keeps of a tenant, without judging its signature. */
export async function readWitnessed(directory: string, tenantId: string): Promise<WitnessedCheckpoint | undefined> {
  const path = join(directory, tenantId, "latest");
  const text = await readFile(path, "utf8").catch(absent);
  if (text === undefined) return undefined;
  try {
    return { ...parseCheckpoint(text), text, directory };
  } catch (cause) {
    throw new AppError("witness", `${path} is no checkpoint`, {
      found: (cause as Error).message,
      remedy: `copy the newest file of ${join(directory, tenantId, "checkpoints")} over it`,
      cause,
    });
  }
}

/** The newest over all witnesses: by epoch, then size, then time of sealing. */
export async function newestWitnessed(
  directories: readonly string[],
  tenantId: string,
): Promise<WitnessedCheckpoint | undefined> {
  let newest: WitnessedCheckpoint | undefined;
  for (const directory of directories) {
    const found = await readWitnessed(directory, tenantId);
    if (found && (!newest || isNewer(found, newest))) newest = found;
  }
  return newest;
}

function isNewer(a: SignedCheckpoint, b: SignedCheckpoint): boolean {
  const [x, y] = [a.checkpoint, b.checkpoint];
  return x.epoch !== y.epoch ? x.epoch > y.epoch : x.size !== y.size ? x.size > y.size : x.sealed > y.sealed;
}

/** A witnessed tile, or undefined. A partial tile is found under its exact width only. */
export async function readWitnessTile(
  directory: string,
  tenantId: string,
  tile: TileId,
): Promise<Uint8Array | undefined> {
  return readFile(join(directory, tenantId, tilePath(tile))).catch(absent);
}

/**
 * Writes tiles of one tenant. Several files are synced at a time; nothing is durable before
 * `sync` resolves. A wider tile takes the place of narrower ones.
 */
export class TileWriter {
  readonly #root: string;
  readonly #directories = new Set<string>();

  constructor(directory: string, tenantId: string) {
    this.#root = join(directory, tenantId);
  }

  async write(tiles: readonly (TileId & { hashes: Uint8Array })[]): Promise<void> {
    const paths = tiles.map((tile) => join(this.#root, tilePath(tile)));
    for (const directory of new Set(paths.map((path) => dirname(path)))) {
      if (this.#directories.has(directory)) continue;
      await mkdir(directory, { recursive: true });
      this.#directories.add(directory);
    }
    const temporary = (path: string): string => `${path}.${process.pid}.tmp`;
    await Promise.all(paths.map((path, i) => writeSynced(temporary(path), tiles[i]!.hashes)));
    await Promise.all(paths.map((path) => rename(temporary(path), path)));
    // Only the last tile of a level was ever partial before, and it is the first to be written now.
    for (const [i, tile] of tiles.entries()) {
      if (tile.width < tileWidth || tile.level !== tiles[i - 1]?.level) await this.#dropNarrower(tile);
    }
  }

  async #dropNarrower(tile: TileId): Promise<void> {
    const partial = `${join(this.#root, tilePath({ ...tile, width: tileWidth }))}.p`;
    if (tile.width === tileWidth) {
      this.#directories.delete(partial);
      return rm(partial, { recursive: true, force: true });
    }
    for (const name of await readdir(partial)) {
      if (Number(name) < tile.width) await rm(join(partial, name), { force: true });
    }
  }

  /** Names as well as contents are durable when it resolves. */
  async sync(): Promise<void> {
    const all = new Set<string>();
    for (const directory of this.#directories) {
      for (let at = directory; at.length >= this.#root.length; at = dirname(at)) all.add(at);
    }
    for (const directory of all) await syncDirectory(directory);
  }
}

/** Tiles must be there before: whoever reads `latest` may ask for them. */
export async function writeWitnessCheckpoint(directory: string, signed: SignedCheckpoint, text: string): Promise<void> {
  const { tenant, epoch, size } = signed.checkpoint;
  await writeAtomically(join(directory, tenant, "checkpoints", `${epoch}-${size}.txt`), text);
  await writeAtomically(join(directory, tenant, "latest"), text);
}
