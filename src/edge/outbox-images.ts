import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import type { TakenImage } from "./outbox-rows.ts";

export type ImageSource = { file: string } | { data: Uint8Array };

export class NotAnImage extends Error {}

// Copies the image and hashes it in one pass. The bytes are on the disk when it resolves; the directory's entry is
// only after the directory is synced.
export async function takeImage(target: string, source: ImageSource, mostBytes: number): Promise<TakenImage> {
  const hash = createHash("sha256");
  let bytes = 0;
  let type: string | null = null;
  const handle = await open(target, "wx", 0o600);
  try {
    for await (const chunk of "file" in source ? createReadStream(source.file) : [Buffer.from(source.data)]) {
      const part = chunk as Buffer;
      if (bytes === 0) type = imageType(part);
      bytes += part.length;
      if (bytes > mostBytes) throw new NotAnImage(`an image of more than ${mostBytes} bytes: send a smaller one`);
      hash.update(part);
      for (let from = 0; from < part.length; ) from += (await handle.write(part, from)).bytesWritten;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (!type) {
    const named = "file" in source ? source.file : `${bytes} bytes`;
    throw new NotAnImage(`${named} is neither JPEG nor PNG nor WebP by its first bytes: send one of these`);
  }
  return { sha256: hash.digest("hex"), bytes, type };
}

function imageType(start: Buffer): string | null {
  if (start.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return "image/jpeg";
  if (start.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))) return "image/png";
  if (start.toString("latin1", 0, 4) === "RIFF" && start.toString("latin1", 8, 12) === "WEBP") return "image/webp";
  return null;
}
