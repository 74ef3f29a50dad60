-- Up Migration
-- Erasing. Nobody has DELETE or TRUNCATE on content: these functions alone remove it, each with its tombstone in the same
-- transaction, and only the executor may call them. None trusts its caller: what is due, held or asked for is read here.
-- Order in each: holds' lock, lines, partitions, tombstones by ascending tenant (the chain head's lock is the last).

alter table erasures
  add column what text not null default 'events' check (what in ('day', 'site-day', 'image-day', 'events', 'images', 'openings')),
  add column site_id uuid,
  add column day date,
  -- The transaction that erased: what the partitions' trigger asks for.
  add column xact xid8,
  -- Written to the erasure journal, before it is proven there (journalled_at).
  add column entered_at timestamptz;
create index erasures_unproven on erasures (tenant_id, seq) where journalled_at is null;
grant update (entered_at) on erasures to ledgerstone_app, ledgerstone_executor;

-- Single images of the site-day were erased before it: its image-day line is then computed from the events.
alter table site_days add column images_partial boolean not null default false;
-- Erase the images of these events, and leave the events.
alter table erasure_requests add column images_only boolean not null default false;

-- What the next day's run should erase, as foreseen the day before. A person's confirmation replaces it.
create table retention_forecasts (
  tenant_id uuid not null references tenants,
  day date not null,
  events bigint not null check (events >= 0),
  made_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, day)
);
select app.isolate('retention_forecasts');
grant select, insert, update on retention_forecasts to ledgerstone_app, ledgerstone_executor;

-- When a day's partitions were last rewritten, and what they held then. No tenant's data.
create table app.partition_days (
  day date primary key,
  events bigint not null,
  rewritten_at timestamptz not null default clock_timestamp()
);

create function ledger.day_start(p_day date) returns timestamptz language sql immutable parallel safe
  return p_day::timestamp at time zone 'UTC';

-- Across tenants, before one is bound: ids, days and counts --------------------------------------------------------------
create policy lookup on site_days as permissive for select to ledgerstone_lookup using (true);
grant select on site_days to ledgerstone_lookup;
create policy lookup on events as permissive for select to ledgerstone_lookup using (true);
grant select (tenant_id, site_id, received) on events to ledgerstone_lookup;
create policy lookup on images as permissive for select to ledgerstone_lookup using (true);
grant select (tenant_id, site_id, received) on images to ledgerstone_lookup;
create policy lookup on batch_sites as permissive for select to ledgerstone_lookup using (true);
grant select (tenant_id, site_id, received) on batch_sites to ledgerstone_lookup;
create policy lookup on event_subjects as permissive for select to ledgerstone_lookup using (true);
grant select (tenant_id, site_id, received) on event_subjects to ledgerstone_lookup;
create policy lookup on batches as permissive for select to ledgerstone_lookup using (true);
grant select (tenant_id, received) on batches to ledgerstone_lookup;
grant execute on function ledger.day_start(date) to public;
grant usage on schema ledger to ledgerstone_lookup;

create function app.day_sites(p_day date)
  returns table (tenant_id uuid, site_id uuid, events bigint, images bigint, events_erased boolean, images_erased boolean)
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select d.tenant_id, d.site_id, d.events, d.images, d.events_erased, d.images_erased
      from public.site_days d where d.day = p_day order by d.tenant_id, d.site_id;
  end;

-- Every (tenant, site) that really has rows of the day in events or images: one index probe each, however many rows.
create function app.occupied_sites(p_day date) returns table (tenant_id uuid, site_id uuid)
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  begin atomic
    with recursive e as (
      (select x.tenant_id, x.site_id from public.events x
        where x.received >= ledger.day_start(p_day) and x.received < ledger.day_start(p_day + 1)
        order by x.tenant_id, x.site_id limit 1)
      union all
      select n.tenant_id, n.site_id from e, lateral (
        select x.tenant_id, x.site_id from public.events x
         where x.received >= ledger.day_start(p_day) and x.received < ledger.day_start(p_day + 1)
           and (x.tenant_id, x.site_id) > (e.tenant_id, e.site_id)
         order by x.tenant_id, x.site_id limit 1) n),
    i as (
      (select x.tenant_id, x.site_id from public.images x
        where x.received >= ledger.day_start(p_day) and x.received < ledger.day_start(p_day + 1)
        order by x.tenant_id, x.site_id limit 1)
      union all
      select n.tenant_id, n.site_id from i, lateral (
        select x.tenant_id, x.site_id from public.images x
         where x.received >= ledger.day_start(p_day) and x.received < ledger.day_start(p_day + 1)
           and (x.tenant_id, x.site_id) > (i.tenant_id, i.site_id)
         order by x.tenant_id, x.site_id limit 1) n)
    select e.tenant_id, e.site_id from e union select i.tenant_id, i.site_id from i order by 1, 2;
  end;

