import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { constants, crc32, deflateRaw } from "node:zlib";
import { type FrameContext, frameBytes } from "../objects/index.ts";
import { type ByteSink, openSealedSink } from "./sink.ts";
import { openSealedSource, readChunks } from "./source.ts";
import type { EntryHead } from "./zip.ts";

const deflate = promisify(deflateRaw);
const blockChars = 262_144;
/** An empty final block: ends a stream whose blocks were flushed one by one (RFC 1951). */
const deflateEnd = Uint8Array.of(3, 0);

/** A finished text file of the bag, kept deflated and sealed in the working directory. */
export type FinishedPart = EntryHead & { sha256: string; read(): AsyncGenerator<Uint8Array> };

export type TextPart = {
  write(text: string): Promise<void>;
  finish(): Promise<FinishedPart>;
};

/** Where an export keeps what it has so far, the key that its files are sealed with, and the files that are open now. */
export type Workplace = { directory: string; key: Buffer; open: Set<ByteSink> };

/** A sealed file in the working directory; one left open by a failure is closed with the workplace. */
export async function openWorkFile(workplace: Workplace, path: string, context: FrameContext): Promise<ByteSink> {
  const sink = await openSealedSink(path, context, frameBytes);
  workplace.open.add(sink);
  return sink;
}

export async function closeWorkFile(workplace: Workplace, sink: ByteSink): Promise<void> {
  workplace.open.delete(sink);
  await sink.close();
}

export async function closeWorkplace(workplace: Workplace): Promise<void> {
  for (const sink of workplace.open) await sink.abandon();
  await rm(workplace.directory, { recursive: true, force: true });
}

/**
 * A text file of the bag, written as it comes. Compressed here and now, because a ZIP's local header must say the packed size
 * and the CRC before the bytes; sealed, because it holds what people said and did.
 */
export async function openTextPart(workplace: Workplace, name: string): Promise<TextPart> {
  const path = join(workplace.directory, name.replaceAll("/", "~"));
  const context: FrameContext = { path: name, key: workplace.key };
  const sink = await openWorkFile(workplace, path, context);
  const hash = createHash("sha256");
  let crc = 0;
  let bytes = 0;
  let pending: string[] = [];
  let pendingChars = 0;
  const flush = async () => {
    const block = Buffer.from(pending.join(""), "utf8");
    pending = [];
    pendingChars = 0;
    hash.update(block);
    crc = crc32(block, crc);
    bytes += block.length;
    await sink.append(await deflate(block, { finishFlush: constants.Z_SYNC_FLUSH }));
  };
  return {
    async write(text) {
      pending.push(text);
      pendingChars += text.length;
      if (pendingChars >= blockChars) await flush();
    },
    async finish() {
      if (pendingChars > 0) await flush();
      await sink.append(deflateEnd);
      const packedBytes = sink.position;
      await closeWorkFile(workplace, sink);
      const read = async function* () {
        const source = await openSealedSource(path, context);
        try {
          yield* readChunks(source);
        } finally {
          await source.close();
        }
      };
      return { name, method: "deflated", crc, bytes, packedBytes, sha256: hash.digest("hex"), read };
    },
  };
}
