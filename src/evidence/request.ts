import { appendRow, type Principal, type TenantTx, withTenant } from "../audit/index.ts";
import { type Keyring, subjectHash } from "../keys/index.ts";
import type { Pool } from "../platform/db.ts";
import { AppError, forbidden, notFound } from "../platform/errors.ts";
import type { Page } from "../platform/sorted-list.ts";
import { enqueueTask } from "../tasks/index.ts";
import { type BundleScope, type ExportInput, type ExportRequest, exportSchema, type StoredRequest } from "./schema.ts";
import { type Export, insertExport, selectExport, selectExports, takeQuota } from "./store.ts";

export type ExportDeps = { pool: Pool; keyring: Keyring };

/** An export without what only the exporter needs. */
export type ExportView = Omit<Export, "scope"> & { scope: Omit<StoredRequest, "sealedPassphrase"> };

/** Asks for a bundle. Whoever sees some sites gets those, with the details of ledger rows withheld: they may speak of others. */
export async function requestExport(deps: ExportDeps, principal: Principal, input: ExportInput): Promise<ExportView> {
  const wanted = exportSchema.parse(input);
  const exportId = crypto.randomUUID();
  return withTenant(deps.pool, principal, async (tx) => {
    const stored = await storedRequest(tx, deps, wanted, exportId);
    if (!(await takeQuota(tx))) {
      throw new AppError("quota", "no more exports today", {
        found: "the day's quota used up",
        expected: "exports left of export_quota_per_day",
        remedy: "wait for the next UTC day, or have the tenant's quota raised",
      });
    }
    await insertExport(tx, exportId, stored);
    await enqueueTask(tx, { kind: "evidence.export", key: exportId, arguments: { exportId } });
    await appendRow(tx, {
      action: "evidence.requested",
      entity: { type: "export", id: exportId },
      units: [{ name: "detail", content: JSON.stringify(withoutSecret(stored)), subjects: wantedSubjects(stored) }],
    });
    return viewOf((await selectExport(tx, exportId))!);
  });
}

/** Newest first. A page may show fewer than its limit: those of other sites are left out. */
export async function listExports(
  pool: Pool,
  principal: Principal,
  page: Page = { limit: 100 },
): Promise<{ exports: ExportView[]; next: string | null }> {
  const { exports, next } = await withTenant(pool, principal, (tx) => selectExports(tx, page));
  return { exports: exports.filter((each) => isVisible(principal, each)).map(viewOf), next };
}

export async function getExport(pool: Pool, principal: Principal, exportId: string): Promise<ExportView> {
  return viewOf(await withTenant(pool, principal, (tx) => requireExport(tx, exportId)));
}

/** The export, when the principal may see every site in it. */
export async function requireExport(tx: TenantTx, exportId: string): Promise<Export> {
  const found = await selectExport(tx, exportId);
  if (!found || !isVisible(tx.principal, found)) throw notFound(`export ${exportId}`);
  return found;
}

function isVisible({ sites }: Principal, { scope }: Export): boolean {
  return sites === "all" || (scope.sites?.every((site) => sites.includes(site)) ?? false);
}

async function storedRequest(
  tx: TenantTx,
  { keyring }: ExportDeps,
  wanted: ExportRequest,
  exportId: string,
): Promise<StoredRequest> {
  const { passphrase, recipient, partBytes, previous, withholdImages } = wanted;
  const sites = sitesOf(tx.principal, wanted.sites);
  const indexKey = wanted.subjects && (await keyring.indexKey(tx));
  const sealed =
    passphrase && (await keyring.seal(tx, `export-passphrase ${exportId}`, Buffer.from(passphrase, "utf8")));
  return {
    scope: scopeOf(wanted),
    sites,
    kinds: wanted.kinds ?? null,
    subjects: indexKey ? wanted.subjects!.map((subject) => subjectHash(indexKey, subject).toString("hex")) : null,
    withholdUnits: tx.principal.sites === "all" ? wanted.withholdUnits : "all",
    withholdImages,
    previous,
    ...(partBytes !== undefined && { partBytes }),
    ...(recipient !== undefined && { recipient }),
    ...(sealed && { sealedPassphrase: sealed.toString("base64") }),
  };
}

function scopeOf({ from, to, events }: ExportRequest): BundleScope {
  if (events) return { kind: "incident", events };
  return { kind: "range", from: from!, to: to! };
}

export function sitesOf(principal: Principal, wanted: string[] | undefined): string[] | null {
  if (principal.sites === "all") return wanted ?? null;
  const own = principal.sites;
  if (wanted?.some((site) => !own.includes(site))) throw forbidden("an export of sites outside yours is refused");
  return wanted ?? [...own];
}

function wantedSubjects({ subjects }: StoredRequest): Buffer[] {
  return (subjects ?? []).map((hex) => Buffer.from(hex, "hex"));
}

function withoutSecret({ sealedPassphrase: _, ...rest }: StoredRequest): Omit<StoredRequest, "sealedPassphrase"> {
  return rest;
}

function viewOf(found: Export): ExportView {
  return { ...found, scope: withoutSecret(found.scope) };
}