-- The tenants that have rows in one day's partition.
create function app.occupants(p_parent text, p_day date) returns setof uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if p_parent not in ('events', 'batch_sites', 'batches', 'event_subjects', 'images') then
    raise exception 'no day partitions of %', p_parent;
  end if;
  return query execute format(
    'with recursive t as (
       (select x.tenant_id from public.%1$I x where x.received >= $1 and x.received < $2 order by x.tenant_id limit 1)
       union all
       select n.tenant_id from t, lateral (
         select x.tenant_id from public.%1$I x
          where x.received >= $1 and x.received < $2 and x.tenant_id > t.tenant_id order by x.tenant_id limit 1) n)
     select t.tenant_id from t', p_parent) using ledger.day_start(p_day), ledger.day_start(p_day + 1);
end $$;

-- Partitions and their guard ---------------------------------------------------------------------------------------------

-- A TRUNCATE of a day needs a tombstone in this transaction for every tenant that has rows there: against a bug in the
-- functions below, against the owner and, as it is always on, against a superuser in replica mode.
create function ledger.guard_truncate() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  bound text := current_setting('app.tenant', true);
  v_tenant uuid;
begin
  for v_tenant in select app.occupants(tg_argv[0], tg_argv[1]::date) loop
    perform set_config('app.tenant', v_tenant::text, true);
    if not exists (select from public.erasures e where e.tenant_id = v_tenant and e.xact = pg_current_xact_id() and e.day = tg_argv[1]::date) then
      raise exception 'truncate of % refused: tenant % has rows there and no tombstone in this transaction', tg_table_name, v_tenant
        using errcode = 'LS008', hint = 'days are erased by ledger.truncate_day';
    end if;
    insert into ledger.pending (backend, tenant_id, xact)
      values (pg_backend_pid(), v_tenant, pg_current_xact_id()) on conflict do nothing;
  end loop;
  perform set_config('app.tenant', coalesce(bound, ''), true);
  return null;
end $$;

create function app.guard_partition(p_parent text, p_day date) returns void language plpgsql as $$
declare child text := p_parent || '_' || to_char(p_day, 'YYYYMMDD');
begin
  if p_parent = 'event_keys' then
    execute format('create trigger guard before truncate on public.%I for each statement execute function ledger.refuse_rewrite()', child);
  else
    execute format('create trigger guard before truncate on public.%I for each statement execute function ledger.guard_truncate(%L, %L)',
      child, p_parent, to_char(p_day, 'YYYY-MM-DD'));
  end if;
  execute format('alter table public.%I enable always trigger guard', child);
end $$;

create or replace function app.make_partitions(p_from date, p_to date) returns int
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
        perform app.guard_partition(parent, d);
        made := made + 1;
      end if;
    end loop;
  end loop;
  return made;
end $$;

create or replace function app.make_key_partitions(p_from date, p_to date) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  d date;
  child text;
  made int := 0;
begin
  perform pg_advisory_xact_lock(hashtext('ledgerstone.partitions'));
  for d in select generate_series(p_from, p_to, interval '1 day')::date loop
    child := 'event_keys_' || to_char(d, 'YYYYMMDD');
    if to_regclass('public.' || child) is null then
      execute format('create table public.%I partition of public.event_keys for values from (%L) to (%L)', child, app.uuid7_floor(d), app.uuid7_floor(d + 1));
      execute format('alter table public.%I enable row level security', child);
      execute format('alter table public.%I force row level security', child);
      perform app.guard_partition('event_keys', d);
      made := made + 1;
    end if;
  end loop;
  return made;
end $$;

-- Days that were made before this migration.
do $$
declare child record;
begin
  for child in
    select p.relname::text as parent, to_date(right(c.relname, 8), 'YYYYMMDD') as day
      from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
     where p.relnamespace = 'public'::regnamespace and p.relkind = 'p' and c.relname ~ '_[0-9]{8}$'
  loop
    perform app.guard_partition(child.parent, child.day);
  end loop;
end $$;

-- What is in force, what is held -----------------------------------------------------------------------------------------

