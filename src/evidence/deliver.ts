import { mkdir, rm, unlink } from "node:fs/promises";
import { dirname, join, parse } from "node:path";
import { isMissing, moveFile } from "../platform/files.ts";
import { type AgeKey, openAgeSink } from "./age.ts";
import { type KeptFile, openKeptPlain, openKeptSealed } from "./kept-file.ts";
import { directoryOutput, type Output, type OutputFile, zipOutput } from "./output.ts";
import { type ByteSink, openPlainSink, openSealedSink } from "./sink.ts";
import { type ByteSource, openPlainSource, openSealedSource, readChunks } from "./source.ts";
import type { Workplace } from "./workplace.ts";

/**
 * Where a finished bundle goes. `sealed`: `<directory>/part-1` and so on, encrypted under the given key, for `openSealedPart`.
 * `file`: a ZIP as it is; further parts are `<name>.part2.zip` and so on. `directory`: a folder; never encrypted with age.
 */
export type Target = { partBytes?: number; encryption?: AgeKey } & (
  | { kind: "sealed"; directory: string; key: Buffer; name: string }
  | { kind: "file"; path: string }
  | { kind: "directory"; path: string }
);

export type DeliveredFile = { path: string; bytes: number; sha256: string };

/** What was packed, out of sight until it is verified. */
export type Packed = {
  /** Undefined for a directory, which is read from `path`. */
  open?(): Promise<ByteSource>;
  path: string;
  /** Gives it its name. Durable when it resolves. */
  publish(watch: { signal?: AbortSignal; onBytes(bytes: number): void }): Promise<DeliveredFile>;
};

export type PackOutput = Omit<Output, "finish"> & { finish(): Promise<Packed[]> };

/** Goes on with what an earlier call left at the same place: the caller asks what is `kept`. */
export async function openTarget(target: Target, workplace: Workplace): Promise<PackOutput> {
  if (target.kind === "directory") return folder(target.path);
  const { final, staging } = placesOf(target, workplace);
  await mkdir(dirname(final.path(1)), { recursive: true, mode: 0o700 });
  const output = zipOutput({ open: staging.write, kept: staging.kept }, target.partBytes);
  const packed = (file: OutputFile, part: number): Packed => {
    const unfinished = staging.unfinished(part);
    const remove = () => rm(unfinished, { force: true });
    const path = final.path(part);
    return {
      path: unfinished,
      open: () => staging.read(part),
      async publish(watch) {
        if (!target.encryption) {
          await moveFile(unfinished, path);
          return { path, ...file };
        }
        const sink = await openAgeSink(await final.write(part), target.encryption);
        const bytes = await copy(staging.read(part), sink, watch);
        await moveFile(final.unfinished(part), path);
        await remove();
        return { path, ...bytes };
      },
    };
  };
  return { ...output, finish: async () => (await output.finish()).map((file, i) => packed(file, i + 1)) };
}

/** Removes what was packed and not published, of this call and of earlier ones at the same place. */
export async function removeUnfinished(target: Target, workplace: Pick<Workplace, "directory" | "key">): Promise<void> {
  if (target.kind === "directory") {
    await rm(`${target.path}.unfinished`, { recursive: true, force: true });
    return;
  }
  const { final, staging } = placesOf(target, workplace);
  for (const place of new Set([final, staging])) {
    for (let part = 1; await removeIfThere(place.unfinished(part)); part++);
  }
}

async function removeIfThere(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function placesOf(
  target: Exclude<Target, { kind: "directory" }>,
  { directory, key }: Pick<Workplace, "directory" | "key">,
): { final: Place; staging: Place } {
  const final =
    target.kind === "sealed" ? sealedPlace(target.directory, target.key, target.name) : plainPlace(target.path);
  return { final, staging: target.encryption ? sealedPlace(directory, key, "bundle") : final };
}

/** Opens what a `sealed` target left, for a download. */
export function openSealedPart(directory: string, key: Buffer, name: string, part: number): Promise<ByteSource> {
  return openSealedSource(join(directory, `part-${part}`), { path: sealedName(name, part), key });
}

type Place = {
  path(part: number): string;
  unfinished(part: number): string;
  write(part: number): Promise<ByteSink>;
  kept(part: number): Promise<KeptFile | undefined>;
  read(part: number): Promise<ByteSource>;
};

function plainPlace(first: string): Place {
  const { dir, name, ext } = parse(first);
  const path = (part: number) => (part === 1 ? first : join(dir, `${name}.part${part}${ext}`));
  const unfinished = (part: number) => `${path(part)}.unfinished`;
  return {
    path,
    unfinished,
    write: (part) => openPlainSink(unfinished(part)),
    kept: (part) => openKeptPlain(unfinished(part)),
    read: (part) => openPlainSource(unfinished(part)),
  };
}

function sealedPlace(directory: string, key: Buffer, name: string): Place {
  const path = (part: number) => join(directory, `part-${part}`);
  const unfinished = (part: number) => `${path(part)}.unfinished`;
  const context = (part: number) => ({ path: sealedName(name, part), key });
  return {
    path,
    unfinished,
    write: (part) => openSealedSink(unfinished(part), context(part)),
    kept: (part) => openKeptSealed(unfinished(part), context(part)),
    read: (part) => openSealedSource(unfinished(part), context(part)),
  };
}

const sealedName = (name: string, part: number): string => `export/${name}/part-${part}`;

function folder(path: string): PackOutput {
  const unfinished = `${path}.unfinished`;
  const output = directoryOutput(unfinished);
  const packed: Packed = {
    path: unfinished,
    async publish() {
      await moveFile(unfinished, path);
      return { path, bytes: 0, sha256: "" };
    },
  };
  return {
    ...output,
    async finish() {
      await output.finish();
      return [packed];
    },
  };
}

async function copy(
  opening: Promise<ByteSource>,
  sink: ByteSink,
  watch: { signal?: AbortSignal; onBytes(bytes: number): void },
): Promise<{ bytes: number; sha256: string }> {
  const source = await opening;
  try {
    for await (const chunk of readChunks(source)) {
      watch.signal?.throwIfAborted();
      await sink.append(chunk);
      watch.onBytes(chunk.length);
    }
    const sha256 = (await sink.close()).toString("hex");
    return { bytes: sink.position, sha256 };
  } catch (error) {
    await sink.abandon();
    throw error;
  } finally {
    await source.close();
  }
}
