import type { SignedCheckpoint } from "../record/checkpoint.ts";
import type { TenantTx } from "./with-tenant.ts";

/** Whether the bound tenant's chain has this very checkpoint. */
export async function isStored(
  tx: TenantTx,
  { checkpoint: { epoch, size, sealed }, text }: SignedCheckpoint & { text: string },
): Promise<boolean> {
  const { rows } = await tx.query<{ stored: boolean }>(
    `select exists (select from ledger.checkpoints
                     where tenant_id = app.tenant() and epoch = $1::int and size = $2::bigint and sealed_at = $3::timestamptz
                       and note = $4::text) as stored`,
    [epoch, size, sealed, text],
  );
  return rows[0]!.stored;
}
