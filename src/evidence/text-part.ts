import { createHash } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { constants, crc32, deflateRaw } from "node:zlib";
import type { FrameContext } from "../objects/index.ts";
import { openSealedSource, readChunks } from "./source.ts";
import { closeWorkFile, openWorkFile, type Workplace } from "./workplace.ts";
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

/**
 * A text file of the bag, written as it comes. Compressed here and now, because a ZIP's local header must say the packed size
 * and the CRC before the bytes; sealed, because it holds what people said and did.
 */
export async function openTextPart(workplace: Workplace, name: string): Promise<TextPart> {
  const { path, context } = place(workplace, name);
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
      return readable(workplace, { name, method: "deflated", crc, bytes, packedBytes, sha256: hash.digest("hex") });
    },
  };
}

/** What the list of an earlier attempt tells of a part, with its bytes. */
export function readable(workplace: Workplace, part: Omit<FinishedPart, "read">): FinishedPart {
  const { path, context } = place(workplace, part.name);
  return {
    ...part,
    async *read() {
      const source = await openSealedSource(path, context);
      try {
        yield* readChunks(source);
      } finally {
        await source.close();
      }
    },
  };
}

function place({ directory, key }: Workplace, name: string): { path: string; context: FrameContext } {
  return { path: join(directory, name.replaceAll("/", "~")), context: { path: name, key } };
}
