import {
  deletable,
  globallyUnique,
  notTenantTables,
  openGrants,
  operational,
  publicFunctions,
} from "./catalogue-reviewed.ts";

export type Rule = { name: string; expected: string; sql: string; params?: unknown[] };

/** Our own relations: not the system's, not an extension's, not temporary. */
const ours = `
  ours as (
    select c.oid, c.relkind, c.relispartition, c.relrowsecurity, c.relforcerowsecurity, c.relowner, c.relacl, c.reloptions,
           n.nspname || '.' || c.relname as name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
       and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')),
  own_functions as (
    select p.oid, p.prosecdef, p.proconfig, p.proowner, p.proacl, p.proleakproof, n.nspname || '.' || p.proname as name
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
       and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')),
  tenant_tables as (
    select o.* from ours o where o.relkind in ('r', 'p') and not o.relispartition and o.name <> all($1::text[]))`;

const owner = "'ledgerstone_owner'::regrole";
const lookup = "'ledgerstone_lookup'::regrole";
const people = "array['ledgerstone_app', 'ledgerstone_ops']::regrole[]::oid[]";
const boundTenant = "(tenant_id = ( SELECT app.tenant() AS tenant))";
const allSites = "( SELECT app.all_sites() AS all_sites)";
const anySite = "(site_id = ANY ((( SELECT app.sites() AS sites))::uuid[]))";
const boundSite = `(${allSites} OR ${anySite})`;
/** A row without site concerns all of them: readable, but not writable, for who has some. */
const boundOrNoSite = `(${allSites} OR (site_id IS NULL) OR ${anySite})`;

const hasColumn = (table: string, column: string) =>
  `exists (select from pg_attribute a where a.attrelid = ${table}.oid and a.attname = '${column}' and not a.attisdropped)`;

const names = (reviewed: Record<string, string>) => Object.keys(reviewed);

