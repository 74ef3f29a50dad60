-- Up Migration
-- People: accounts, groups, roles, grants, sessions; and the name by which a tenant's public pages are found.

alter table tenants
  -- Part of the addresses of sign-in pages: public, so unique over the appliance.
  add column slug text not null unique default 't-' || left(gen_random_uuid()::text, 8)
    check (slug ~ '^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$'),
  add column session_idle_minutes int not null default 30 check (session_idle_minutes between 5 and 1440),
  add column session_hours int not null default 12 check (session_hours between 1 and 168),
  add column mfa_required boolean not null default false;
alter table tenants alter column slug drop default;
grant update (slug, session_idle_minutes, session_hours, mfa_required) on tenants to ledgerstone_app, ledgerstone_ops;
grant select (slug) on tenants to ledgerstone_lookup;

create or replace function ledger.open_chain(p_tenant uuid, p_name text, p_correlation uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  wanted text := trim(both '-' from left(regexp_replace(lower(p_name), '[^a-z0-9]+', '-', 'g'), 30));
begin
  perform app.bind(p_tenant, null);
  if wanted = '' then wanted := 't'; end if;
  begin
    insert into public.tenants (tenant_id, name, slug) values (p_tenant, p_name, wanted);
  exception when unique_violation then
    insert into public.tenants (tenant_id, name, slug) values (p_tenant, p_name, wanted || '-' || left(p_tenant::text, 8));
  end;
  insert into ledger.chain_heads (tenant_id, epoch, seq, hash, at, control, last_xact)
    values (p_tenant, 1, 0, ledger.genesis(p_tenant), '-infinity', 0, pg_current_xact_id());
  perform ledger.append_unchecked('system', 'appliance', 'cli', 'ledger.opened', 'tenant', p_tenant::text, p_correlation,
    null, null, null, null, null, null, null);
end $$;

create table users (
  tenant_id uuid not null references tenants,
  user_id uuid not null default gen_random_uuid(),
  -- What one types to sign in; compared without case.
  user_name text not null check (length(user_name) between 1 and 256),
  display_name text not null check (length(display_name) between 1 and 200),
  email text check (length(email) between 3 and 320),
  -- Who keeps this account: the appliance itself, or a directory.
  source text not null check (source in ('local', 'saml', 'ldap', 'scim')),
  external_id text check (length(external_id) between 1 and 512),
  active boolean not null default true,
  version int not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  changed_at timestamptz not null default clock_timestamp(),
  deactivated_at timestamptz,
  -- Since an erasure took the personal columns.
  erased_at timestamptz,
  primary key (tenant_id, user_id)
);
create unique index users_name on users (tenant_id, lower(user_name));
create unique index users_external on users (tenant_id, source, external_id) where external_id is not null;
select app.isolate('users');
select ledger.require_rows_for('users');
grant select, insert on users to ledgerstone_app;
grant update (user_name, display_name, email, source, external_id, active, version, changed_at, deactivated_at, erased_at) on users to ledgerstone_app;

create table groups (
  tenant_id uuid not null references tenants,
  group_id uuid not null default gen_random_uuid(),
  name text not null check (length(name) between 1 and 256),
  source text not null default 'local' check (source in ('local', 'scim')),
  external_id text check (length(external_id) between 1 and 512),
  version int not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  changed_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, group_id)
);
create unique index groups_name on groups (tenant_id, lower(name));
select app.isolate('groups');
select ledger.require_rows_for('groups');
grant select, insert, delete on groups to ledgerstone_app;
grant update (name, external_id, version, changed_at) on groups to ledgerstone_app;

create table group_members (
  tenant_id uuid not null,
  group_id uuid not null,
  user_id uuid not null,
  primary key (tenant_id, group_id, user_id),
  foreign key (tenant_id, group_id) references groups (tenant_id, group_id) on delete cascade,
  foreign key (tenant_id, user_id) references users (tenant_id, user_id)
);
create index group_members_user on group_members (tenant_id, user_id);
select app.isolate('group_members');
select ledger.require_rows_for('group_members');
grant select, insert, delete on group_members to ledgerstone_app;

