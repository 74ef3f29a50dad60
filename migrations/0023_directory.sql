-- Up Migration
-- People whom an identity provider or a directory vouches for (SAML, LDAP), and the LDAP directories themselves.

-- Who is who. A person is the issuer's subject, never an e-mail address or a user name: those are given to somebody else one day.
create table directory_links (
  tenant_id uuid not null,
  link_id uuid not null default gen_random_uuid(),
  kind text not null check (kind in ('saml', 'ldap')),
  issuer text not null check (length(issuer) between 1 and 1024),
  subject text not null check (length(subject) between 1 and 1024),
  user_id uuid not null,
  -- jit: the account was made for the link. scim: by the rule on external ids. admin: somebody said so.
  linked_by text not null check (linked_by in ('jit', 'scim', 'admin')),
  created_at timestamptz not null default clock_timestamp(),
  unlinked_at timestamptz,
  primary key (tenant_id, link_id),
  foreign key (tenant_id, user_id) references users (tenant_id, user_id)
);
create unique index directory_links_subject on directory_links (tenant_id, kind, issuer, subject) where unlinked_at is null;
create index directory_links_user on directory_links (tenant_id, user_id) where unlinked_at is null;
select app.isolate('directory_links');
select ledger.require_rows_for('directory_links');
grant select, insert on directory_links to ledgerstone_app;
grant update (unlinked_at) on directory_links to ledgerstone_app;

-- Which group outside gives which role or group here. The newest version is in force; the older ones stay to be read.
create table directory_mappings (
  tenant_id uuid not null references tenants,
  version int not null check (version >= 1),
  rules jsonb not null,
  -- Issuers whose subject is the SCIM external id of the same person.
  scim_links jsonb not null,
  made_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, version)
);
select app.isolate('directory_mappings');
select ledger.require_rows_for('directory_mappings');
grant select, insert on directory_mappings to ledgerstone_app;

-- Whose groups a grant follows: a sign-in by one issuer takes nothing that another gave.
create table directory_grants (
  tenant_id uuid not null,
  grant_id uuid not null,
  kind text not null check (kind in ('saml', 'ldap')),
  issuer text not null,
  primary key (tenant_id, grant_id),
  foreign key (tenant_id, grant_id) references role_grants (tenant_id, grant_id) on delete cascade
);
select app.isolate('directory_grants');
select ledger.require_rows_for('directory_grants');
grant select, insert on directory_grants to ledgerstone_app;

-- As above, for membership of local groups; the membership itself has its rows in the ledger. Somebody who was a member before
-- has no row here, and stays one.
create table directory_memberships (
  tenant_id uuid not null,
  group_id uuid not null,
  user_id uuid not null,
  kind text not null check (kind in ('saml', 'ldap')),
  issuer text not null,
  held boolean not null default true,
  primary key (tenant_id, group_id, user_id, kind, issuer),
  foreign key (tenant_id, group_id) references groups (tenant_id, group_id) on delete cascade,
  foreign key (tenant_id, user_id) references users (tenant_id, user_id)
);
select app.isolate('directory_memberships');
grant select, insert on directory_memberships to ledgerstone_app;
grant update (held) on directory_memberships to ledgerstone_app;

create table ldap_directories (
  tenant_id uuid not null references tenants,
  -- The issuer of its people: stays when host or name change.
  directory_id uuid not null default gen_random_uuid(),
  version int not null default 1,
  name text not null check (length(name) between 1 and 100),
  enabled boolean not null,
  settings jsonb not null,
  -- Sealed under the tenant's data key.
  bind_password bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  changed_at timestamptz not null default clock_timestamp(),
  removed_at timestamptz,
  primary key (tenant_id, directory_id)
);
select app.isolate('ldap_directories');
select ledger.require_rows_for('ldap_directories');
grant select, insert on ldap_directories to ledgerstone_app;
grant update (version, name, enabled, settings, bind_password, changed_at, removed_at) on ldap_directories to ledgerstone_app;

-- Down Migration
drop table ldap_directories, directory_memberships, directory_grants, directory_mappings, directory_links;