create function ledger.policy_in_force(p_site uuid, p_at timestamptz) returns public.policies language sql stable
  begin atomic
    select p from public.policies p
     where p.tenant_id = (select app.tenant()) and p.site_id = p_site and p.effective_at <= p_at
     order by p.version desc limit 1;
  end;

-- Whether an instant lies in a hold's half-open range.
create function ledger.in_range(p_at timestamptz, p_from timestamptz, p_to timestamptz) returns boolean language sql immutable parallel safe
  return p_at >= coalesce(p_from, '-infinity') and p_at < coalesce(p_to, 'infinity');

-- The open holds that take in one event of the bound tenant.
create function ledger.event_holds(p_site uuid, p_event uuid, p_kind text, p_received timestamptz, p_occurred timestamptz) returns uuid[]
language sql stable
  begin atomic
    select coalesce(array_agg(h.hold_id order by h.placed_seq), '{}') from public.holds h
     where h.tenant_id = (select app.tenant()) and h.released_at is null
       and (h.site_id is null or h.site_id = p_site)
       and (h.kind is null or h.kind = p_kind)
       and (h.event_ids is null or p_event = any(h.event_ids))
       and (h.subject is null or exists (select from public.event_subjects s
             where s.tenant_id = h.tenant_id and s.subject = h.subject and s.received = p_received and s.event_id = p_event))
       and ((h.from_at is null and h.to_at is null)
         or ledger.in_range(p_received, h.from_at, h.to_at) or ledger.in_range(p_occurred, h.from_at, h.to_at));
  end;

-- The open holds that take in anything of a site's day, received or occurred. A hold that says nothing narrower than its
-- site and a range over the whole day touches it unseen, also when the day looks empty.
create function ledger.site_day_holds(p_site uuid, p_day date) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_from timestamptz := ledger.day_start(p_day);
  v_to timestamptz := ledger.day_start(p_day + 1);
  h public.holds;
  touched uuid[] := '{}';
begin
  for h in
    select x.* from public.holds x
     where x.tenant_id = app.tenant() and x.released_at is null and (x.site_id is null or x.site_id = p_site)
     order by x.placed_seq
  loop
    if h.kind is null and h.subject is null and h.event_ids is null
       and coalesce(h.from_at, '-infinity') <= v_from and coalesce(h.to_at, 'infinity') >= v_to then
      touched := touched || h.hold_id;
    elsif h.subject is not null and not exists (
        select from public.event_subjects s
         where s.tenant_id = app.tenant() and s.subject = h.subject and s.site_id = p_site and s.received >= v_from and s.received < v_to) then
      continue;
    elsif exists (
        select from public.events e
         where e.tenant_id = app.tenant() and e.site_id = p_site and e.received >= v_from and e.received < v_to
           and (h.kind is null or e.kind = h.kind)
           and (h.event_ids is null or e.event_id = any(h.event_ids))
           and (h.subject is null or exists (select from public.event_subjects s
                 where s.tenant_id = e.tenant_id and s.subject = h.subject and s.received = e.received and s.event_id = e.event_id))
           and ((h.from_at is null and h.to_at is null)
             or ledger.in_range(e.received, h.from_at, h.to_at) or ledger.in_range(e.occurred, h.from_at, h.to_at))) then
      touched := touched || h.hold_id;
    end if;
  end loop;
  return touched;
end $$;
grant execute on function ledger.site_day_holds(uuid, date) to ledgerstone_app, ledgerstone_executor;

-- Tombstones -------------------------------------------------------------------------------------------------------------

-- site-day and image-day lines of the bound tenant, each with its LF. Site roots come from the batches' structural units: the
-- line covers every batch of the day that has one, also those of whose events some or all of this site's went before. A batch
-- that lost its last event by `event` lines has none any more and is in no line: those lines rebuild its root. Image hashes
-- are those of the events that are still there.
create function ledger.day_lines(p_day date, p_sites uuid[], p_events boolean, p_image_sites uuid[])
  returns table (site_id uuid, what text, line text, items bigint)
language plpgsql stable as $$
declare
  v_from timestamptz := ledger.day_start(p_day);
  v_to timestamptz := ledger.day_start(p_day + 1);
  v_day text := to_char(p_day, 'YYYY-MM-DD');
  v_whole uuid[];
