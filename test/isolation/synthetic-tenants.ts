import { randomUUID } from "node:crypto";
import type pg from "pg";
import { createTenant } from "../../src/tenants/index.ts";
import type { TestDatabase } from "../support/postgres.ts";
import { notTenantTables } from "./catalogue-reviewed.ts";

export type SyntheticTenant = { id: string; sites: [string, string] };
export type TenantTable = { name: string; hasSite: boolean; columns: string[] };

/** Every table with customer data, parents only, as the catalogue has them. */
export async function tenantTables(client: pg.Pool | pg.ClientBase): Promise<TenantTable[]> {
  const { rows } = await client.query<TenantTable>(
    `select n.nspname || '.' || c.relname as name,
            bool_or(a.attname = 'site_id') as "hasSite",
            array_agg(a.attname::text order by a.attnum) as columns
       from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      where c.relkind in ('r', 'p') and not c.relispartition and n.nspname in ('public', 'ledger', 'app')
        and n.nspname || '.' || c.relname <> all($1::text[])
      group by 1
      order by 1`,
    [Object.keys(notTenantTables)],
  );
  return rows;
}

/** Values that a column's type alone does not tell; SQL expressions. */
const special: Record<string, string> = {
  "ledger.rows.actor_type": "'system'",
  "ledger.rows.commits": "''",
  "ledger.rows.units": "''",
  "ledger.rows.via": "'cli'",
  "ledger.tiles.hashes": "decode(repeat('00', 8192), 'hex')",
  "public.api_keys.fingerprint": "left(gen_random_uuid()::text, 16)",
  "public.api_keys.prefix": "left(gen_random_uuid()::text, 8)",
  "public.approval_rules.second_person": "'off'",
  "public.approvals.method": "'post'",
  "public.approvals.requested_by_type": "'user'",
  "public.dead_letters.source_type": "'device'",
  "public.device_passwords.hash": "'$7$101$c2FsdA==$aGFzaA=='",
  "public.erasure_cases.channel": "'staff'",
  "public.erasure_cases.state": "'received'",
  "public.erasure_requests.basis": "'offboarding'",
  "public.erasures.basis": "'retention'",
  "public.directory_grants.kind": "'ldap'",
  "public.directory_links.kind": "'ldap'",
  "public.directory_links.linked_by": "'jit'",
  "public.directory_memberships.kind": "'ldap'",
  "public.event_keys.event_id": "app.uuid7_floor(current_date)",
  "public.events.source_type": "'device'",
  "public.idempotency_keys.actor_type": "'user'",
  "public.image_views.actor_type": "'user'",
  "public.image_views.via": "'web'",
  "public.images.media_type": "'image/jpeg'",
  "public.factor_challenges.purpose": "'totp-enrol'",
  "public.factors.credential_id": "null",
  "public.factors.kind": "'totp'",
  "public.local_passwords.hash": "'$argon2id$'",
  "public.pending_sign_ins.via": "'web'",
  "public.sign_in_links.purpose": "'invite'",
  "public.known_places.kind": "'network'",
  "public.role_grants.builtin_role": "'viewer'",
  "public.role_grants.origin": "'manual'",
  "public.role_grants.user_id": "gen_random_uuid()",
  "public.sessions.strength": "1",
  "public.sessions.via": "'web'",
  "public.saml_keys.private_key": "public.gen_random_bytes(32)",
  "public.saml_keys.state": "'current'",
  "public.saml_requests.relay_state": "gen_random_uuid()::text",
  "public.saml_requests.request_id": "gen_random_uuid()::text",
  "public.tenant_keys.purpose": "'data'",
  "public.users.source": "'local'",
};

const byType: Record<string, string> = {
  uuid: "gen_random_uuid()",
  text: "'synthetic'",
  bytea: "public.gen_random_bytes(32)",
  "bytea[]": "'{}'",
  "text[]": "'{}'",
  "uuid[]": "'{}'",
  integer: "1",
  bigint: "1",
  boolean: "false",
  json: "'{}'",
  jsonb: "'{}'",
  date: "current_date",
  "timestamp with time zone": "now()",
  inet: "'192.0.2.1'",
  xid8: "pg_current_xact_id()",
};

/** Two tenants with two sites each and, in every tenant table, a row for each (of each site, where the table has sites). */
export async function plantTenants(database: TestDatabase): Promise<[SyntheticTenant, SyntheticTenant]> {
  const client = await database.superuser.connect();
  try {
    await client.query("select app.make_partitions(current_date, current_date + 1)");
    await client.query("select app.make_key_partitions(current_date - 1, current_date + 1)");
    // Foreign keys and ordinary triggers rest; those that are enabled always do not.
    await client.query("set session_replication_role = replica");
    const tenants: SyntheticTenant[] = [];
    for (const name of ["Alder", "Birch"]) {
      const id = await createTenant(database.pool("app"), name, async () => {});
      tenants.push({ id, sites: [randomUUID(), randomUUID()] });
    }
    for (const table of await tenantTables(client)) {
      for (const tenant of tenants) await plantRows(client, table, tenant);
    }
    return [tenants[0]!, tenants[1]!];
  } finally {
    client.release(true);
  }
}

async function plantRows(client: pg.ClientBase, table: TenantTable, tenant: SyntheticTenant): Promise<void> {
  const { rows } = await client.query(`select from ${table.name} where tenant_id = $1 limit 1`, [tenant.id]);
  if (rows.length > 0) return;
  // Triggers that ask about the tenant see it as its own transactions do.
  await client.query("select set_config('app.tenant', $1, false)", [tenant.id]);
  for (const site of table.hasSite ? tenant.sites : [tenant.sites[0]]) {
    const values = await syntheticRow(client, table, { tenant_id: tenant.id, site_id: site });
    const columns = Object.keys(values);
    const statement = `insert into ${table.name} (${columns.join(", ")}) values (${Object.values(values).join(", ")})`;
    await client.query(statement).catch((cause: Error) => {
      const remedy = "give the column a value in synthetic-tenants.ts `special`";
      throw new Error(`${table.name}: no synthetic row: ${cause.message}: ${remedy}`, { cause });
    });
  }
}

type Column = { name: string; type: string };

async function syntheticRow(
  client: pg.ClientBase,
  table: TenantTable,
  known: Record<string, string>,
): Promise<Record<string, string>> {
  const { rows } = await client.query<Column>(
    `select a.attname as name, format_type(case t.typtype when 'd' then t.typbasetype else t.oid end, null) as type
       from pg_attribute a join pg_type t on t.oid = a.atttypid
      where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        and (a.attnotnull and not a.atthasdef or a.attname in ('tenant_id', 'site_id') or $2 || a.attname = any($3))`,
    [table.name, `${table.name}.`, Object.keys(special)],
  );
  const values: Record<string, string> = {};
  for (const { name, type } of rows) {
    const value = known[name] ? `'${known[name]}'` : (special[`${table.name}.${name}`] ?? byType[type]);
    if (!value) throw new Error(`${table.name}.${name}: no value for type ${type}: add it to synthetic-tenants.ts`);
    values[name] = value;
  }
  return values;
}
