-- Up Migration
-- SAML 2.0: each tenant's identity provider, our keys, sign-ins under way, assertions that were used.

-- The newest version is in force; the older ones stay to be read.
create table saml_configurations (
  tenant_id uuid not null references tenants,
  version int not null check (version >= 1),
  settings jsonb not null,
  made_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, version)
);
select app.isolate('saml_configurations');
select ledger.require_rows_for('saml_configurations');
grant select, insert on saml_configurations to ledgerstone_app;

-- What we sign requests with and open assertions with. next: announced in our metadata; current: in use; previous: still opens
-- what the provider encrypts before it has read our new metadata; retired: its private half is gone.
create table saml_keys (
  tenant_id uuid not null references tenants,
  key_id uuid not null default gen_random_uuid(),
  state text not null check (state in ('next', 'current', 'previous', 'retired')),
  certificate text not null,
  -- Sealed under the tenant's data key.
  private_key bytea,
  created_at timestamptz not null default clock_timestamp(),
  changed_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, key_id),
  check ((state = 'retired') = (private_key is null))
);
create unique index saml_keys_state on saml_keys (tenant_id, state) where state <> 'retired';
select app.isolate('saml_keys');
select ledger.require_rows_for('saml_keys');
grant select, insert on saml_keys to ledgerstone_app;
grant update (state, private_key, changed_at) on saml_keys to ledgerstone_app;

-- A sign-in that somebody tries out before it is switched on: what the provider says of them, for the administrator to see.
create table saml_tests (
  tenant_id uuid not null references tenants,
  test_id uuid not null default gen_random_uuid(),
  made_by text not null,
  -- Sealed under the tenant's data key: it names a person.
  result bytea,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null default clock_timestamp() + interval '1 hour',
  primary key (tenant_id, test_id)
);
select app.isolate('saml_tests');
grant select, insert, delete on saml_tests to ledgerstone_app;
grant update (result) on saml_tests to ledgerstone_app;

-- Requests that await their response. The response deletes its request; nothing deleted means refused.
create table saml_requests (
  tenant_id uuid not null references tenants,
  request_id text not null check (length(request_id) between 20 and 100),
  relay_state text not null check (length(relay_state) between 20 and 80),
  -- SHA-256 of the cookie that the browser was given.
  binding_hash bytea not null check (octet_length(binding_hash) = 32),
  -- The browser's own token (src/identity/anomalies/places.ts): its cookie does not come with the provider's POST.
  device text not null check (length(device) <= 64),
  -- Of a sign-in that is only tried out.
  test_id uuid,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null default clock_timestamp() + interval '10 minutes',
  primary key (tenant_id, request_id),
  unique (tenant_id, relay_state)
);
create index saml_requests_expiry on saml_requests (tenant_id, expires_at);
select app.isolate('saml_requests');
grant select, insert, delete on saml_requests to ledgerstone_app;

-- SHA-256 of provider and assertion id, kept for longer than any assertion is valid.
create table saml_assertions (
  tenant_id uuid not null references tenants,
  assertion_hash bytea not null check (octet_length(assertion_hash) = 32),
  expires_at timestamptz not null default clock_timestamp() + interval '1 day',
  primary key (tenant_id, assertion_hash)
);
create index saml_assertions_expiry on saml_assertions (tenant_id, expires_at);
select app.isolate('saml_assertions');
grant select, insert, delete on saml_assertions to ledgerstone_app;

-- Down Migration
drop table saml_assertions, saml_requests, saml_tests, saml_keys, saml_configurations;
