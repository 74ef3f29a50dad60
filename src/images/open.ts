import { type Principal, withTenant } from "../audit/index.ts";
import { type Keyring, sealedVersion, unwrapImageKey } from "../keys/index.ts";
import type { ObjectStore } from "../objects/index.ts";
import type { Pool } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import { insertView, selectImage } from "./store.ts";
import { rememberView } from "./views.ts";

export type ImagesDeps = { pool: Pool; keyring: Keyring; objects: ObjectStore };

export type OpenedImage = {
  mediaType: string;
  /** Of an original; a thumbnail's is not kept. */
  bytes: number | null;
  /** Plaintext, each part checked before it leaves. */
  content: AsyncGenerator<Buffer>;
};

/**
 * An image's bytes, or those of its thumbnail. That it was seen is durable before it resolves. Throws `not-found` for one
 * that never came, is erased, is of another site than the principal's, or gives no thumbnail.
 */
export async function openImage(
  { pool, keyring, objects }: ImagesDeps,
  principal: Principal,
  { eventId, n, thumbnail }: { eventId: string; n: number; thumbnail: boolean },
): Promise<OpenedImage> {
  return withTenant(pool, principal, async (tx) => {
    const image = await selectImage(tx, eventId, n);
    if (!image) throw notFound("image");
    if (thumbnail && !image.hasThumbnail) throw notFound("thumbnail");
    const { imageId, day, wrappedKey, mediaType, bytes } = image;
    const dataKey = await keyring.dataKeyVersion(tx, sealedVersion(wrappedKey));
    const key = unwrapImageKey(dataKey, imageId, wrappedKey);
    const minute = await insertView(tx, image, thumbnail);
    if (minute !== undefined) await rememberView(tx, minute);
    const ref = { tenantId: principal.tenantId, imageId, day, kind: thumbnail ? "thumbnail" : "image" } as const;
    const content = objects.read(ref, key);
    return thumbnail ? { mediaType: "image/webp", bytes: null, content } : { mediaType, bytes, content };
  });
}
