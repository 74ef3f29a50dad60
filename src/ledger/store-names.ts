import type { TenantTx } from "../audit/index.ts";

/** `<type> <id>` of what has a name. */
export type Names = ReadonlyMap<string, string>;

export type NameWish = {
  users: readonly string[];
  groups: readonly string[];
  keys: readonly string[];
  devices: readonly string[];
  sites: readonly string[];
};

/** What these are called now. Somebody who was erased has no name. */
export async function selectNames(tx: TenantTx, { users, groups, keys, devices, sites }: NameWish): Promise<Names> {
  const { rows } = await tx.query<{ key: string; name: string }>(
    `select 'user ' || user_id as key, display_name as name from users
      where tenant_id = $1::uuid and user_id = any($2::uuid[]) and erased_at is null
     union all
     select 'group ' || group_id, name from groups where tenant_id = $1::uuid and group_id = any($3::uuid[])
     union all
     select 'api-key ' || key_id, name from api_keys where tenant_id = $1::uuid and key_id = any($4::uuid[])
     union all
     select 'device ' || device_id, name from devices where tenant_id = $1::uuid and device_id = any($5::uuid[])
     union all
     select 'site ' || site_id, name from sites where tenant_id = $1::uuid and site_id = any($6::uuid[])`,
    [tx.principal.tenantId, users, groups, keys, devices, sites],
  );
  return new Map(rows.map(({ key, name }) => [key, name]));
}

/** Accounts whose name or address has the text in it; those that were erased have none. */
export async function selectPeople(tx: TenantTx, text: string, limit: number): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select user_id::text as id from users
      where tenant_id = $1::uuid and erased_at is null
        and strpos(lower(user_name || ' ' || display_name || ' ' || coalesce(email, '')), lower($2::text)) > 0
      order by user_id limit $3::int`,
    [tx.principal.tenantId, text, limit],
  );
  return rows.map(({ id }) => id);
}