/** Each finds what breaks one rule of docs/architecture.md "Roles of the database": rows of (object, found). */
const rules: (Omit<Rule, "params"> & { reviewed?: Record<string, string> })[] = [
  {
    name: "tenant column",
    expected: "tenant_id uuid not null, or an entry in notTenantTables",
    sql: `select t.name as object, 'no such column' as found from tenant_tables t
           where not exists (select from pg_attribute a where a.attrelid = t.oid and a.attname = 'tenant_id' and a.attnotnull
                              and a.atttypid = 'uuid'::regtype and not a.attisdropped)`,
  },
  {
    name: "row security",
    expected: "enabled and forced, on partitions too",
    sql: `select o.name as object, format('enabled %s, forced %s', o.relrowsecurity, o.relforcerowsecurity) as found from ours o
           where o.relkind in ('r', 'p') and o.name <> all($1::text[]) and not (o.relrowsecurity and o.relforcerowsecurity)`,
  },
  {
    name: "tenant policy",
    expected: `one permissive policy for all commands, using and check ${boundTenant}`,
    sql: `select t.name as object, 'no such policy' as found from tenant_tables t
           where not exists (select from pg_policy p where p.polrelid = t.oid and p.polpermissive and p.polcmd = '*'
                              and pg_get_expr(p.polqual, t.oid) = '${boundTenant}' and pg_get_expr(p.polwithcheck, t.oid) = '${boundTenant}')`,
  },
  {
    name: "policy for everyone",
    expected: "each policy names its roles: permissive policies are added together",
    sql: `select o.name as object, p.polname::text as found from pg_policy p join ours o on o.oid = p.polrelid where 0 = any(p.polroles)`,
  },
  {
    name: "wide policy",
    expected:
      "permissive policies ask for the bound tenant; only the lookup role, which cannot log in, may read beyond",
    sql: `select o.name as object, p.polname::text as found from pg_policy p join ours o on o.oid = p.polrelid
           where p.polpermissive
             and (coalesce(pg_get_expr(p.polqual, o.oid), '${boundTenant}') <> '${boundTenant}'
                  or coalesce(pg_get_expr(p.polwithcheck, o.oid), '${boundTenant}') <> '${boundTenant}')
             and not (p.polroles = array[${lookup}::oid] and p.polcmd = 'r')`,
  },
  {
    name: "site scope",
    expected: `a table with site_id has a restrictive policy for all commands to app and ops, using and check ${boundSite}`,
    sql: `select t.name as object, 'no such policy' as found from tenant_tables t
           where ${hasColumn("t", "site_id")}
             and not exists (select from pg_policy p where p.polrelid = t.oid and not p.polpermissive and p.polcmd = '*' and p.polroles @> ${people}
                              and pg_get_expr(p.polqual, t.oid) in ('${boundSite}', '${boundOrNoSite}')
                              and pg_get_expr(p.polwithcheck, t.oid) = '${boundSite}')`,
  },
  {
    name: "foreign key",
    expected: "tenant_id to tenant_id among its columns: the check bypasses policies",
    sql: `select t.name as object, k.conname::text as found from pg_constraint k join tenant_tables t on t.oid = k.conrelid
           where k.contype = 'f'
             and not exists (select from unnest(k.conkey, k.confkey) u(here, there)
                               join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.here and a.attname = 'tenant_id'
                               join pg_attribute b on b.attrelid = k.confrelid and b.attnum = u.there and b.attname = 'tenant_id')`,
  },
  {
    name: "foreign key into a day",
    expected: "none: it would stop TRUNCATE and DROP of the day",
    sql: `select k.conrelid::regclass::text as object, k.conname::text as found from pg_constraint k join ours o on o.oid = k.confrelid
           where k.contype = 'f' and (o.relkind = 'p' or o.relispartition)`,
  },
  {
    name: "unique across tenants",
    expected: "tenant_id among its columns, or an entry in globallyUnique",
    sql: `select i.name as object, pg_get_indexdef(i.oid) as found
            from pg_index x join ours i on i.oid = x.indexrelid join tenant_tables t on t.oid = x.indrelid
           where x.indisunique and i.name <> all($2::text[])
             and not exists (select from pg_attribute a where a.attrelid = t.oid and a.attname = 'tenant_id' and a.attnum = any(x.indkey))`,
    reviewed: globallyUnique,
  },
  {
    name: "grant on a partition",
    expected: "none: statement triggers and site policies stand on the parent",
    sql: `select o.name as object, pg_get_userbyid(g.grantee) || ' ' || g.privilege_type as found
            from ours o cross join aclexplode(o.relacl) g where o.relispartition and g.grantee <> o.relowner`,
  },
  {
    name: "default partition",
    expected: "none: it collects in silence what no plan erases",
    sql: `select o.name as object, 'default' as found from pg_partitioned_table p join ours o on o.oid = p.partdefid`,
  },
  {
    name: "view",
    expected: "security_invoker = true",
    sql: `select o.name as object, coalesce(o.reloptions::text, 'no options') as found from ours o
           where o.relkind = 'v' and not coalesce(o.reloptions @> array['security_invoker=true'], false)`,
  },
  {
    name: "materialised view",
    expected: "none: it holds every tenant's rows, without policies",
    sql: `select o.name as object, 'materialised view' as found from ours o where o.relkind = 'm'`,
  },
  {
    name: "rewrite rule",
    expected: "none on a table: it changes what a statement does behind its policies",
    sql: `select o.name as object, r.rulename::text as found from pg_rewrite r join ours o on o.oid = r.ev_class where o.relkind in ('r', 'p')`,
  },
  {
    name: "owner",
    expected: "ledgerstone_owner, whom policies bind; of functions also ledgerstone_lookup",
    sql: `select o.name as object, pg_get_userbyid(o.relowner)::text as found from ours o where o.relkind in ('r', 'p', 'v', 'S') and o.relowner <> ${owner}
          union all
          select f.name, pg_get_userbyid(f.proowner)::text from own_functions f where f.proowner not in (${owner}, ${lookup})`,
  },
  {
    name: "definer's search path",
    expected: "set search_path = pg_catalog, pg_temp: else the caller chooses what its names mean",
    sql: `select f.name as object, coalesce(f.proconfig::text, 'not set') as found from own_functions f
           where f.prosecdef and not coalesce(f.proconfig @> array['search_path=pg_catalog, pg_temp'], false)`,
  },
  {
    name: "function for everyone",
    expected: "granted by name, or an entry in publicFunctions",
    sql: `select f.name as object, 'execute to public' as found
            from own_functions f cross join aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) g
           where g.grantee = 0 and f.name <> all($2::text[])`,
    reviewed: publicFunctions,
  },
  {
    name: "leakproof function",
    expected: "none: it would see rows before the policies do",
    sql: `select f.name as object, 'leakproof' as found from own_functions f where f.proleakproof`,
  },
  {
    name: "grant to everyone",
    expected: "none on tables, schemas, or the database's set_config",
    sql: `select o.name as object, g.privilege_type as found from ours o cross join aclexplode(o.relacl) g where g.grantee = 0
          union all
          select n.nspname::text, g.privilege_type from pg_namespace n cross join aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) g
           where g.grantee = 0 and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
          union all
          select 'set_config', 'execute' from pg_proc p cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g
           where p.oid = 'pg_catalog.set_config(text, text, boolean)'::regprocedure and g.grantee = 0`,
  },
  {
    name: "grant beyond use",
    expected: "select, insert and update at most; delete only by an entry in deletable, truncate by nobody",
    sql: `select o.name as object, pg_get_userbyid(g.grantee) || ' ' || g.privilege_type as found
            from ours o cross join aclexplode(o.relacl) g
           where o.relkind in ('r', 'p', 'v') and g.grantee <> o.relowner and g.privilege_type not in ('SELECT', 'INSERT', 'UPDATE')
             and not (o.name || ' ' || g.privilege_type = any($2::text[]))`,
    reviewed: deletable,
  },
  {
    name: "write on the ledger",
    expected: "rows, openings and heads are written by the append functions alone",
    sql: `select o.name as object, pg_get_userbyid(g.grantee) || ' ' || g.privilege_type as found
            from ours o cross join aclexplode(o.relacl) g
           where o.name in ('ledger.rows', 'ledger.openings', 'ledger.chain_heads') and g.grantee <> o.relowner and g.privilege_type <> 'SELECT'
          union all
          select o.name || '.' || a.attname, pg_get_userbyid(g.grantee) || ' ' || g.privilege_type
            from ours o join pg_attribute a on a.attrelid = o.oid cross join aclexplode(a.attacl) g
           where o.name in ('ledger.rows', 'ledger.openings', 'ledger.chain_heads') and g.privilege_type <> 'SELECT'`,
  },
  {
    name: "grant beside the tenants",
    expected: "tables without tenants are the owner's own, or readable through an entry in openGrants",
    sql: `select o.name as object, pg_get_userbyid(g.grantee) || ' ' || g.privilege_type as found
            from ours o cross join aclexplode(o.relacl) g
           where o.name = any($1::text[]) and g.grantee <> o.relowner and not (o.name = any($2::text[]) and g.privilege_type = 'SELECT')`,
    reviewed: openGrants,
  },
  {
    name: "insert-only",
    expected: "a trigger, enabled always, refuses update, delete and truncate (of openings: update and truncate)",
    sql: `select o.name as object, 'no such trigger' as found
            from (values ('ledger.rows', 58), ('ledger.checkpoints', 58), ('ledger.tiles', 58), ('ledger.openings', 50)) w(name, type)
            join ours o using (name)
           where not exists (select from pg_trigger t where t.tgrelid = o.oid and t.tgtype & w.type = w.type and t.tgenabled = 'A'
                              and t.tgfoid = 'ledger.refuse_rewrite()'::regprocedure)`,
  },
  {
    name: "unrecorded change",
    expected:
      "triggers, enabled always, that demand a ledger row for insert, update and delete, or an entry in operational",
    sql: `select t.name as object, format('%s of 3 triggers', count(g.oid)) as found
            from tenant_tables t
            left join pg_trigger g on g.tgrelid = t.oid and g.tgenabled = 'A' and g.tgfoid = 'ledger.note_change()'::regprocedure
           where t.name !~ '^ledger\\.' and t.name <> all($2::text[])
           group by t.name having count(g.oid) < 3`,
    reviewed: operational,
  },
  {
    name: "role",
    expected:
      "no superuser, no bypass, nothing to create; the lookup role cannot log in; only the owner is a member of it",
    sql: `select r.rolname::text as object, 'attributes' as found from pg_roles r
           where r.rolname ~ '^ledgerstone_' and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb or r.rolreplication)
          union all
          select 'ledgerstone_lookup', 'can log in' from pg_roles r where r.oid = ${lookup} and r.rolcanlogin
          union all
          select pg_get_userbyid(m.member)::text, 'member of ' || pg_get_userbyid(m.roleid) from pg_auth_members m
           where pg_get_userbyid(m.member) ~ '^ledgerstone_' and not (m.member = ${owner} and m.roleid = ${lookup})`,
  },
];

export function isolationRules(): Rule[] {
  return rules.map(({ reviewed, ...rule }) => ({
    ...rule,
    sql: `with ${ours}\n${rule.sql}\n order by 1, 2`,
    params: reviewed ? [names(notTenantTables), names(reviewed)] : [names(notTenantTables)],
  }));
}
