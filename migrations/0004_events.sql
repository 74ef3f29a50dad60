-- Up Migration
-- Events and images, partitioned by UTC day of `received`; no DEFAULT partition, so a missing one is an error and not a silent heap.

create table events (
  tenant_id uuid not null,
  site_id uuid not null,
  received timestamptz not null,
  event_id uuid not null,
  batch_id uuid not null,
  -- Place among the site's events of the batch, from 0: its leaf in batch_sites.leaves.
  index int not null check (index >= 0),
  source_type text not null check (source_type in ('device', 'api-key')),
  source_id uuid not null,
  kind ledger.token not null,
  occurred timestamptz not null,
  -- The exact received bytes of the wire field `body`. Never jsonb.
  body text not null,
  body_salt bytea not null check (octet_length(body_salt) = 32),
  -- The unit hashes of image.0, image.1 …, 32 bytes each. They stay when the images go.
  image_units bytea not null default '' check (octet_length(image_units) % 32 = 0),
  -- From a listener without certificates.
  best_effort boolean not null default false,
  primary key (tenant_id, received, event_id)
) partition by range (received);
create index events_site on events (tenant_id, site_id, received desc, event_id desc);
create index events_newest on events (tenant_id, received desc, event_id desc);
create index events_kind on events (tenant_id, kind, received desc, event_id desc);

-- One row a batch and site. leaves: 32 bytes an event, in index order.
create table batch_sites (
  tenant_id uuid not null,
  site_id uuid not null,
  received timestamptz not null,
  batch_id uuid not null,
  events int not null check (events >= 1),
  root ledger.hash not null,
  leaves bytea not null check (octet_length(leaves) = events * 32),
  -- Events of it still here: at 0 the row goes.
  remaining int not null check (remaining between 0 and events),
  primary key (tenant_id, received, batch_id, site_id)
) partition by range (received);

-- The structural unit `batch` of an events.recorded row.
create table batches (
  tenant_id uuid not null,
  received timestamptz not null,
  batch_id uuid not null,
  batch_seq bigint not null,
  salt bytea not null check (octet_length(salt) = 32),
  unit_hash ledger.hash not null,
  content text not null,
  primary key (tenant_id, received, batch_id),
  unique (tenant_id, received, batch_seq)
) partition by range (received);

create table event_subjects (
  tenant_id uuid not null,
  site_id uuid not null,
  subject bytea not null check (octet_length(subject) = 32),
  received timestamptz not null,
  event_id uuid not null,
  primary key (tenant_id, subject, received, event_id)
) partition by range (received);

create table images (
  tenant_id uuid not null,
  site_id uuid not null,
  received timestamptz not null,
  event_id uuid not null,
  n int not null check (n between 0 and 15),
  image_id uuid not null default gen_random_uuid(),
  batch_id uuid not null,
  index int not null,
  sha256 bytea not null check (octet_length(sha256) = 32),
  bytes bigint not null check (bytes > 0),
  media_type text not null check (media_type in ('image/jpeg', 'image/png', 'image/webp')),
  salt bytea not null check (octet_length(salt) = 32),
  unit_hash ledger.hash not null,
  device_id uuid,
  -- Null until the bytes are stored. Removing it is the erasure.
  wrapped_key bytea,
  key_version int,
  stored_at timestamptz,
  has_thumbnail boolean not null default false,
  primary key (tenant_id, received, event_id, n)
) partition by range (received);
create index images_id on images (tenant_id, image_id);
create index images_site on images (tenant_id, site_id, received desc);

-- The dedup ledger: a re-send can neither double an event nor bring back an erased one. Partitioned by the day in the id itself.
create table event_keys (
  tenant_id uuid not null,
  event_id uuid not null,
  source_id uuid not null,
  received timestamptz not null,
  primary key (tenant_id, event_id)
) partition by range (event_id);

create table dead_letters (
  tenant_id uuid not null,
  site_id uuid not null,
  letter_id uuid not null default gen_random_uuid(),
  received timestamptz not null,
  source_type text not null check (source_type in ('device', 'api-key')),
  source_id uuid not null,
  reason ledger.token not null,
  detail text not null,
  -- AES-256-GCM under the tenant's data key.
  sealed bytea not null,
  key_version int not null,
  subjects bytea[] not null default '{}',
  primary key (tenant_id, letter_id),
  foreign key (tenant_id, site_id) references sites (tenant_id, site_id)
);
create index dead_letters_received on dead_letters (tenant_id, received desc);

-- What ingest keeps a site and day of, so that previews and due work cost nothing.
create table site_days (
  tenant_id uuid not null,
  site_id uuid not null,
  day date not null,
  events bigint not null default 0,
  bytes bigint not null default 0,
  images bigint not null default 0,
  image_bytes bigint not null default 0,
  events_erased boolean not null default false,
  images_erased boolean not null default false,
  primary key (tenant_id, site_id, day),
  foreign key (tenant_id, site_id) references sites (tenant_id, site_id)
);
create index site_days_day on site_days (day);

-- Per tenant and UTC day, against the quotas.
create table tenant_usage (
  tenant_id uuid not null references tenants,
  day date not null,
  events bigint not null default 0,
  bytes bigint not null default 0,
  exports int not null default 0,
  rejected bigint not null default 0,
  primary key (tenant_id, day)
);

