-- Run once by a superuser in the new database, before any migration. Safe to run again.
-- Roles are the outer wall: what a role may not do here, no bug in TypeScript can do.
do $$
declare role_name text;
begin
  foreach role_name in array array['ledgerstone_owner', 'ledgerstone_app', 'ledgerstone_executor', 'ledgerstone_ops', 'ledgerstone_report'] loop
    if not exists (select from pg_roles where rolname = role_name) then
      execute format('create role %I login nosuperuser nocreatedb nocreaterole noinherit nobypassrls noreplication', role_name);
    end if;
  end loop;
  -- Owns the few definer functions that must find a tenant before one is bound (API key, device, task): it cannot log in
  -- and sees only the columns granted to it.
  if not exists (select from pg_roles where rolname = 'ledgerstone_lookup') then
    create role ledgerstone_lookup nologin nosuperuser nocreatedb nocreaterole noinherit nobypassrls;
  end if;
end $$;

create extension if not exists pgcrypto with schema public;

revoke all on schema public from public;
grant usage on schema public to ledgerstone_owner, ledgerstone_app, ledgerstone_executor, ledgerstone_ops, ledgerstone_report, ledgerstone_lookup;
grant create on schema public to ledgerstone_owner;

-- A SELECT that calls set_config would rebind the tenant in the middle of a query: only the owner's definer functions may.
revoke execute on function pg_catalog.set_config(text, text, boolean) from public;
grant execute on function pg_catalog.set_config(text, text, boolean) to ledgerstone_owner with grant option;

do $$
begin
  execute format('alter database %I owner to ledgerstone_owner', current_database());
  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect on database %I to ledgerstone_app, ledgerstone_executor, ledgerstone_ops, ledgerstone_report', current_database());
end $$;

-- The owner hands a few functions to the lookup role.
grant ledgerstone_lookup to ledgerstone_owner;
grant create, usage on schema public to ledgerstone_lookup;