-- A customer's own roles. The built-in ones are code (src/identity/access/roles.ts).
create table roles (
  tenant_id uuid not null references tenants,
  role_id uuid not null default gen_random_uuid(),
  name text not null check (length(name) between 1 and 100),
  permissions text[] not null,
  version int not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  changed_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, role_id)
);
create unique index roles_name on roles (tenant_id, lower(name));
select app.isolate('roles');
select ledger.require_rows_for('roles');
grant select, insert, delete on roles to ledgerstone_app;
grant update (name, permissions, version, changed_at) on roles to ledgerstone_app;

-- Who has which role, over which sites, until when.
create table role_grants (
  tenant_id uuid not null references tenants,
  grant_id uuid not null default gen_random_uuid(),
  user_id uuid,
  group_id uuid,
  builtin_role text check (builtin_role in ('owner', 'admin', 'member', 'viewer', 'auditor')),
  role_id uuid,
  -- Null: all sites.
  site_ids uuid[] check (cardinality(site_ids) > 0),
  -- manual: a person gave it. mapping: follows what the directory says at each sign-in.
  origin text not null default 'manual' check (origin in ('manual', 'mapping')),
  granted_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz,
  revoked_at timestamptz,
  primary key (tenant_id, grant_id),
  check (num_nonnulls(user_id, group_id) = 1),
  check (num_nonnulls(builtin_role, role_id) = 1),
  foreign key (tenant_id, user_id) references users (tenant_id, user_id),
  foreign key (tenant_id, group_id) references groups (tenant_id, group_id) on delete cascade,
  foreign key (tenant_id, role_id) references roles (tenant_id, role_id)
);
create index role_grants_user on role_grants (tenant_id, user_id) where revoked_at is null;
create index role_grants_group on role_grants (tenant_id, group_id) where revoked_at is null;
select app.isolate('role_grants');
select ledger.require_rows_for('role_grants');
grant select, insert on role_grants to ledgerstone_app;
grant update (expires_at, revoked_at) on role_grants to ledgerstone_app;

create table sessions (
  tenant_id uuid not null,
  session_id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  -- SHA-256 of a 256-bit random token.
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  via text not null check (via in ('web', 'saml', 'ldap')),
  -- 1: one factor, 2: a second one besides.
  strength int not null check (strength in (1, 2)),
  stepped_up_at timestamptz,
  address inet not null,
  user_agent text not null check (length(user_agent) <= 400),
  created_at timestamptz not null default clock_timestamp(),
  idle_minutes int not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  ended_reason ledger.token,
  primary key (tenant_id, session_id),
  foreign key (tenant_id, user_id) references users (tenant_id, user_id)
);
create index sessions_open on sessions (tenant_id, user_id) where ended_at is null;
select app.isolate('sessions');
select ledger.require_rows_for('sessions');
grant select, insert on sessions to ledgerstone_app;
grant update (token_hash, strength, stepped_up_at, expires_at, ended_at, ended_reason) on sessions to ledgerstone_app;

create table session_use (
  tenant_id uuid not null,
  session_id uuid not null,
  last_seen_at timestamptz not null,
  address inet not null,
  primary key (tenant_id, session_id),
  foreign key (tenant_id, session_id) references sessions (tenant_id, session_id)
);
select app.isolate('session_use');
grant select, insert, update on session_use to ledgerstone_app;

-- Keys that a person made end with the person.
create index api_keys_maker on api_keys (tenant_id, made_by) where revoked_at is null;

-- Found before a tenant is bound: ids only.
create policy lookup on sessions as permissive for select to ledgerstone_lookup using (true);
grant select (tenant_id, session_id, token_hash) on sessions to ledgerstone_lookup;
create function app.find_session(p_token_hash bytea) returns table (tenant_id uuid, session_id uuid)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic select s.tenant_id, s.session_id from public.sessions s where s.token_hash = p_token_hash; end;
create function app.find_tenant(p_slug text) returns uuid
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic select t.tenant_id from public.tenants t where t.slug = p_slug and t.closed_at is null; end;
revoke execute on function app.find_session(bytea), app.find_tenant(text) from public;
grant execute on function app.find_session(bytea), app.find_tenant(text) to ledgerstone_app;
alter function app.find_session(bytea) owner to ledgerstone_lookup;
alter function app.find_tenant(text) owner to ledgerstone_lookup;

-- Down Migration
drop function app.find_session(bytea), app.find_tenant(text);
drop index api_keys_maker;
drop table session_use, sessions, role_grants, roles, group_members, groups, users;
alter table tenants drop column slug, drop column session_idle_minutes, drop column session_hours, drop column mfa_required;
