import { createCipheriv, createHash, randomBytes } from "node:crypto";
import type { Declared, UploadKeys } from "../../src/objects/index.ts";

export function jpeg(bytes: number): Buffer {
  const image = randomBytes(bytes);
  Buffer.from("ffd8ffe0", "hex").copy(image);
  return image;
}

export function declare(image: Buffer): Declared {
  return { sha256: createHash("sha256").update(image).digest(), bytes: image.length, mediaType: "image/jpeg" };
}

/** Wraps with the identity: what is under test here is where the store keeps it. */
export function keysFor(key = randomBytes(32)): UploadKeys & { key: Buffer } {
  return { key, create: async () => ({ key, wrappedKey: key }), unwrap: async (wrapped) => wrapped };
}

export async function collect(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
}

export async function listOf<T>(source: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const each of source) list.push(each);
  return list;
}

/** The same bytes in every process. */
export function deterministicJpeg(bytes: number): Buffer {
  const stream = createCipheriv("aes-256-ctr", Buffer.alloc(32, 7), Buffer.alloc(16));
  const image = stream.update(Buffer.alloc(bytes));
  Buffer.from("ffd8ffe0", "hex").copy(image);
  return image;
}
