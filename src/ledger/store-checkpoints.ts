import type { TenantTx } from "../audit/index.ts";

export type Checkpoint = { epoch: number; size: number; root: string; sealedAt: string; note: string };
export type CheckpointPlace = Pick<Checkpoint, "epoch" | "size" | "sealedAt">;

/** Newest first: by epoch, then size, then time. */
export async function selectCheckpoints(
  tx: TenantTx,
  after: CheckpointPlace | undefined,
  limit: number,
): Promise<Checkpoint[]> {
  const { rows } = await tx.query<Checkpoint>(
    `select epoch, size, encode(root, 'hex') as root, ledger.timestamp_text(sealed_at) as "sealedAt", note
       from ledger.checkpoints
      where tenant_id = $1::uuid
        and ($2::int is null or (epoch, size, sealed_at) < ($2::int, $3::bigint, $4::timestamptz))
      order by epoch desc, size desc, sealed_at desc
      limit $5::int`,
    [tx.principal.tenantId, after?.epoch ?? null, after?.size ?? null, after?.sealedAt ?? null, limit],
  );
  return rows;
}