begin
  if p_events then
    return query
      select s.site, 'site-day'::text,
             'site-day ' || s.site || ' ' || v_day || ' ' || count(*) || ' ' || sum(s.events) || ' '
               || encode(ledger.mth(array_agg(s.root order by s.seq)), 'hex') || chr(10),
             sum(s.events)::bigint
        from (select split_part(l, ' ', 2)::uuid as site, split_part(l, ' ', 3)::bigint as events,
                     decode(split_part(l, ' ', 4), 'hex') as root, b.batch_seq as seq
                from public.batches b, string_to_table(b.content, chr(10)) l
               where b.tenant_id = app.tenant() and b.received >= v_from and b.received < v_to and l like 'site %') s
       where s.site = any(p_sites)
       group by s.site;
  end if;
  select coalesce(array_agg(d.site_id), '{}') into v_whole from public.site_days d
   where d.tenant_id = app.tenant() and d.day = p_day and d.site_id = any(p_image_sites) and not d.images_partial;
  return query
    select i.site_id, 'image-day'::text,
           'image-day ' || i.site_id || ' ' || v_day || ' ' || count(*) || ' '
             || encode(ledger.mth(array_agg(i.unit_hash::bytea order by i.seq, i.index, i.n)), 'hex') || chr(10),
           count(*)
      from (select m.site_id, m.unit_hash, b.batch_seq as seq, m.index, m.n
              from public.images m
              join public.batches b on b.tenant_id = m.tenant_id and b.received = m.received and b.batch_id = m.batch_id
             where m.tenant_id = app.tenant() and m.received >= v_from and m.received < v_to and m.site_id = any(v_whole)
            union all
            select e.site_id, substring(e.image_units from n * 32 + 1 for 32), b.batch_seq, e.index, n
              from public.events e
              join public.batches b on b.tenant_id = e.tenant_id and b.received = e.received and b.batch_id = e.batch_id,
              generate_series(0, octet_length(e.image_units) / 32 - 1) n
             where e.tenant_id = app.tenant() and e.received >= v_from and e.received < v_to
               and e.site_id = any(p_image_sites) and e.site_id <> all(v_whole) and e.image_units <> '') i
     group by i.site_id;
end $$;

-- Writes one tombstone of the bound tenant. p_policies: "policy <site> <version>" lines. Takes the chain head's lock.
create function ledger.entomb(
  p_what text, p_basis text, p_lines text[], p_policies text[], p_request uuid, p_via text, p_correlation uuid,
  p_site uuid, p_day date, p_events bigint, p_images bigint, p_openings bigint, p_bytes bigint, p_erasure uuid
) returns bigint language plpgsql as $$
declare
  v_reason text := 'basis ' || p_basis || chr(10);
  v_row record;
begin
  select v_reason || coalesce(string_agg(p || chr(10), '' order by p collate "C"), '') into v_reason from unnest(p_policies) p;
  if p_request is not null then
    select v_reason || 'request ' || r.request_id || chr(10) || 'requester ' || r.requested_by_type || ' ' || r.requested_by || chr(10)
      into strict v_reason
      from public.erasure_requests r where r.tenant_id = app.tenant() and r.request_id = p_request;
  end if;
  -- A busy chain may make us wait; whoever waits for our closed partition can.
  perform set_config('lock_timeout', '5s', true);
  select a.seq, a.at into v_row from ledger.append_unchecked(
    'system', 'retention', p_via, 'ledger.erased', 'erasure', p_erasure::text, p_correlation,
    array['erased'], array[ledger.mth((select array_agg(convert_to(l, 'UTF8') order by o) from unnest(p_lines) with ordinality t(l, o)))],
    array['list', 'reason'], array[array_to_string(p_lines, ''), v_reason], null, null, null) a;
  -- A pending policy may have come into force since we looked: then the reason would name the one before.
  if exists (select from unnest(p_policies) p where split_part(p, ' ', 3)::int
      is distinct from (ledger.policy_in_force(split_part(p, ' ', 2)::uuid, v_row.at)).version) then
    raise exception 'a policy came into force while its days were being erased' using errcode = '40001';
  end if;
  insert into public.erasures (tenant_id, erasure_id, seq, basis, request_id, at, events, images, openings, bytes, what, site_id, day, xact, files_pending)
    values (app.tenant(), p_erasure, v_row.seq, p_basis, p_request, v_row.at, p_events, p_images, p_openings, p_bytes, p_what, p_site, p_day,
      pg_current_xact_id(), (select count(*) from public.object_garbage g where g.tenant_id = app.tenant() and g.erasure_id = p_erasure and g.collected_at is null));
  return v_row.seq;
end $$;

