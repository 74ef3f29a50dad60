import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { appendRow, listTenantIds, systemPrincipal, withTenant } from "../audit/index.ts";
import { type EvidenceDeps, exportDirectory } from "./run.ts";
import { selectExpired, selectKept, updateExpired } from "./store.ts";

/** Removes exports whose time is over or that an erasure ended, and folders that no export owns. */
export async function expireExports(
  deps: Pick<EvidenceDeps, "pool" | "directory">,
  signal?: AbortSignal,
): Promise<{ expired: number; orphans: number }> {
  let expired = 0;
  let orphans = 0;
  for (const tenantId of await listTenantIds(deps.pool)) {
    signal?.throwIfAborted();
    const principal = systemPrincipal(tenantId, "evidence", "cron");
    const ids = await withTenant(deps.pool, principal, selectExpired);
    for (const exportId of ids) {
      // The file first: a crash between leaves a row that is found again.
      await rm(exportDirectory(deps, tenantId, exportId), { recursive: true, force: true });
      await withTenant(deps.pool, principal, async (tx) => {
        await updateExpired(tx, exportId);
        await appendRow(tx, { action: "evidence.expired", entity: { type: "export", id: exportId } });
      });
      expired++;
    }
    const folders = await readdir(join(deps.directory, tenantId)).catch(() => []);
    const kept = folders.length > 0 ? await withTenant(deps.pool, principal, selectKept) : new Set<string>();
    for (const folder of folders) {
      if (kept.has(folder)) continue;
      await rm(exportDirectory(deps, tenantId, folder), { recursive: true, force: true });
      orphans++;
    }
  }
  return { expired, orphans };
}
