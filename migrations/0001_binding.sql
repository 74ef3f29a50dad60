-- Up Migration
-- The tenant binding that every row policy asks.

create schema app;
grant usage on schema app to ledgerstone_app, ledgerstone_executor, ledgerstone_ops, ledgerstone_report, ledgerstone_lookup;
grant create on schema app to ledgerstone_lookup;
create schema ledger;
grant usage on schema ledger to ledgerstone_app, ledgerstone_executor, ledgerstone_ops, ledgerstone_report;

-- Nothing is executable by everyone: each function is granted by name.
alter default privileges revoke execute on functions from public;

-- An empty setting reads as unbound. Use these only as (select app.tenant()) in a policy: evaluated once a statement.
create function app.tenant() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.tenant', true), '')::uuid;
create function app.all_sites() returns boolean language sql stable parallel safe
  return coalesce(current_setting('app.all_sites', true), '') = 'on';
-- Text form of a uuid array; policies cast it once: any((select app.sites())::uuid[]).
create function app.sites() returns text language sql stable parallel safe
  return coalesce(nullif(current_setting('app.sites', true), ''), '{}');

-- Binds the running transaction. Sites null means all sites of the tenant.
-- Refuses to rebind a bound transaction: one transaction, one tenant.
create function app.bind(p_tenant uuid, p_sites uuid[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare setting text;
begin
  if p_tenant is null then
    raise exception 'no tenant to bind: found null, expected a tenant id' using errcode = 'LS001';
  end if;
  if app.tenant() is not null and app.tenant() <> p_tenant then
    raise exception 'this transaction is bound to another tenant: open a new transaction' using errcode = 'LS001';
  end if;
  -- Assignments, not PERFORM: plpgsql then needs no query for each.
  setting := set_config('app.tenant', p_tenant::text, true);
  setting := set_config('app.all_sites', case when p_sites is null then 'on' else 'off' end, true);
  setting := set_config('app.sites', coalesce(p_sites, '{}')::text, true);
end $$;

grant execute on function app.tenant(), app.all_sites(), app.sites() to public;
grant execute on function app.bind(uuid, uuid[]) to ledgerstone_app, ledgerstone_executor, ledgerstone_ops;

-- The grammar of hashed text, ledger.md "Text forms".
create domain ledger.token as text check (octet_length(value) between 1 and 128 and value !~ '[^A-Za-z0-9._:@/+-]');
create domain ledger.hash as bytea check (octet_length(value) = 32);

-- Microseconds, UTC, as hashed.
create function ledger.timestamp_text(p timestamptz) returns text language sql stable parallel safe
  return to_char(p at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
create function ledger.utc_day(p timestamptz) returns date language sql immutable parallel safe
  return (p at time zone 'UTC')::date;
grant execute on function ledger.timestamp_text(timestamptz), ledger.utc_day(timestamptz) to public;

-- One call gives a table its isolation: FORCE RLS, a permissive policy on the bound tenant for each named role,
-- and, where the table has site_id, a RESTRICTIVE policy on the bound sites. Used by migrations only.
create function app.isolate(p_table regclass, p_site_column text default null) returns void
language plpgsql as $$
begin
  execute format('alter table %s enable row level security', p_table);
  execute format('alter table %s force row level security', p_table);
  execute format(
    'create policy tenant_isolation on %s as permissive for all
       to ledgerstone_owner, ledgerstone_app, ledgerstone_executor, ledgerstone_ops
       using (tenant_id = (select app.tenant())) with check (tenant_id = (select app.tenant()))', p_table);
  if p_site_column is not null then
    execute format(
      'create policy site_scope on %1$s as restrictive for all
         to ledgerstone_app, ledgerstone_ops
         using ((select app.all_sites()) or %2$I = any((select app.sites())::uuid[]))
         with check ((select app.all_sites()) or %2$I = any((select app.sites())::uuid[]))', p_table, p_site_column);
  end if;
end $$;
revoke execute on function app.isolate(regclass, text) from public;

-- Processes wait for their schema version.
grant select on public.schema_migrations to ledgerstone_app, ledgerstone_executor;

-- Down Migration
drop schema ledger cascade;
drop schema app cascade;
