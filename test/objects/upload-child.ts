import { randomUUID } from "node:crypto";
import { createDirectoryStore } from "../../src/objects/index.ts";
import { deterministicJpeg } from "./fixture.ts";

// Uploads without end in sight, until it is killed: `node upload-child.ts <directory> <tenant> <image> <key> <bytes>`.
const [directory = "", tenantId = "", imageId = randomUUID(), key = "", bytes = "0"] = process.argv.slice(2);
const image = deterministicJpeg(Number(bytes));
const secret = Buffer.from(key, "hex");
const keys = { create: async () => ({ key: secret, wrappedKey: secret }), unwrap: async (wrapped: Buffer) => wrapped };
const upload = await createDirectoryStore(directory).openUpload(
  { tenantId, imageId, day: "2026-11-21", kind: "image" },
  keys,
);
while (upload.offset < image.length) {
  await upload.append(image.subarray(upload.offset, upload.offset + 50_000));
  process.stdout.write(`${upload.offset}\n`);
  await new Promise((resolve) => setTimeout(resolve, 2));
}