-- Files whose key is gone, to be collected. A path ending in / is a whole day's directory.
create table object_garbage (
  tenant_id uuid not null references tenants,
  path text not null,
  erasure_id uuid,
  created_at timestamptz not null default clock_timestamp(),
  collected_at timestamptz,
  primary key (tenant_id, path)
);

select app.isolate('events', 'site_id'), app.isolate('batch_sites', 'site_id'), app.isolate('batches'), app.isolate('event_subjects', 'site_id'),
       app.isolate('images', 'site_id'), app.isolate('event_keys'), app.isolate('dead_letters', 'site_id'), app.isolate('site_days', 'site_id'),
       app.isolate('tenant_usage'), app.isolate('object_garbage');
select ledger.require_rows_for('events'), ledger.require_rows_for('images'), ledger.require_rows_for('batch_sites'),
       ledger.require_rows_for('event_subjects'), ledger.require_rows_for('dead_letters');

grant select, insert on events, batch_sites, event_subjects, images, event_keys, dead_letters to ledgerstone_app;
grant select on batches to ledgerstone_app;
grant update (wrapped_key, key_version, stored_at, has_thumbnail) on images to ledgerstone_app;
grant select, insert, update on site_days, tenant_usage, object_garbage to ledgerstone_app;
grant select on events, batch_sites, batches, event_subjects, images, dead_letters, site_days, tenant_usage, event_keys to ledgerstone_executor, ledgerstone_ops;
grant select, insert, update on object_garbage, site_days to ledgerstone_executor;

-- Refuses UPDATE of anything hashed: what an event says never changes.
create trigger no_rewrite before update on events for each statement execute function ledger.refuse_rewrite();
create trigger no_rewrite before update on batches for each statement execute function ledger.refuse_rewrite();

-- Smallest UUIDv7 of a UTC midnight.
create function app.uuid7_floor(p_day date) returns uuid language sql immutable parallel safe
  return (lpad(to_hex((extract(epoch from p_day) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid;

-- Makes the partitions of the days from..to; returns how many were missing. Definer: the worker has no DDL.
create function app.make_partitions(p_from date, p_to date) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  d date;
  parent text;
  child text;
  made int := 0;
begin
  perform pg_advisory_xact_lock(hashtext('ledgerstone.partitions'));
  for d in select generate_series(p_from, p_to, interval '1 day')::date loop
    foreach parent in array array['events', 'batch_sites', 'batches', 'event_subjects', 'images', 'event_keys'] loop
      child := parent || '_' || to_char(d, 'YYYYMMDD');
      if to_regclass('public.' || child) is null then
        if parent = 'event_keys' then
          execute format('create table public.%I partition of public.event_keys for values from (%L) to (%L)', child, app.uuid7_floor(d), app.uuid7_floor(d + 1));
        else
          execute format('create table public.%I partition of public.%I for values from (%L) to (%L)', child, parent,
            to_char(d, 'YYYY-MM-DD') || ' 00:00:00+00', to_char(d + 1, 'YYYY-MM-DD') || ' 00:00:00+00');
        end if;
        execute format('alter table public.%I enable row level security', child);
        execute format('alter table public.%I force row level security', child);
        made := made + 1;
      end if;
    end loop;
  end loop;
  return made;
end $$;
grant execute on function app.make_partitions(date, date) to ledgerstone_app, ledgerstone_executor;
grant execute on function app.uuid7_floor(date) to public;

-- Writes the batch's structural unit and appends its row. The caller has inserted the events, batch_sites, subjects and
-- images under p_batch in this transaction; call it last, since it takes the chain head's lock.
create function ledger.record_batch(
  p_batch uuid, p_received timestamptz, p_sites uuid[], p_counts int[], p_roots bytea[],
  p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, p_unit_names text[], p_unit_contents text[],
  out seq bigint, out hash bytea, out at timestamptz
) language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_lines text[];
  v_content text;
  v_salt bytea := public.gen_random_bytes(32);
  v_hash bytea;
begin
  select array_agg('site ' || s || ' ' || c || ' ' || encode(r, 'hex') || chr(10) order by s)
    into v_lines from unnest(p_sites, p_counts, p_roots) t(s, c, r);
  v_content := 'received ' || ledger.timestamp_text(p_received) || chr(10) || array_to_string(v_lines, '');
  v_hash := ledger.unit_hash(v_salt, 'batch', v_content);
  select a.seq, a.hash, a.at into seq, hash, at
    from ledger.append_unchecked(p_actor_type, p_actor_id, p_via, 'events.recorded', 'batch', p_batch::text, p_correlation,
      array['events'], array[ledger.mth((select array_agg(convert_to(l, 'UTF8') order by o) from unnest(v_lines) with ordinality t(l, o)))],
      p_unit_names, p_unit_contents, null, array['batch'], array[v_hash]) a;
  if at < p_received or at > p_received + interval '10 minutes' or ledger.utc_day(at) <> ledger.utc_day(p_received) then
    raise exception 'batch received % is appended at %: expected within 10 minutes and one UTC day', p_received, at
      using errcode = 'LS006', hint = 'stamp the batch again';
  end if;
  insert into public.batches values (app.tenant(), p_received, p_batch, seq, v_salt, v_hash, v_content);
end $$;
grant execute on function ledger.record_batch(uuid, timestamptz, uuid[], int[], bytea[], text, text, text, uuid, text[], text[]) to ledgerstone_app;

-- Down Migration
drop table object_garbage, tenant_usage, site_days, dead_letters, event_keys, images, event_subjects, batches, batch_sites, events cascade;
