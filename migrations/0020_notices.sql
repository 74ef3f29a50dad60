-- Up Migration
-- What people are told: notices, e-mails on their way, anomalies, and the places that a person signs in from.

-- One for each person who is told. The text is made from kind and data when it is read.
create table notices (
  tenant_id uuid not null,
  notice_id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  kind ledger.token not null,
  -- What it is about.
  entity_type ledger.token not null,
  entity_id ledger.token not null,
  -- The person it speaks of, if any: it goes with them.
  about uuid,
  data json not null,
  made_at timestamptz not null default clock_timestamp(),
  read_at timestamptz,
  primary key (tenant_id, notice_id),
  foreign key (tenant_id, user_id) references users (tenant_id, user_id)
);
create index notices_user on notices (tenant_id, user_id, made_at, notice_id);
create index notices_about on notices (tenant_id, about) where about is not null;
select app.isolate('notices');
select ledger.require_rows_for('notices');
grant select, insert, delete on notices to ledgerstone_app;
grant update (read_at) on notices to ledgerstone_app;

-- Who wants no e-mail beside a notice.
create table notice_settings (
  tenant_id uuid not null,
  user_id uuid not null,
  mail boolean not null,
  primary key (tenant_id, user_id),
  foreign key (tenant_id, user_id) references users (tenant_id, user_id)
);
select app.isolate('notice_settings');
select ledger.require_rows_for('notice_settings');
grant select, insert, delete on notice_settings to ledgerstone_app;
grant update (mail) on notice_settings to ledgerstone_app;

-- E-mails until the SMTP server has taken them; recipient, subject and text under the tenant's data key.
create table mails (
  tenant_id uuid not null references tenants,
  mail_id uuid not null default gen_random_uuid(),
  -- The person it speaks of: it goes with them.
  about uuid,
  sealed bytea not null,
  attempts int not null default 0,
  made_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, mail_id)
);
create index mails_about on mails (tenant_id, about) where about is not null;
select app.isolate('mails');
grant select, insert, delete on mails to ledgerstone_app;
grant update (attempts) on mails to ledgerstone_app;

-- One for each kind and thing: told at most once an hour, counted always.
create table anomalies (
  tenant_id uuid not null references tenants,
  anomaly_id uuid not null default gen_random_uuid(),
  kind ledger.token not null,
  entity_type ledger.token not null,
  entity_id ledger.token not null,
  first_at timestamptz not null default clock_timestamp(),
  last_at timestamptz not null default clock_timestamp(),
  -- All of them, and those since its last ledger row.
  times bigint not null default 1,
  untold bigint not null default 0,
  told_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, kind, entity_type, entity_id)
);
create index anomalies_last on anomalies (tenant_id, last_at, anomaly_id);
select app.isolate('anomalies');
grant select, insert, delete on anomalies to ledgerstone_app;
grant update (last_at, times, untold, told_at) on anomalies to ledgerstone_app;

-- Networks and devices that a person has signed in from; HMACs under the tenant's index key.
create table known_places (
  tenant_id uuid not null,
  user_id uuid not null,
  kind text not null check (kind in ('network', 'device')),
  place bytea not null check (octet_length(place) = 32),
  first_at timestamptz not null default clock_timestamp(),
  last_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, user_id, kind, place),
  foreign key (tenant_id, user_id) references users (tenant_id, user_id)
);
select app.isolate('known_places');
grant select, insert, delete on known_places to ledgerstone_app;
grant update (last_at) on known_places to ledgerstone_app;

-- Failed sign-ins of an account or an address (an HMAC of either) in a running window.
create table sign_in_failures (
  tenant_id uuid not null references tenants,
  source bytea not null check (octet_length(source) = 32),
  failures int not null default 1,
  since timestamptz not null default clock_timestamp(),
  primary key (tenant_id, source)
);
create index sign_in_failures_since on sign_in_failures (tenant_id, since);
select app.isolate('sign_in_failures');
grant select, insert, delete on sign_in_failures to ledgerstone_app;
grant update (failures, since) on sign_in_failures to ledgerstone_app;

-- Ended sessions tell who was where: kept this long, then removed.
alter table tenants add column session_retention_days int not null default 90 check (session_retention_days between 1 and 3650);
grant update (session_retention_days) on tenants to ledgerstone_app, ledgerstone_ops;
grant delete on sessions, session_use to ledgerstone_app;
create index sessions_ended on sessions (tenant_id, ended_at) where ended_at is not null;

-- Down Migration
drop index sessions_ended;
revoke delete on sessions, session_use from ledgerstone_app;
alter table tenants drop column session_retention_days;
drop table sign_in_failures, known_places, anomalies, mails, notice_settings, notices;
