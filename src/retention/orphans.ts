import { appendRow, systemPrincipal, withTenant } from "../audit/index.ts";
import type { StoredObject } from "../objects/index.ts";
import { conflict } from "../platform/errors.ts";
import type { RetentionDeps } from "./deps.ts";
import { selectKnownImages } from "./store-follow-up.ts";

export type Orphans = {
  files: number;
  /** Objects whose image no row knows: their key is gone, nobody can read them. */
  orphans: { path: string; fileBytes: number }[];
  /** Files that are no object of ours. Never removed. */
  strangers: string[];
  removed: number;
};

/** Younger files may belong to an upload that has not committed yet. */
const youngMs = 3_600_000;
const chunk = 500;

/**
 * Compares the object store with Postgres. A dry run lists; removing more than half of all files needs `force`, since that is
 * what a lost or wrong database looks like.
 */
export async function reconcileObjects(
  deps: Pick<RetentionDeps, "executor" | "objects">,
  { dryRun, force = false, now = Date.now() }: { dryRun: boolean; force?: boolean; now?: number },
): Promise<Orphans> {
  const found: Orphans = { files: 0, orphans: [], strangers: [], removed: 0 };
  const byTenant = new Map<string, StoredObject[]>();
  let waiting: StoredObject[] = [];
  const flush = async () => {
    for (const orphan of await withoutRow(deps, waiting)) {
      found.orphans.push({ path: orphan.path, fileBytes: orphan.fileBytes });
      const tenantId = orphan.ref!.tenantId;
      byTenant.set(tenantId, [...(byTenant.get(tenantId) ?? []), orphan]);
    }
    waiting = [];
  };
  for await (const object of deps.objects.list()) {
    found.files++;
    if (!object.ref) found.strangers.push(object.path);
    else if (now - object.modifiedAt.getTime() > youngMs) waiting.push(object);
    if (waiting.length >= chunk) await flush();
  }
  await flush();
  if (dryRun || found.orphans.length === 0) return found;
  if (found.orphans.length * 2 > found.files && !force) {
    throw conflict("more than half of the stored objects have no row: nothing was removed", {
      found: `${found.orphans.length} orphans among ${found.files} files`,
      expected: "at most half",
      remedy: "check that this is the right database and that it is whole; then run it again with --force",
    });
  }
  for (const [tenantId, orphans] of byTenant) {
    for (const orphan of orphans) if (await deps.objects.remove(orphan.ref!)) found.removed++;
    await recordRemoval(deps, tenantId, orphans.length);
  }
  return found;
}

async function withoutRow(deps: Pick<RetentionDeps, "executor">, objects: StoredObject[]): Promise<StoredObject[]> {
  const orphans: StoredObject[] = [];
  for (const tenantId of new Set(objects.map((object) => object.ref!.tenantId))) {
    const own = objects.filter((object) => object.ref!.tenantId === tenantId);
    const known = await withTenant(deps.executor, systemPrincipal(tenantId, "retention", "cli"), (tx) =>
      selectKnownImages(
        tx,
        own.map((object) => object.ref!.imageId),
      ),
    );
    const ids = new Set(known);
    orphans.push(...own.filter((object) => !ids.has(object.ref!.imageId)));
  }
  return orphans;
}

async function recordRemoval(deps: Pick<RetentionDeps, "executor">, tenantId: string, files: number): Promise<void> {
  await withTenant(deps.executor, systemPrincipal(tenantId, "retention", "cli"), (tx) =>
    appendRow(tx, {
      action: "objects.orphans-removed",
      entity: { type: "tenant", id: tenantId },
      units: [{ name: "detail", content: JSON.stringify({ files }) }],
    }),
  );
}
