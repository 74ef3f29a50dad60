-- Up Migration
-- What a tenant has: sites, devices, keys, API keys, tasks.

create table sites (
  tenant_id uuid not null references tenants,
  site_id uuid not null default gen_random_uuid(),
  name text not null check (length(name) between 1 and 200),
  -- IANA time zone, for people's times and holds.
  time_zone text not null default 'UTC',
  -- How old an event may be when it arrives.
  offline_window_days int not null default 7 check (offline_window_days between 1 and 60),
  created_at timestamptz not null default clock_timestamp(),
  closed_at timestamptz,
  primary key (tenant_id, site_id)
);
select app.isolate('sites', 'site_id');
select ledger.require_rows_for('sites');
grant select, insert on sites to ledgerstone_app;
grant select on sites to ledgerstone_executor;
grant update (name, time_zone, offline_window_days, closed_at) on sites to ledgerstone_app;
grant select, update on sites to ledgerstone_ops;

create table devices (
  tenant_id uuid not null,
  site_id uuid not null,
  device_id uuid not null default gen_random_uuid(),
  name text not null check (length(name) between 1 and 200),
  -- mtls: certificate on the MQTT 5 listener; plain: username and password, marked best effort wherever it shows.
  access text not null default 'mtls' check (access in ('mtls', 'plain')),
  created_at timestamptz not null default clock_timestamp(),
  revoked_at timestamptz,
  primary key (tenant_id, device_id),
  unique (device_id),
  foreign key (tenant_id, site_id) references sites (tenant_id, site_id)
);
create index devices_site on devices (tenant_id, site_id);
select app.isolate('devices', 'site_id');
select ledger.require_rows_for('devices');
grant select, insert on devices to ledgerstone_app;
grant update (name, site_id, revoked_at) on devices to ledgerstone_app;
grant select on devices to ledgerstone_executor;
grant select, update on devices to ledgerstone_ops;

-- Operational, exempt from "no row, no commit": last seen and what the device says of itself.
create table device_status (
  tenant_id uuid not null,
  site_id uuid not null,
  device_id uuid not null,
  last_seen_at timestamptz,
  last_event_at timestamptz,
  last_receipt_at timestamptz,
  status json,
  clock_skew_ms bigint,
  rejected bigint not null default 0,
  gaps bigint not null default 0,
  primary key (tenant_id, device_id),
  foreign key (tenant_id, device_id) references devices (tenant_id, device_id),
  foreign key (tenant_id, site_id) references sites (tenant_id, site_id)
);
select app.isolate('device_status', 'site_id');
grant select, insert, update on device_status to ledgerstone_app;

-- Receipts: which sequence numbers of an outbox incarnation are stored, rejected or declared a gap.
create table device_outboxes (
  tenant_id uuid not null,
  device_id uuid not null,
  outbox uuid not null,
  seen int8multirange not null default '{}',
  backed_up bigint,
  updated_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, device_id, outbox),
  foreign key (tenant_id, device_id) references devices (tenant_id, device_id)
);
select app.isolate('device_outboxes');
grant select, insert, update on device_outboxes to ledgerstone_app;

create table enrolment_codes (
  tenant_id uuid not null,
  code_id uuid not null default gen_random_uuid(),
  device_id uuid not null,
  secret_hash bytea not null check (octet_length(secret_hash) = 32),
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  attempts int not null default 0,
  used_at timestamptz,
  primary key (tenant_id, code_id),
  foreign key (tenant_id, device_id) references devices (tenant_id, device_id)
);
create index enrolment_codes_device on enrolment_codes (tenant_id, device_id);
select app.isolate('enrolment_codes');
select ledger.require_rows_for('enrolment_codes');
grant select, insert, update on enrolment_codes to ledgerstone_app;

create table device_certificates (
  tenant_id uuid not null,
  device_id uuid not null,
  fingerprint bytea not null check (octet_length(fingerprint) = 32),
  serial text not null,
  -- Null for certificates that the customer's own CA issued.
  pem text,
  san text,
  issued_at timestamptz not null default clock_timestamp(),
  not_after timestamptz not null,
  revoked_at timestamptz,
  primary key (tenant_id, fingerprint),
  foreign key (tenant_id, device_id) references devices (tenant_id, device_id)
);
create unique index device_certificates_fingerprint on device_certificates (fingerprint);
create index device_certificates_device on device_certificates (tenant_id, device_id);
select app.isolate('device_certificates');
select ledger.require_rows_for('device_certificates');
grant select, insert, update on device_certificates to ledgerstone_app;

-- Data keys, wrapped by the master key. purpose data: images, dead letters, queue payloads; index: HMAC of subjects.
create table tenant_keys (
  tenant_id uuid not null references tenants,
  purpose text not null check (purpose in ('data', 'index')),
  version int not null check (version >= 1),
  wrapped bytea not null,
  -- First 16 hex characters of the SHA-256 of the master key that wrapped it.
  master_fingerprint text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, purpose, version)
);
select app.isolate('tenant_keys');
select ledger.require_rows_for('tenant_keys');
grant select, insert on tenant_keys to ledgerstone_app;
grant update (wrapped, master_fingerprint) on tenant_keys to ledgerstone_app;
grant select on tenant_keys to ledgerstone_executor;

