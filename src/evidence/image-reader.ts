import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { type Principal, withTenant } from "../audit/index.ts";
import { type Keyring, type TenantKey, unwrapImageKey } from "../keys/index.ts";
import { type ObjectRef, type ObjectStore, readBuffers } from "../objects/index.ts";
import type { Pool } from "../platform/db.ts";
import { AppError } from "../platform/errors.ts";
import type { ImageFile } from "./image-list.ts";
import type { EntryHead } from "./zip.ts";

export type ImageReaderDeps = { pool: Pool; keyring: Keyring; objects: ObjectStore };

export type OpenImage = EntryHead & { chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array> };

/** Above this, an image is decrypted twice instead of held in memory. */
const heldBytes = 8 * 1_048_576;

/**
 * Decrypts images from the object store. Each is compared with size and SHA-256 that its event declared before its first
 * byte goes into the bag; one that differs fails the export, named. An image's chunks hold until the next but one is asked
 * for: images lie in two buffers by turns.
 */
export function createImageReader(deps: ImageReaderDeps, principal: Principal) {
  const dataKeys = new Map<number, TenantKey>();
  const buffers = [readBuffers(heldBytes), readBuffers(heldBytes)];
  const keyOf = async (file: ImageFile): Promise<Buffer> => {
    const version = file.keyVersion;
    const dataKey =
      dataKeys.get(version) ??
      (await withTenant(deps.pool, principal, (tx) => deps.keyring.dataKeyVersion(tx, version)));
    dataKeys.set(version, dataKey);
    return unwrapImageKey(dataKey, file.imageId, Buffer.from(file.wrappedKey, "base64"));
  };
  return async (file: ImageFile): Promise<OpenImage> => {
    // At once, so that the turns are those of the calls.
    const mine = buffers.reverse()[0]!;
    const { tenantId } = principal;
    const ref: ObjectRef = { tenantId, imageId: file.imageId, day: file.day, kind: "image" };
    const key = await keyOf(file);
    const hash = createHash("sha256");
    const held: Buffer[] = [];
    let crc = 0;
    let bytes = 0;
    for await (const chunk of deps.objects.readInto(ref, key, mine)) {
      bytes += chunk.length;
      if (bytes > file.bytes) break;
      hash.update(chunk);
      crc = crc32(chunk, crc);
      if (file.bytes <= heldBytes) held.push(chunk);
    }
    const sha256 = hash.digest("hex");
    if (bytes !== file.bytes || sha256 !== file.sha256) throw mismatch(file, { bytes, sha256 });
    const chunks = file.bytes <= heldBytes ? held : deps.objects.read(ref, key);
    return { name: file.name, method: "stored", crc, bytes, packedBytes: bytes, chunks };
  };
}

function mismatch(file: ImageFile, found: { bytes: number; sha256: string }): AppError {
  return new AppError("image-mismatch", `image ${file.imageId} is not what its event declared`, {
    found: found.bytes === file.bytes ? `SHA-256 ${found.sha256}` : `${found.bytes} bytes or more`,
    expected: `${file.bytes} bytes with SHA-256 ${file.sha256}`,
    remedy: "restore the file of this image from a backup of the object store",
  });
}