-- Locks one day's partitions in their fixed order. A reader of the day makes it fail after 200 ms: the caller tries again.
create function ledger.lock_day(p_day date, p_parents text[], p_mode text) returns void language plpgsql as $$
declare parent text;
begin
  perform set_config('lock_timeout', '200ms', true);
  foreach parent in array p_parents loop
    execute format('lock table only public.%I in %s mode', parent || '_' || to_char(p_day, 'YYYYMMDD'), p_mode);
  end loop;
end $$;

create function ledger.lock_holds_briefly(p_tenant uuid) returns void language plpgsql as $$
begin
  perform set_config('lock_timeout', '2s', true);
  perform ledger.lock_holds(p_tenant);
end $$;

-- The version in force when a site's day is due for basis retention, else null. The site's row stays locked: no policy
-- can change until this transaction ends.
create function ledger.due_version(p_site uuid, p_day date, p_images boolean) returns int language plpgsql as $$
declare v_policy public.policies;
begin
  perform 1 from public.sites s where s.tenant_id = app.tenant() and s.site_id = p_site for share;
  v_policy := ledger.policy_in_force(p_site, clock_timestamp());
  if v_policy.version is null then
    return null;
  end if;
  return case when p_day <= ledger.utc_day(clock_timestamp()) - case when p_images then v_policy.image_days else v_policy.event_days end
    then v_policy.version end;
end $$;

-- The request behind any other basis: open, of this tenant, with its row in the chain.
create function ledger.check_request(p_request uuid, p_basis text) returns public.erasure_requests language plpgsql as $$
declare v_request public.erasure_requests;
begin
  select r.* into v_request from public.erasure_requests r
    join ledger.rows w on w.tenant_id = r.tenant_id and w.seq = r.seq and w.action = 'erasure.requested' and w.entity_id = r.request_id::text
   where r.tenant_id = app.tenant() and r.request_id = p_request and r.basis = p_basis and r.state in ('open', 'held');
  if not found then
    raise exception 'no open request % of basis %', p_request, p_basis using errcode = 'LS404';
  end if;
  return v_request;
end $$;

-- Marks the files of images for collection: the whole day's directory when p_whole, else one by one.
create function ledger.discard_images(p_erasure uuid, p_day date, p_images uuid[], p_whole boolean) returns void language plpgsql as $$
declare v_directory text := 'tenants/' || app.tenant() || '/images/' || to_char(p_day, 'YYYY/MM/DD') || '/';
begin
  insert into public.object_garbage (tenant_id, path, erasure_id)
    select app.tenant(), p, p_erasure
      from (select v_directory as p where p_whole union all select v_directory || i from unnest(p_images) i where not p_whole) paths
    on conflict (tenant_id, path) do update set erasure_id = excluded.erasure_id, created_at = clock_timestamp(), collected_at = null;
end $$;

-- Batches that have lost their last event lose their structural unit.
create function ledger.drop_empty_batches(p_day date) returns void language sql
  begin atomic
    delete from public.batches b
     where b.tenant_id = (select app.tenant()) and b.received >= ledger.day_start(p_day) and b.received < ledger.day_start(p_day + 1)
       and not exists (select from public.batch_sites s where s.tenant_id = b.tenant_id and s.received = b.received and s.batch_id = b.batch_id);
  end;

-- Erases a site's UTC day: its events with everything that hangs on them, or (p_images_only) its images.
-- Basis retention is recomputed here; hold-release and offboarding need their request.
create function ledger.erase_site_part(
  p_site uuid, p_day date, p_images_only boolean, p_basis text, p_request uuid, p_via text, p_correlation uuid,
  out outcome text, out erasure_id uuid, out seq bigint, out events bigint, out images bigint, out held_by uuid[]
) language plpgsql as $$
declare
  v_tenant uuid := app.tenant();
  v_from timestamptz := ledger.day_start(p_day);
  v_to timestamptz := ledger.day_start(p_day + 1);
  v_version int;
  v_state public.site_days;
  v_lines text[];
  v_files uuid[];
  v_erasure uuid := gen_random_uuid();
