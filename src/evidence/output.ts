import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { createInflateRaw } from "node:zlib";
import { type ByteSink, openPlainSink } from "./sink.ts";
import { createZipWriter, type EntryHead, type ZipWriter } from "./zip.ts";

type Body = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export type OutputFile = { bytes: number; sha256: string };

/** Where a bag's files go. After an error: `abandon`, which leaves nothing. */
export type Output = {
  add(entry: EntryHead, body: Body): Promise<void>;
  /** Durable when it resolves. */
  finish(): Promise<OutputFile[]>;
  abandon(): Promise<void>;
};

/** One ZIP, or with `partBytes` as many as are needed. `open` makes the file of part 1, 2 … */
export function zipOutput(open: (part: number) => Promise<ByteSink>, partBytes = Number.POSITIVE_INFINITY): Output {
  const files: OutputFile[] = [];
  let current: { sink: ByteSink; zip: ZipWriter; entries: number } | undefined;
  const end = async () => {
    if (!current) return;
    const { sink, zip } = current;
    await zip.finish();
    const bytes = sink.position;
    const sha256 = (await sink.close()).toString("hex");
    files.push({ bytes, sha256 });
    current = undefined;
  };
  return {
    async add(entry, body) {
      if (current && current.entries > 0 && current.zip.lengthWith(entry) > partBytes) await end();
      if (!current) {
        const sink = await open(files.length + 1);
        current = { sink, zip: createZipWriter(sink), entries: 0 };
      }
      current.entries++;
      await current.zip.add(entry, body);
    },
    async finish() {
      await end();
      return files;
    },
    async abandon() {
      await current?.sink.abandon();
    },
  };
}

/** A folder of plain files. */
export function directoryOutput(path: string): Output {
  return {
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
    async abandon() {
      await rm(path, { recursive: true, force: true });
    },
  };
}