create table api_keys (
  tenant_id uuid not null references tenants,
  key_id uuid not null default gen_random_uuid(),
  name text not null check (length(name) between 1 and 200),
  -- atc_<env>_<id>
  prefix text not null unique,
  fingerprint text not null unique check (length(fingerprint) = 16),
  hash text not null,
  permissions text[] not null,
  -- Null: all sites.
  site_ids uuid[],
  ip_allowlist cidr[],
  cors_origins text[] not null default '{}',
  version int not null default 1,
  made_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz,
  revoked_at timestamptz,
  primary key (tenant_id, key_id)
);
select app.isolate('api_keys');
select ledger.require_rows_for('api_keys');
grant select, insert on api_keys to ledgerstone_app;
grant update (name, permissions, site_ids, ip_allowlist, cors_origins, version, expires_at, revoked_at) on api_keys to ledgerstone_app;

create table api_key_use (
  tenant_id uuid not null,
  key_id uuid not null,
  last_used_at timestamptz not null,
  primary key (tenant_id, key_id),
  foreign key (tenant_id, key_id) references api_keys (tenant_id, key_id)
);
select app.isolate('api_key_use');
grant select, insert, update on api_key_use to ledgerstone_app;

-- Work that must happen, whatever becomes of Redis. A job carries {taskId} only.
create table tasks (
  tenant_id uuid not null references tenants,
  task_id uuid not null default gen_random_uuid(),
  kind ledger.token not null,
  -- Ids, days and numbers only: nothing personal.
  arguments json not null,
  -- One open task for the same thing.
  key text not null check (length(key) between 1 and 300),
  state text not null default 'ready' check (state in ('ready', 'running', 'waiting', 'done', 'failed', 'cancelled')),
  -- Rises with every claim: a worker that lost its claim cannot write any more.
  fence bigint not null default 0,
  attempts int not null default 0,
  run_after timestamptz not null default clock_timestamp(),
  lease_until timestamptz,
  done bigint not null default 0,
  total bigint,
  -- Why it waits or failed: found, expected, remedy. No tenant content.
  note text,
  result json,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  primary key (tenant_id, task_id)
);
create unique index tasks_open_key on tasks (tenant_id, kind, key) where state in ('ready', 'running', 'waiting');
create index tasks_due on tasks (run_after) where state in ('ready', 'running', 'waiting');
select app.isolate('tasks');
grant select, insert, update on tasks to ledgerstone_app, ledgerstone_executor;

-- Found before a tenant is bound: ids only.
create policy lookup on devices as permissive for select to ledgerstone_lookup using (true);
grant select (tenant_id, device_id, revoked_at, access) on devices to ledgerstone_lookup;
create policy lookup on device_certificates as permissive for select to ledgerstone_lookup using (true);
grant select (tenant_id, device_id, fingerprint, revoked_at, not_after) on device_certificates to ledgerstone_lookup;
create policy lookup on api_keys as permissive for select to ledgerstone_lookup using (true);
grant select (tenant_id, key_id, fingerprint) on api_keys to ledgerstone_lookup;
create policy lookup on tasks as permissive for select to ledgerstone_lookup using (true);
grant select (tenant_id, task_id, kind, state, run_after, lease_until) on tasks to ledgerstone_lookup;

create function app.find_devices(p_devices uuid[]) returns table (device_id uuid, tenant_id uuid)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic select d.device_id, d.tenant_id from public.devices d where d.device_id = any(p_devices); end;
create function app.find_certificate(p_fingerprint bytea) returns table (tenant_id uuid, device_id uuid)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic select c.tenant_id, c.device_id from public.device_certificates c where c.fingerprint = p_fingerprint; end;
create function app.find_api_key(p_fingerprint text) returns table (tenant_id uuid, key_id uuid)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic select k.tenant_id, k.key_id from public.api_keys k where k.fingerprint = p_fingerprint; end;
-- Every certificate that must be on the CRL: revoked, and not yet expired.
create function app.revoked_serials() returns table (serial text, revoked_at timestamptz, not_after timestamptz)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic select c.serial, c.revoked_at, c.not_after from public.device_certificates c where c.revoked_at is not null; end;
grant select (serial) on device_certificates to ledgerstone_lookup;
create function app.due_tasks(p_limit int) returns table (tenant_id uuid, task_id uuid, kind text)
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select t.tenant_id, t.task_id, t.kind::text from public.tasks t
     where (t.state in ('ready', 'waiting') and t.run_after <= clock_timestamp())
        or (t.state = 'running' and t.lease_until < clock_timestamp())
     order by t.run_after limit p_limit;
  end;
revoke execute on function app.find_devices(uuid[]), app.find_certificate(bytea), app.find_api_key(text), app.revoked_serials(), app.due_tasks(int) from public;
grant execute on function app.find_devices(uuid[]), app.find_certificate(bytea), app.find_api_key(text), app.revoked_serials() to ledgerstone_app;
grant execute on function app.due_tasks(int) to ledgerstone_app, ledgerstone_executor;

-- Last: a function's grants are its owner's to give.
alter function app.find_devices(uuid[]) owner to ledgerstone_lookup;
alter function app.find_certificate(bytea) owner to ledgerstone_lookup;
alter function app.find_api_key(text) owner to ledgerstone_lookup;
alter function app.revoked_serials() owner to ledgerstone_lookup;
alter function app.due_tasks(int) owner to ledgerstone_lookup;

-- Down Migration
drop table tasks, api_key_use, api_keys, tenant_keys, device_certificates, enrolment_codes, device_outboxes, device_status, devices, sites cascade;
