import type { TenantTx } from "../../audit/index.ts";

/** What directories keep here by SCIM, and when they last changed something of it. */
export type Kept = { people: number; deactivated: number; groups: number; lastChangeAt: string | null };

export async function selectKept(tx: TenantTx): Promise<Kept> {
  const { rows } = await tx.query<Kept>(
    `select count(*) filter (where kind = 'user' and active)::int as people,
            count(*) filter (where kind = 'user' and not active)::int as deactivated,
            count(*) filter (where kind = 'group')::int as groups,
            ledger.timestamp_text(max(changed_at)) as "lastChangeAt"
       from (select 'user' as kind, active, changed_at from users
              where tenant_id = app.tenant() and source = 'scim' and erased_at is null
             union all
             select 'group', true, changed_at from groups where tenant_id = app.tenant() and source = 'scim') kept`,
  );
  return rows[0]!;
}
