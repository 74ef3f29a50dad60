import { createCipheriv, createHash, randomBytes, randomUUID } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { createDirectoryStore, type ObjectRef } from "../../src/objects/index.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";

// Object store against the raw primitives, in one run: write = SHA-256 + AES-256-GCM + file, read = AES-256-GCM + file.
const imageBytes = 4 * 1024 * 1024;
const images = 64;
const chunkBytes = 65_536;

const image = randomBytes(imageBytes);
Buffer.from("ffd8ffe0", "hex").copy(image);
const sha256 = createHash("sha256").update(image).digest();
const megabytes = (imageBytes * images) / 1e6;

async function timed(name: string, work: () => Promise<void> | void): Promise<number> {
  const begun = performance.now();
  await work();
  const rate = (megabytes / (performance.now() - begun)) * 1000;
  process.stdout.write(`${name.padEnd(44)} ${rate.toFixed(0).padStart(6)} MB/s\n`);
  return rate;
}

function raw(withHash: boolean): void {
  for (let n = 0; n < images; n++) {
    const hash = createHash("sha256");
    const cipher = createCipheriv("aes-256-gcm", randomBytes(32), randomBytes(12));
    for (let at = 0; at < imageBytes; at += chunkBytes) {
      const chunk = image.subarray(at, at + chunkBytes);
      if (withHash) hash.update(chunk);
      cipher.update(chunk);
    }
    cipher.final();
  }
}

const directory = await temporaryDirectory("bench-objects");
const store = createDirectoryStore(directory);
const key = randomBytes(32);
const keys = { create: async () => ({ key, wrappedKey: key }), unwrap: async () => key };
const tenantId = randomUUID();
const refs = Array.from(
  { length: images },
  (): ObjectRef => ({ tenantId, imageId: randomUUID(), day: "2026-11-21", kind: "image" }),
);

raw(true);
const rawWrite = await timed("raw SHA-256 + AES-256-GCM, no file", () => raw(true));
const rawRead = await timed("raw AES-256-GCM, no file", () => raw(false));
const disk = await timed("raw file writes, each fsynced", async () => {
  for (let n = 0; n < images; n++) {
    const file = await open(join(directory, `raw-${n}`), "w");
    await file.write(image);
    await file.datasync();
    await file.close();
  }
});
const write = await timed(`store: ${images} images of 4 MiB, each fsynced`, async () => {
  for (const ref of refs) {
    const upload = await store.openUpload(ref, keys);
    for (let at = 0; at < imageBytes; at += chunkBytes) await upload.append(image.subarray(at, at + chunkBytes));
    const result = await upload.finish({ sha256, bytes: imageBytes, mediaType: "image/jpeg" });
    if (!result.ok) throw new Error(result.reason);
  }
});
// One after the other: the time of both adds up.
const bound = 1 / (1 / rawWrite + 1 / disk);
const read = await timed("store: read and check them", async () => {
  for (const ref of refs)
    for await (const part of store.read(ref, key)) if (part.length === 0) throw new Error("empty");
});
process.stdout.write(
  `ratio to raw: write ${(write / bound).toFixed(2)} of cipher, hash and disk; read ${(read / rawRead).toFixed(2)} of cipher\n`,
);
await removeDirectory(directory);
