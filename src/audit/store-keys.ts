import type { Queryable } from "../platform/db.ts";
import { type KeyRotation, parseKeyContent } from "../record/control.ts";
import type { Principal } from "./with-tenant.ts";

export type RotationRow = KeyRotation & { seq: number };

/** The chain's `ledger.key.rotated` rows, oldest first. */
export async function readRotations(tx: Queryable, tenantId: string): Promise<RotationRow[]> {
  const { rows } = await tx.query<{ seq: number; content: string }>(
    `select r.seq, o.content
       from ledger.rows r
       join ledger.openings o on o.tenant_id = r.tenant_id and o.seq = r.seq and o.unit = 'key'
      where r.tenant_id = $1::uuid and r.action = 'ledger.key.rotated'
      order by r.seq`,
    [tenantId],
  );
  return rows.map(({ seq, content }) => ({ seq, ...parseKeyContent(content) }));
}

export async function appendRotation(
  tx: Queryable,
  principal: Principal,
  rotation: KeyRotation & { keyId: string },
): Promise<number> {
  const { rows } = await tx.query<{ seq: number }>(
    `select seq from ledger.rotate_key($1::text, $2::bytea, $3::bytea, $4::text, $5::text, $6::text, $7::uuid)`,
    [
      rotation.keyId,
      Buffer.from(rotation.oldKey),
      Buffer.from(rotation.newKey),
      principal.actor.type,
      principal.actor.id,
      principal.via,
      principal.correlation,
    ],
  );
  return rows[0]!.seq;
}