begin
  events := 0;
  images := 0;
  held_by := '{}';
  if p_basis not in ('retention', 'hold-release', 'offboarding') then
    raise exception 'basis % erases no whole day', p_basis using errcode = 'LS007';
  end if;
  perform ledger.lock_holds_briefly(v_tenant);
  select d.* into v_state from public.site_days d where d.tenant_id = v_tenant and d.site_id = p_site and d.day = p_day for update;
  if not found or v_state.events_erased or (p_images_only and v_state.images_erased) then
    outcome := 'nothing';
    return;
  end if;
  if p_basis = 'retention' then
    v_version := ledger.due_version(p_site, p_day, p_images_only);
    if v_version is null then
      outcome := 'not-due';
      return;
    end if;
  else
    perform ledger.check_request(p_request, p_basis);
  end if;
  held_by := ledger.site_day_holds(p_site, p_day);
  if held_by <> '{}' then
    outcome := 'held';
    return;
  end if;
  -- Late inserts of a closed day are over once we have this lock; readers do not mind it.
  perform ledger.lock_day(p_day, case when p_images_only then array['images']
    else array['events', 'batch_sites', 'batches', 'event_subjects', 'images'] end, 'share row exclusive');
  select array_agg(l.line order by l.line collate "C"), sum(l.items) filter (where l.what = 'image-day') into v_lines, images
    from ledger.day_lines(p_day, array[p_site], not p_images_only, case when v_state.images_erased then '{}' else array[p_site] end) l;
  images := coalesce(images, 0);
  with gone as (delete from public.images m where m.tenant_id = v_tenant and m.site_id = p_site and m.received >= v_from and m.received < v_to
    returning m.image_id, m.stored_at)
    select coalesce(array_agg(g.image_id), '{}') into v_files from gone g where g.stored_at is not null;
  if v_files <> '{}' then
    perform ledger.discard_images(v_erasure, p_day, v_files, not exists (
      select from public.images m where m.tenant_id = v_tenant and m.received >= v_from and m.received < v_to));
  end if;
  if not p_images_only then
    delete from public.event_subjects s where s.tenant_id = v_tenant and s.site_id = p_site and s.received >= v_from and s.received < v_to;
    delete from public.events e where e.tenant_id = v_tenant and e.site_id = p_site and e.received >= v_from and e.received < v_to;
    get diagnostics events = row_count;
    delete from public.batch_sites b where b.tenant_id = v_tenant and b.site_id = p_site and b.received >= v_from and b.received < v_to;
  end if;
  update public.site_days d set images_erased = true, events_erased = d.events_erased or not p_images_only
   where d.tenant_id = v_tenant and d.site_id = p_site and d.day = p_day;
  if not p_images_only then
    perform ledger.drop_empty_batches(p_day);
  end if;
  if v_lines is null then
    outcome := 'nothing';
    return;
  end if;
  erasure_id := v_erasure;
  seq := ledger.entomb(case when p_images_only then 'image-day' else 'site-day' end, p_basis, v_lines,
    case when v_version is null then '{}' else array['policy ' || p_site || ' ' || v_version] end, p_request, p_via, p_correlation,
    p_site, p_day, events, images, 0,
    case when p_images_only then v_state.image_bytes else v_state.bytes + case when v_state.images_erased then 0 else v_state.image_bytes end end, v_erasure);
  outcome := 'erased';
end $$;

create function ledger.erase_site_day(p_site uuid, p_day date, p_basis text, p_request uuid, p_via text, p_correlation uuid,
  out outcome text, out erasure_id uuid, out seq bigint, out events bigint, out images bigint, out held_by uuid[])
language sql security definer set search_path = pg_catalog, pg_temp
  begin atomic select r.* from ledger.erase_site_part(p_site, p_day, false, p_basis, p_request, p_via, p_correlation) r; end;

create function ledger.erase_image_day(p_site uuid, p_day date, p_basis text, p_request uuid, p_via text, p_correlation uuid,
  out outcome text, out erasure_id uuid, out seq bigint, out events bigint, out images bigint, out held_by uuid[])
language sql security definer set search_path = pg_catalog, pg_temp
  begin atomic select r.* from ledger.erase_site_part(p_site, p_day, true, p_basis, p_request, p_via, p_correlation) r; end;

-- Empties a day's partitions (or its images' partition) for all tenants at once, when every site in them is due and none
-- is held. Starts unbound and binds itself to each tenant in turn. outcome: erased, mixed (some site is not due or is
-- held: erase site by site), nothing.
create function ledger.truncate_partitions(p_day date, p_images_only boolean, p_via text, p_correlation uuid,
  out outcome text, out tenants int, out sites int, out events bigint, out images bigint)
