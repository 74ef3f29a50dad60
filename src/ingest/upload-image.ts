import { appendRow, type Principal, withTenant } from "../audit/index.ts";
import { createImageKey, type Keyring, sealedVersion, unwrapImageKey } from "../keys/index.ts";
import type { ObjectRef, ObjectStore, Upload, UploadKeys } from "../objects/index.ts";
import type { Pool } from "../platform/db.ts";
import { AppError } from "../platform/errors.ts";
import { timestampMillis } from "../record/time.ts";
import { enqueueTask } from "../tasks/index.ts";
import { type ImageRow, isRevoked, markStored, selectImage } from "./store-images.ts";
import { ticketExpiry } from "./tickets.ts";

export type ImageDeps = {
  pool: Pool;
  keyring: Keyring;
  objects: ObjectStore;
  minFreeBytes: number;
  clock?(): number;
};

export type UploadStatus = { ok: true; offset: number; length: number } | { ok: false; reason: "not-found" };

export type UploadResult =
  | { ok: true; complete: true; length: number }
  /** The bytes ended early: what came is kept. */
  | { ok: true; complete: false; offset: number; length: number }
  | { ok: false; reason: "not-found" }
  | { ok: false; reason: "offset"; offset: number; length: number }
  /** Size, hash or magic bytes differ from what the event declared; what came is dropped. */
  | { ok: false; reason: "mismatch"; found: string; expected: string };

/** How much of an image of this principal's own is here. Another's image is not found. */
export async function imageUploadStatus(deps: ImageDeps, principal: Principal, imageId: string): Promise<UploadStatus> {
  const image = await findImage(deps, principal, imageId);
  if (!image) return { ok: false, reason: "not-found" };
  const offset = image.stored ? image.bytes : await deps.objects.uploadedBytes(refOf(principal, image));
  return { ok: true, offset, length: image.bytes };
}

/**
 * Takes an image's bytes from `offset` on, encrypting as they come. When all are there and right, they are durable before
 * the row says so. A file without its row is found as an orphan; a row without its file cannot be.
 */
export async function uploadImage(
  deps: ImageDeps,
  principal: Principal,
  request: { imageId: string; offset: number; stream: AsyncIterable<Uint8Array> },
): Promise<UploadResult> {
  const image = await findImage(deps, principal, request.imageId);
  if (!image) return { ok: false, reason: "not-found" };
  if (image.stored) return { ok: true, complete: true, length: image.bytes };
  await requireRoom(deps);
  const ref = refOf(principal, image);
  const upload = await deps.objects.openUpload(ref, uploadKeys(deps, principal, image.imageId));
  // Asked again now that no other attempt is under way: a second file would be under a key that the row does not have.
  const still = await findImage(deps, principal, request.imageId);
  if (!still || still.stored) {
    await upload.suspend();
    await deps.objects.dropUpload(ref);
    return still ? { ok: true, complete: true, length: image.bytes } : { ok: false, reason: "not-found" };
  }
  if (upload.offset !== request.offset) {
    const offset = await upload.suspend();
    return { ok: false, reason: "offset", offset, length: image.bytes };
  }
  await takeBytes(upload, image, request.stream);
  if (upload.offset < image.bytes) {
    return { ok: true, complete: false, offset: await upload.suspend(), length: image.bytes };
  }
  const { sha256, bytes, mediaType } = image;
  let result: UploadResult = { ok: false, reason: "not-found" };
  const finished = await upload.finish({ sha256, bytes, mediaType }, async () => {
    result = await commitImage(deps, principal, image, upload.wrappedKey);
  });
  return finished.ok ? result : { ok: false, reason: "mismatch", found: finished.found, expected: finished.expected };
}

/** Ends with the stream, at the first byte too many, or when the link breaks; what came is kept then. */
async function takeBytes(upload: Upload, image: ImageRow, stream: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const chunk of stream) {
      await upload.append(chunk);
      if (upload.offset > image.bytes) return;
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    await upload.suspend();
    throw new AppError("invalid", "the upload broke off", { remedy: "ask for the offset and go on", cause: error });
  }
}

async function commitImage(
  deps: ImageDeps,
  principal: Principal,
  image: ImageRow,
  wrappedKey: Buffer,
): Promise<UploadResult> {
  const stored = await withTenant(deps.pool, principal, async (tx) => {
    const marked = await markStored(tx, image, { wrappedKey, keyVersion: sealedVersion(wrappedKey) });
    if (!marked) return false;
    await enqueueTask(tx, { kind: "images.thumbnail", key: "stored", arguments: {} });
    await appendRow(tx, { action: "image.stored", entity: { type: "image", id: image.imageId } });
    return true;
  });
  if (stored) return { ok: true, complete: true, length: image.bytes };
  // Erased while its bytes came.
  await deps.objects.remove(refOf(principal, image));
  return { ok: false, reason: "not-found" };
}

async function findImage(deps: ImageDeps, principal: Principal, imageId: string): Promise<ImageRow | null> {
  const deviceId = principal.actor.type === "device" ? principal.actor.id : null;
  const image = await withTenant(deps.pool, principal, async (tx) => {
    if (deviceId !== null && (await isRevoked(tx, deviceId))) return null;
    return selectImage(tx, imageId, deviceId);
  });
  if (!image) return null;
  const now = deps.clock?.() ?? Date.now();
  return image.stored || now < timestampMillis(ticketExpiry(image.received)) ? image : null;
}

const refOf = ({ tenantId }: Principal, { imageId, day }: ImageRow): ObjectRef => ({
  tenantId,
  imageId,
  day,
  kind: "image",
});

function uploadKeys({ pool, keyring }: ImageDeps, principal: Principal, imageId: string): UploadKeys {
  return {
    create: () => withTenant(pool, principal, async (tx) => createImageKey(await keyring.dataKey(tx), imageId)),
    unwrap: (wrappedKey) =>
      withTenant(pool, principal, async (tx) =>
        unwrapImageKey(await keyring.dataKeyVersion(tx, sealedVersion(wrappedKey)), imageId, wrappedKey),
      ),
  };
}

async function requireRoom({ objects, minFreeBytes }: ImageDeps): Promise<void> {
  const freeBytes = await objects.freeBytes();
  if (freeBytes >= minFreeBytes) return;
  throw new AppError("disk-full", "there is no room for images", {
    found: `${freeBytes} bytes free`,
    expected: `at least ${minFreeBytes}`,
    remedy: "keep the image and try again later; an admin has to make room",
  });
}
