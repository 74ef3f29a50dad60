-- Up Migration
-- Local accounts: passwords, one-time links, counted attempts, second factors.

create table local_passwords (
  tenant_id uuid not null,
  user_id uuid not null,
  hash text not null check (hash like '$argon2id$%'),
  changed_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, user_id),
  foreign key (tenant_id, user_id) references users (tenant_id, user_id)
);
select app.isolate('local_passwords');
select ledger.require_rows_for('local_passwords');
grant select, insert, delete on local_passwords to ledgerstone_app;
grant update (hash, changed_at) on local_passwords to ledgerstone_app;

-- Lets one person set a password, once.
create table sign_in_links (
  tenant_id uuid not null,
  link_id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  purpose text not null check (purpose in ('setup', 'invite', 'reset')),
  -- SHA-256 of a 256-bit random token.
  token_hash bytea not null check (octet_length(token_hash) = 32),
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (tenant_id, link_id),
  unique (tenant_id, token_hash),
  foreign key (tenant_id, user_id) references users (tenant_id, user_id)
);
create index sign_in_links_user on sign_in_links (tenant_id, user_id);
select app.isolate('sign_in_links');
select ledger.require_rows_for('sign_in_links');
grant select, insert, delete on sign_in_links to ledgerstone_app;
grant update (used_at) on sign_in_links to ledgerstone_app;

-- How often somebody tried, counted before the trying: what a lock stands on when Redis was flushed.
create table sign_in_tries (
  tenant_id uuid not null references tenants,
  -- HMAC under the index key of what was tried: of accounts, and of names that nobody has, alike.
  name_hash bytea not null check (octet_length(name_hash) = 32),
  tries int not null,
  last_at timestamptz not null,
  not_before timestamptz not null,
  primary key (tenant_id, name_hash)
);
create index sign_in_tries_last on sign_in_tries (tenant_id, last_at);
select app.isolate('sign_in_tries');
grant select, insert, delete on sign_in_tries to ledgerstone_app;
grant update (tries, last_at, not_before) on sign_in_tries to ledgerstone_app;

-- The first factor was right, the second is awaited. No session, and worth nothing as one.
create table pending_sign_ins (
  tenant_id uuid not null,
  pending_id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  -- SHA-256 of the cookie.
  token_hash bytea not null check (octet_length(token_hash) = 32),
  via text not null check (via in ('web', 'ldap')),
  tries int not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  primary key (tenant_id, pending_id),
  unique (tenant_id, token_hash),
  foreign key (tenant_id, user_id) references users (tenant_id, user_id)
);
create index pending_sign_ins_expiry on pending_sign_ins (tenant_id, expires_at);
create index pending_sign_ins_user on pending_sign_ins (tenant_id, user_id);
select app.isolate('pending_sign_ins');
grant select, insert, delete on pending_sign_ins to ledgerstone_app;
grant update (tries) on pending_sign_ins to ledgerstone_app;

create table factors (
  tenant_id uuid not null,
  factor_id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  kind text not null check (kind in ('totp', 'webauthn', 'email')),
  name text not null check (length(name) between 1 and 100),
  -- Under the tenant's data key: the TOTP seed, the WebAuthn public key, the address for codes.
  sealed bytea not null,
  -- WebAuthn alone.
  credential_id bytea check (octet_length(credential_id) between 1 and 1023),
  transports text[] not null default '{}',
  -- The newest TOTP time step or WebAuthn signature counter that was accepted.
  counter bigint not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  last_used_at timestamptz,
  primary key (tenant_id, factor_id),
  check ((kind = 'webauthn') = (credential_id is not null)),
  foreign key (tenant_id, user_id) references users (tenant_id, user_id)
);
create index factors_user on factors (tenant_id, user_id);
create unique index factors_credential on factors (tenant_id, credential_id) where credential_id is not null;
create unique index factors_email on factors (tenant_id, user_id) where kind = 'email';
select app.isolate('factors');
select ledger.require_rows_for('factors');
grant select, insert, delete on factors to ledgerstone_app;
grant update (name, counter, last_used_at) on factors to ledgerstone_app;

create table recovery_codes (
  tenant_id uuid not null,
  user_id uuid not null,
  -- HMAC under the index key of user and code.
  code_hash bytea not null check (octet_length(code_hash) = 32),
  used_at timestamptz,
  primary key (tenant_id, user_id, code_hash),
  foreign key (tenant_id, user_id) references users (tenant_id, user_id)
);
select app.isolate('recovery_codes');
select ledger.require_rows_for('recovery_codes');
grant select, insert, delete on recovery_codes to ledgerstone_app;
grant update (used_at) on recovery_codes to ledgerstone_app;

-- What was asked of a person and not answered yet: a code sent, a WebAuthn challenge, a TOTP seed to be confirmed.
create table factor_challenges (
  tenant_id uuid not null,
  challenge_id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  -- The session or pending sign-in that it was made for: no other can answer it.
  holder uuid not null,
  purpose text not null check (purpose in ('totp-enrol', 'webauthn-enrol', 'webauthn-use', 'email-enrol', 'email-use')),
  sealed bytea not null,
  tries int not null default 0,
  expires_at timestamptz not null,
  primary key (tenant_id, challenge_id),
  unique (tenant_id, holder, purpose),
  foreign key (tenant_id, user_id) references users (tenant_id, user_id)
);
create index factor_challenges_expiry on factor_challenges (tenant_id, expires_at);
create index factor_challenges_user on factor_challenges (tenant_id, user_id);
select app.isolate('factor_challenges');
grant select, insert, delete on factor_challenges to ledgerstone_app;
grant update (tries) on factor_challenges to ledgerstone_app;

-- The public name of the only tenant that is open; null when there are several: /login asks then.
create function app.only_tenant() returns text
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select case when count(*) = 1 then min(t.slug) end from public.tenants t where t.closed_at is null;
  end;
revoke execute on function app.only_tenant() from public;
grant execute on function app.only_tenant() to ledgerstone_app;
alter function app.only_tenant() owner to ledgerstone_lookup;

-- Down Migration
drop function app.only_tenant();
drop table factor_challenges, recovery_codes, factors, pending_sign_ins, sign_in_tries, sign_in_links, local_passwords;