language plpgsql as $$
declare
  v_from timestamptz := ledger.day_start(p_day);
  v_to timestamptz := ledger.day_start(p_day + 1);
  v_parents text[] := case when p_images_only then array['images'] else array['events', 'batch_sites', 'batches', 'event_subjects', 'images'] end;
  v_tenants uuid[];
  v_tenant uuid;
  v_site record;
  v_version int;
  v_lines jsonb := '{}';
  v_counts jsonb := '{}';
  v_policies text[];
  v_sites uuid[];
  v_image_sites uuid[];
  v_batches bigint;
  v_bytes bigint;
  v_erasure uuid;
  v_found record;
begin
  if app.tenant() is not null then
    raise exception 'a whole day is erased from an unbound transaction' using errcode = 'LS001';
  end if;
  tenants := 0; sites := 0; events := 0; images := 0;
  if to_regclass('public.events_' || to_char(p_day, 'YYYYMMDD')) is null then
    outcome := 'nothing';
    return;
  end if;
  select coalesce(array_agg(distinct d.tenant_id order by d.tenant_id), '{}') into v_tenants from app.day_sites(p_day) d
   where not d.events_erased and not (p_images_only and d.images_erased);
  if v_tenants = '{}' then
    outcome := 'nothing';
    return;
  end if;
  -- Before any lock: most days are not due everywhere, and that is cheap to see.
  foreach v_tenant in array v_tenants loop
    perform set_config('app.tenant', v_tenant::text, true);
    if exists (select from public.site_days d, ledger.policy_in_force(d.site_id, clock_timestamp()) p
                where d.tenant_id = v_tenant and d.day = p_day and not d.events_erased and not (p_images_only and d.images_erased)
                  and (p.version is null or p_day > ledger.utc_day(clock_timestamp()) - case when p_images_only then p.image_days else p.event_days end)) then
      perform set_config('app.tenant', '', true);
      outcome := 'mixed';
      return;
    end if;
  end loop;
  foreach v_tenant in array v_tenants loop
    perform ledger.lock_holds_briefly(v_tenant);
  end loop;
  foreach v_tenant in array v_tenants loop
    perform set_config('app.tenant', v_tenant::text, true);
    v_policies := '{}'; v_sites := '{}'; v_image_sites := '{}'; v_bytes := 0;
    for v_site in
      select d.* from public.site_days d
       where d.tenant_id = v_tenant and d.day = p_day and not d.events_erased and not (p_images_only and d.images_erased) order by d.site_id
    loop
      v_version := ledger.due_version(v_site.site_id, p_day, p_images_only);
      if v_version is null or ledger.site_day_holds(v_site.site_id, p_day) <> '{}' then
        perform set_config('app.tenant', '', true);
        outcome := 'mixed';
        return;
      end if;
      v_policies := v_policies || ('policy ' || v_site.site_id || ' ' || v_version);
      v_sites := v_sites || v_site.site_id;
      if not v_site.images_erased then
        v_image_sites := v_image_sites || v_site.site_id;
        v_bytes := v_bytes + v_site.image_bytes;
      end if;
      if not p_images_only then
        v_bytes := v_bytes + v_site.bytes;
        events := events + v_site.events;
      end if;
    end loop;
    select array_agg(l.line order by l.line collate "C") as lines, coalesce(sum(l.items) filter (where l.what = 'image-day'), 0) as images into v_found
      from ledger.day_lines(p_day, v_sites, not p_images_only, v_image_sites) l;
    select count(*) into v_batches from public.batches b where b.tenant_id = v_tenant and b.received >= v_from and b.received < v_to;
    v_lines := v_lines || jsonb_build_object(v_tenant::text, jsonb_build_object(
      'lines', coalesce(to_jsonb(v_found.lines), '[]'), 'policies', to_jsonb(v_policies), 'sites', to_jsonb(v_sites), 'images', v_found.images,
      'batches', v_batches, 'bytes', v_bytes, 'events', (select coalesce(sum(d.events), 0) from public.site_days d
        where d.tenant_id = v_tenant and d.day = p_day and d.site_id = any(v_sites) and not p_images_only)));
    images := images + v_found.images;
    sites := sites + cardinality(v_sites);
  end loop;
  perform ledger.lock_day(p_day, v_parents, 'access exclusive');
  -- With the day to ourselves: what is really there must be what site_days and the batches said.
  select o.tenant_id, o.site_id into v_found from app.occupied_sites(p_day) o
   where not exists (select from jsonb_array_elements_text(v_lines -> o.tenant_id::text -> 'sites') s where s::uuid = o.site_id)
     and not (p_images_only and exists (select from app.day_sites(p_day) d
       where d.tenant_id = o.tenant_id and d.site_id = o.site_id and d.images_erased and not d.events_erased)) limit 1;
  if found then
    raise exception 'day % holds rows of tenant % site % that site_days does not account for', p_day, v_found.tenant_id, v_found.site_id
      using errcode = 'LS009', hint = 'nothing was erased; this is damage or a fault: compare site_days with the events';
  end if;
  foreach v_tenant in array v_tenants loop
    perform set_config('app.tenant', v_tenant::text, true);
    if (select count(*) from public.batches b where b.tenant_id = v_tenant and b.received >= v_from and b.received < v_to)
        <> (v_lines -> v_tenant::text ->> 'batches')::bigint then
      raise exception 'day % changed while it was being erased', p_day using errcode = '40001';
    end if;
    select array(select jsonb_array_elements_text(v_lines -> v_tenant::text -> 'sites')::uuid) into v_sites;
    v_erasure := gen_random_uuid();
    if exists (select from public.images m where m.tenant_id = v_tenant and m.received >= v_from and m.received < v_to and m.stored_at is not null) then
      perform ledger.discard_images(v_erasure, p_day, null, true);
    end if;
    update public.site_days d set images_erased = true, events_erased = d.events_erased or not p_images_only
     where d.tenant_id = v_tenant and d.day = p_day and d.site_id = any(v_sites);
    if v_lines -> v_tenant::text -> 'lines' <> '[]' then
      perform ledger.entomb(case when p_images_only then 'image-day' else 'day' end, 'retention',
        array(select jsonb_array_elements_text(v_lines -> v_tenant::text -> 'lines')), array(select jsonb_array_elements_text(v_lines -> v_tenant::text -> 'policies')),
        null, p_via, p_correlation, null, p_day, (v_lines -> v_tenant::text ->> 'events')::bigint, (v_lines -> v_tenant::text ->> 'images')::bigint, 0,
        (v_lines -> v_tenant::text ->> 'bytes')::bigint, v_erasure);
    end if;
    tenants := tenants + 1;
  end loop;
  perform set_config('app.tenant', '', true);
  execute 'truncate ' || (select string_agg(format('only public.%I', p || '_' || to_char(p_day, 'YYYYMMDD')), ', ' order by o) from unnest(v_parents) with ordinality t(p, o));
  outcome := 'erased';
