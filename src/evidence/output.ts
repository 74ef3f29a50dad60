import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { createInflateRaw } from "node:zlib";
import { type KnownHead, passEntry } from "./kept-entry.ts";
import type { KeptFile } from "./kept-file.ts";
import { type ByteSink, openPlainSink } from "./sink.ts";
import { createZipWriter, type EntryHead, emptyIndex, lengthWith, type ZipIndex, type ZipWriter } from "./zip.ts";

type Body = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export type OutputFile = { bytes: number; sha256: string };

/** Where a bag's files go. After an error: `abandon`. */
export type Output = {
  /**
   * Whether an earlier attempt wrote this entry, whole: then it is not added again. Asked in the order of the entries, and
   * not after the first that was not there.
   */
  kept(entry: KnownHead): Promise<boolean>;
  add(entry: EntryHead, body: Body): Promise<void>;
  /** Durable when it resolves. */
  finish(): Promise<OutputFile[]>;
  /** Closes what is open. */
  abandon(): Promise<void>;
};

export type PartFiles = {
  /** Makes the file of part 1, 2 … */
  open(part: number): Promise<ByteSink>;
  /** What an earlier attempt left of it. */
  kept(part: number): Promise<KeptFile | undefined>;
};

type Part = { index: ZipIndex; kept?: KeptFile; sink?: ByteSink; zip?: ZipWriter };

/** One ZIP, or with `partBytes` as many as are needed. */
export function zipOutput(parts: PartFiles, partBytes = Number.POSITIVE_INFINITY): Output {
  const files: OutputFile[] = [];
  let current: Part | undefined;
  const writer = async (part: Part): Promise<{ zip: ZipWriter; sink: ByteSink }> => {
    part.sink ??= await (part.kept ? part.kept.takeUp() : parts.open(files.length + 1));
    part.kept = undefined;
    part.zip ??= createZipWriter(part.sink, part.index);
    return { zip: part.zip, sink: part.sink };
  };
  const end = async () => {
    if (!current) return;
    const { zip, sink } = await writer(current);
    await zip.finish();
    const bytes = sink.position;
    const sha256 = (await sink.close()).toString("hex");
    files.push({ bytes, sha256 });
    current = undefined;
  };
  const isFull = (entry: KnownHead): boolean =>
    current !== undefined && current.index.entries > 0 && lengthWith(current.index, { crc: 0, ...entry }) > partBytes;
  return {
    async kept(entry) {
      if (isFull(entry)) await end();
      current ??= { index: emptyIndex(), kept: await parts.kept(files.length + 1) };
      return current.kept !== undefined && passEntry(current.kept, current.index, entry);
    },
    async add(entry, body) {
      if (isFull(entry)) await end();
      current ??= { index: emptyIndex() };
      const { zip } = await writer(current);
      await zip.add(entry, body);
    },
    async finish() {
      await end();
      return files;
    },
    async abandon() {
      await current?.sink?.abandon();
      await current?.kept?.close();
    },
  };
}

/** A folder of plain files. */
export function directoryOutput(path: string): Output {
  return {
    // Files of an earlier attempt are made anew: nothing says that one is whole.
    kept: async () => false,
    async add(entry, body) {
      const file = join(path, entry.name);
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const sink = await openPlainSink(file);
      try {
        const plain = entry.method === "stored" ? body : Readable.from(body).pipe(createInflateRaw());
        for await (const chunk of plain) await sink.append(chunk as Uint8Array);
      } catch (error) {
        await sink.abandon();
        throw error;
      }
      await sink.close();
    },
    async finish() {
      return [];
    },
    async abandon() {},
  };
}
