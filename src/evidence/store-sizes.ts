import type { TenantTx } from "../audit/index.ts";

/** Sizes of the exports that were finished before this one, the newest fifty, and who made this one. */
export async function selectEarlierExports(
  tx: TenantTx,
  exportId: string,
): Promise<{ earlier: { events: number; bytes: number }[]; madeBy: { type: string; id: string } }> {
  const { rows: earlier } = await tx.query<{ events: number; bytes: number }>(
    `select coalesce(events, 0) as events, coalesce(bytes, 0) as bytes
       from exports
      where tenant_id = $1::uuid and finished_at is not null and bytes is not null and export_id <> $2::uuid
      order by finished_at desc limit 50`,
    [tx.principal.tenantId, exportId],
  );
  const { rows } = await tx.query<{ type: string; id: string }>(
    "select made_by_type as type, made_by as id from exports where tenant_id = $1::uuid and export_id = $2::uuid",
    [tx.principal.tenantId, exportId],
  );
  return { earlier, madeBy: rows[0]! };
}
