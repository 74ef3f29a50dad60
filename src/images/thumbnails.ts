import { appendRow, listTenantIds, type Principal, systemPrincipal, withTenant } from "../audit/index.ts";
import { sealedVersion, unwrapImageKey } from "../keys/index.ts";
import type { ObjectRef, Thumbnailer } from "../objects/index.ts";
import { AppError } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import { enqueueTask, type Progress, type Task, type TaskResult } from "../tasks/index.ts";
import type { ImagesDeps } from "./open.ts";
import { markTried, type StoredImage, selectPresent, selectWithoutThumbnail, type Tried } from "./store.ts";

export type ThumbnailDeps = ImagesDeps & { thumbnailer: Thumbnailer; log: Logger };

export const thumbnailKind = "images.thumbnail";
/** One open task a tenant: it goes on until no image is without. */
export const thumbnailTask = { kind: thumbnailKind, key: "stored", arguments: {} };

const atATime = 25;
const mostBytes = 64 * 1024 * 1024;

/**
 * Makes what is missing, under the originals' own keys, and says so in one row for every 25 images. What gives none stays as
 * it came and is not tried again. Killed anywhere, it makes again what no row speaks of.
 */
export async function makeThumbnails(deps: ThumbnailDeps, task: Task, progress: Progress): Promise<TaskResult> {
  const principal = systemPrincipal(task.tenantId, "images", "cron");
  for (let done = 0; ; ) {
    const images = await withTenant(deps.pool, principal, (tx) => selectWithoutThumbnail(tx, atATime));
    if (images.length === 0) return { state: "done", result: { images: done } };
    const tried: Tried[] = [];
    for (const image of images) {
      progress.signal.throwIfAborted();
      const { received, eventId, n, imageId } = image;
      tried.push({ received, eventId, n, imageId, made: await makeOne(deps, principal, image) });
    }
    await recordTried(deps, principal, task.taskId, tried);
    done += images.length;
    await progress.report(done);
  }
}

/** A task that ends while an image is being stored does not see it: this finds such ones. */
export async function findWithoutThumbnail({ pool }: Pick<ImagesDeps, "pool">, signal: AbortSignal): Promise<void> {
  for (const tenantId of await listTenantIds(pool)) {
    signal.throwIfAborted();
    await withTenant(pool, systemPrincipal(tenantId, "images", "cron"), async (tx) => {
      if ((await selectWithoutThumbnail(tx, 1)).length > 0) await enqueueTask(tx, thumbnailTask);
    });
  }
}

async function makeOne(deps: ThumbnailDeps, principal: Principal, image: StoredImage): Promise<boolean> {
  const { keyring, objects, thumbnailer, log } = deps;
  const { imageId, wrappedKey, bytes } = image;
  const { tenantId } = principal;
  if (bytes > mostBytes) return false;
  const key = await withTenant(deps.pool, principal, async (tx) =>
    unwrapImageKey(await keyring.dataKeyVersion(tx, sealedVersion(wrappedKey)), imageId, wrappedKey),
  );
  const ref = refOf(tenantId, image);
  const parts: Buffer[] = [];
  try {
    for await (const part of objects.read({ ...ref, kind: "image" }, key)) parts.push(part);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // Erased in between, or damage that an export or a restore has to deal with: no reason to stop the others.
    log.warn({ err: error, tenantId, imageId }, "an image cannot be read: it gets no thumbnail");
    return false;
  }
  const thumbnail = await thumbnailer.make(Buffer.concat(parts));
  if (!thumbnail.ok) {
    log.info({ tenantId, imageId, reason: thumbnail.reason }, "an image gives no thumbnail");
    return false;
  }
  await objects.write(ref, key, thumbnail.bytes);
  return true;
}

async function recordTried(
  { pool, objects }: ThumbnailDeps,
  principal: Principal,
  taskId: string,
  tried: readonly Tried[],
): Promise<void> {
  const present = await withTenant(pool, principal, async (tx) => {
    const marked = new Set(await markTried(tx, tried));
    const here = await selectPresent(
      tx,
      tried.map(({ imageId }) => imageId),
    );
    const ids = (made: boolean) =>
      tried.filter((each) => each.made === made && marked.has(each.imageId)).map(({ imageId }) => imageId);
    if (marked.size > 0) {
      await appendRow(tx, {
        action: "images.thumbnails",
        entity: { type: "task", id: taskId },
        units: [{ name: "detail", content: JSON.stringify({ made: ids(true), none: ids(false) }) }],
      });
    }
    return new Set(here);
  });
  // Erased while its thumbnail was made: its key is gone, and nobody else would collect this file.
  for (const each of tried) {
    if (each.made && !present.has(each.imageId)) await objects.remove(refOf(principal.tenantId, each));
  }
}

const refOf = (tenantId: string, { imageId, received }: Pick<Tried, "imageId" | "received">): ObjectRef => ({
  tenantId,
  imageId,
  day: received.slice(0, 10),
  kind: "thumbnail",
});