end $$;

create function ledger.truncate_day(p_day date, p_via text, p_correlation uuid,
  out outcome text, out tenants int, out sites int, out events bigint, out images bigint)
language sql security definer set search_path = pg_catalog, pg_temp
  begin atomic select r.* from ledger.truncate_partitions(p_day, false, p_via, p_correlation) r; end;

create function ledger.truncate_images_day(p_day date, p_via text, p_correlation uuid,
  out outcome text, out tenants int, out sites int, out events bigint, out images bigint)
language sql security definer set search_path = pg_catalog, pg_temp
  begin atomic select r.* from ledger.truncate_partitions(p_day, true, p_via, p_correlation) r; end;

grant execute on function ledger.erase_site_day(uuid, date, text, uuid, text, uuid), ledger.erase_image_day(uuid, date, text, uuid, text, uuid),
  ledger.truncate_day(date, text, uuid), ledger.truncate_images_day(date, text, uuid) to ledgerstone_executor;

-- Last: a function's grants are its owner's to give.
revoke execute on function app.day_sites(date), app.occupied_sites(date), app.occupants(text, date) from public;
grant execute on function app.day_sites(date) to ledgerstone_executor;
alter function app.day_sites(date) owner to ledgerstone_lookup;
alter function app.occupied_sites(date) owner to ledgerstone_lookup;
alter function app.occupants(text, date) owner to ledgerstone_lookup;
-- A change of owner takes the old owner's own grant with it.
set local role ledgerstone_lookup;
grant execute on function app.day_sites(date), app.occupied_sites(date), app.occupants(text, date) to ledgerstone_owner;
reset role;

-- Down Migration
drop function ledger.truncate_day(date, text, uuid), ledger.truncate_images_day(date, text, uuid), ledger.erase_site_day(uuid, date, text, uuid, text, uuid),
  ledger.erase_image_day(uuid, date, text, uuid, text, uuid), ledger.truncate_partitions(date, boolean, text, uuid),
  ledger.erase_site_part(uuid, date, boolean, text, uuid, text, uuid), ledger.site_day_holds(uuid, date) cascade;
drop table retention_forecasts, app.partition_days;
