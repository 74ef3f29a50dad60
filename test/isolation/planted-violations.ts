export type PlantedViolation = { plant: string; rule: string; object: string };

const lawful = `create table public.planted (tenant_id uuid not null references tenants, site_id uuid not null, id int, primary key (tenant_id, id));
  alter table planted owner to ledgerstone_owner;
  select app.isolate('planted', 'site_id'); select ledger.require_rows_for('planted');`;

const view = (options: string) =>
  `create view public.planted_view ${options} as select name from sites; alter view planted_view owner to ledgerstone_owner`;

/** Each is planted in a transaction of its own by a superuser, and must be found by its rule. */
export const plantedViolations: PlantedViolation[] = [
  { rule: "tenant column", object: "public.planted", plant: "create table public.planted (id int primary key)" },
  { rule: "tenant column", object: "public.planted", plant: "create table public.planted (tenant_id uuid)" },
  { rule: "tenant column", object: "stray.planted", plant: "create schema stray; create table stray.planted (id int)" },
  { rule: "row security", object: "public.sites", plant: "alter table sites disable row level security" },
  { rule: "row security", object: "public.sites", plant: "alter table sites no force row level security" },
  {
    rule: "row security",
    object: "public.events_19990101",
    plant: "create table events_19990101 partition of events for values from ('1999-01-01') to ('1999-01-02')",
  },
  { rule: "tenant policy", object: "public.sites", plant: "drop policy tenant_isolation on sites" },
  { rule: "tenant policy", object: "public.sites", plant: "alter policy tenant_isolation on sites with check (true)" },
  {
    rule: "tenant policy",
    object: "public.sites",
    plant: "alter policy tenant_isolation on sites using (tenant_id = app.tenant())",
  },
  { rule: "policy for everyone", object: "public.sites", plant: "alter policy tenant_isolation on sites to public" },
  {
    rule: "wide policy",
    object: "public.sites",
    plant: "create policy planted on sites for select to ledgerstone_app using (true)",
  },
  {
    rule: "wide policy",
    object: "public.sites",
    plant: "create policy planted on sites for insert to ledgerstone_app with check (true)",
  },
  {
    rule: "wide policy",
    object: "public.sites",
    plant: "create policy planted on sites for update to ledgerstone_lookup using (true)",
  },
  {
    rule: "wide policy",
    object: "public.tenants",
    plant: "alter policy lookup on tenants to ledgerstone_lookup, ledgerstone_app",
  },
  { rule: "site scope", object: "public.events", plant: "drop policy site_scope on events" },
  { rule: "site scope", object: "public.events", plant: "alter policy site_scope on events to ledgerstone_ops" },
  { rule: "site scope", object: "public.devices", plant: "alter policy site_scope on devices with check (true)" },
  {
    rule: "site scope",
    object: "public.planted",
    plant: `${lawful} drop policy site_scope on planted;
      create policy site_scope on planted as permissive to ledgerstone_app, ledgerstone_ops using (tenant_id = (select app.tenant()))`,
  },
  {
    rule: "foreign key",
    object: "public.planted",
    plant: `${lawful} alter table planted add column device_id uuid references devices (device_id)`,
  },
  {
    rule: "foreign key",
    object: "public.planted",
    plant: `${lawful} alter table planted add column other uuid,
      add foreign key (other, site_id) references sites (tenant_id, site_id)`,
  },
  {
    rule: "foreign key into a day",
    object: "planted",
    plant: `${lawful} alter table planted add column received timestamptz, add column event_id uuid,
      add foreign key (tenant_id, received, event_id) references events (tenant_id, received, event_id)`,
  },
  {
    rule: "unique across tenants",
    object: "public.planted_name",
    plant: "create unique index planted_name on sites (name)",
  },
  {
    rule: "grant on a partition",
    object: "public.events_",
    plant: "grant select on events_20010203 to ledgerstone_app",
  },
  { rule: "default partition", object: "public.planted", plant: "create table planted partition of events default" },
  { rule: "view", object: "public.planted_view", plant: view("") },
  { rule: "view", object: "public.planted_view", plant: view("with (security_barrier = true)") },
  {
    rule: "materialised view",
    object: "public.planted_view",
    plant: "create materialized view planted_view as select name from sites",
  },
  {
    rule: "rewrite rule",
    object: "public.sites",
    plant: "create rule planted as on insert to sites do also select 1",
  },
  { rule: "owner", object: "public.sites", plant: "alter table sites owner to postgres" },
  { rule: "owner", object: "app.bind", plant: "alter function app.bind(uuid, uuid[]) owner to postgres" },
  {
    rule: "definer's search path",
    object: "app.bind",
    plant: "alter function app.bind(uuid, uuid[]) reset search_path",
  },
  {
    rule: "definer's search path",
    object: "app.bind",
    plant: "alter function app.bind(uuid, uuid[]) set search_path = public",
  },
  {
    rule: "function for everyone",
    object: "app.bind",
    plant: "grant execute on function app.bind(uuid, uuid[]) to public",
  },
  {
    rule: "function for everyone",
    object: "public.planted",
    plant: "create function planted() returns int language sql return 1",
  },
  { rule: "leakproof function", object: "app.tenant", plant: "alter function app.tenant() leakproof" },
  { rule: "grant to everyone", object: "public.sites", plant: "grant select on sites to public" },
  { rule: "grant to everyone", object: "public", plant: "grant create on schema public to public" },
  {
    rule: "grant to everyone",
    object: "set_config",
    plant: "grant execute on function pg_catalog.set_config(text, text, boolean) to public",
  },
  { rule: "grant beyond use", object: "public.events", plant: "grant delete on events to ledgerstone_app" },
  { rule: "grant beyond use", object: "public.sites", plant: "grant truncate on sites to ledgerstone_executor" },
  { rule: "write on the ledger", object: "ledger.rows", plant: "grant insert on ledger.rows to ledgerstone_app" },
  {
    rule: "write on the ledger",
    object: "ledger.chain_heads",
    plant: "grant update (hash) on ledger.chain_heads to ledgerstone_app",
  },
  {
    rule: "grant beside the tenants",
    object: "ledger.pending",
    plant: "grant select on ledger.pending to ledgerstone_app",
  },
  {
    rule: "grant beside the tenants",
    object: "public.schema_migrations",
    plant: "grant insert on schema_migrations to ledgerstone_app",
  },
  { rule: "insert-only", object: "ledger.rows", plant: "drop trigger insert_only on ledger.rows" },
  { rule: "insert-only", object: "ledger.tiles", plant: "alter table ledger.tiles disable trigger insert_only" },
  { rule: "insert-only", object: "ledger.openings", plant: "alter table ledger.openings enable trigger no_rewrite" },
  { rule: "unrecorded change", object: "public.sites", plant: "drop trigger note_update on sites" },
  { rule: "unrecorded change", object: "public.sites", plant: "alter table sites enable trigger note_delete" },
  { rule: "unrecorded change", object: "public.planted", plant: `${lawful} drop trigger note_insert on planted` },
  { rule: "role", object: "ledgerstone_app", plant: "alter role ledgerstone_app bypassrls" },
  { rule: "role", object: "ledgerstone_owner", plant: "alter role ledgerstone_owner superuser" },
  { rule: "role", object: "ledgerstone_lookup", plant: "alter role ledgerstone_lookup login" },
  { rule: "role", object: "ledgerstone_app", plant: "grant ledgerstone_lookup to ledgerstone_app" },
];
