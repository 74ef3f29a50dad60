-- Up Migration
-- Erasing what a request names, what expires beside the events, and the upkeep of emptied partitions.

-- The events that an open request names and that are still here, oldest first, with the holds that keep them.
-- An id is looked up by event_keys; where that day's keys are dropped, by the time that the id itself carries.
create function ledger.request_events(p_request public.erasure_requests)
  returns table (site_id uuid, received timestamptz, event_id uuid, held_by uuid[])
language sql stable
  begin atomic
    select e.site_id, e.received, e.event_id, ledger.event_holds(e.site_id, e.event_id, e.kind::text, e.received, e.occurred)
      from public.event_subjects s
      join public.events e on e.tenant_id = s.tenant_id and e.received = s.received and e.event_id = s.event_id
     where s.tenant_id = (select app.tenant()) and s.subject = (p_request).subject
    union all
    select e.site_id, e.received, e.event_id, ledger.event_holds(e.site_id, e.event_id, e.kind::text, e.received, e.occurred)
      from unnest((p_request).event_ids) i(id)
      left join public.event_keys k on k.tenant_id = (select app.tenant()) and k.event_id = i.id
      cross join lateral (select to_timestamp(('x' || lpad(left(replace(i.id::text, '-', ''), 12), 16, '0'))::bit(64)::bigint / 1000.0) as made) t
      join public.events e on e.tenant_id = (select app.tenant()) and e.event_id = i.id
       and e.received >= coalesce(k.received, t.made - interval '1 day') and e.received <= coalesce(k.received, t.made + interval '70 days')
    order by 2, 3;
  end;

-- What a request still finds, for the preview and the certificate. Counts and hold ids only.
create function ledger.count_request(p_request uuid, out events bigint, out held bigint, out held_by uuid[])
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare v_request public.erasure_requests;
begin
  select r.* into v_request from public.erasure_requests r where r.tenant_id = app.tenant() and r.request_id = p_request;
  with found as materialized (select f.held_by from ledger.request_events(v_request) f)
  select (select count(*) from found), (select count(*) from found f where f.held_by <> '{}'),
         (select coalesce(array_agg(distinct h), '{}') from found f, unnest(f.held_by) h)
    into events, held, held_by;
end $$;

-- Erases up to p_limit of a request's events that no hold keeps (or, when it asks for images only, their images), under
-- one tombstone. erased 0 and held 0: nothing is left.
create function ledger.erase_request_events(p_request uuid, p_limit int, p_via text, p_correlation uuid,
  out outcome text, out erasure_id uuid, out seq bigint, out erased bigint, out images bigint, out held bigint, out held_by uuid[])
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_tenant uuid := app.tenant();
  v_request public.erasure_requests;
  v_ids uuid[];
  v_times timestamptz[];
  v_lines text[];
  v_bytes bigint;
  v_image_bytes bigint;
  v_erasure uuid := gen_random_uuid();
  v_day record;
begin
  perform ledger.lock_holds_briefly(v_tenant);
  v_request := ledger.check_request(p_request, 'request');
  with found as materialized (select f.event_id, f.received, f.held_by from ledger.request_events(v_request) f),
  free as (
    select r.event_id, r.received from found r
     where r.held_by = '{}'
       and (not v_request.images_only or exists (select from public.images m where m.tenant_id = v_tenant and m.received = r.received and m.event_id = r.event_id))
     order by r.received, r.event_id limit p_limit)
  select (select count(*) from found f where f.held_by <> '{}'), (select coalesce(array_agg(distinct h), '{}') from found f, unnest(f.held_by) h),
         (select array_agg(f.event_id order by f.received, f.event_id) from free f), (select array_agg(f.received order by f.received, f.event_id) from free f)
    into held, held_by, v_ids, v_times;
  erased := coalesce(cardinality(v_ids), 0);
  images := 0;
  if erased = 0 then
    outcome := case when held > 0 then 'held' else 'nothing' end;
    return;
  end if;
  perform set_config('lock_timeout', '2s', true);
  if v_request.images_only then
    select array_agg('image ' || b.batch_seq || ' ' || m.site_id || ' ' || m.index || ' image.' || m.n || ' ' || encode(m.unit_hash, 'hex') || chr(10)
        order by b.batch_seq, m.site_id, m.index, m.n) into v_lines
      from unnest(v_ids, v_times) t(id, received)
      join public.images m on m.tenant_id = v_tenant and m.received = t.received and m.event_id = t.id
      join public.batches b on b.tenant_id = m.tenant_id and b.received = m.received and b.batch_id = m.batch_id;
  else
    select array_agg('event ' || b.batch_seq || ' ' || e.site_id || ' ' || e.index || ' ' || encode(substring(s.leaves from e.index * 32 + 1 for 32), 'hex') || chr(10)
        order by b.batch_seq, e.site_id, e.index), sum(octet_length(e.body)) into v_lines, v_bytes
      from unnest(v_ids, v_times) t(id, received)
      join public.events e on e.tenant_id = v_tenant and e.received = t.received and e.event_id = t.id
      join public.batches b on b.tenant_id = e.tenant_id and b.received = e.received and b.batch_id = e.batch_id
      join public.batch_sites s on s.tenant_id = e.tenant_id and s.received = e.received and s.batch_id = e.batch_id and s.site_id = e.site_id;
    if cardinality(v_lines) <> erased then
      raise exception 'request %: % events found, leaves for % of them', p_request, erased, cardinality(v_lines)
        using errcode = 'LS009', hint = 'nothing was erased; this is damage or a fault: compare events with batch_sites';
    end if;
  end if;
  -- Files and image rows, by day.
  for v_day in
    with gone as (
      delete from public.images m using unnest(v_ids, v_times) t(id, received)
       where m.tenant_id = v_tenant and m.received = t.received and m.event_id = t.id
      returning m.site_id, m.received, m.image_id, m.stored_at, m.bytes)
    select ledger.utc_day(g.received) as day, g.site_id, count(*) as n, sum(g.bytes) as bytes,
           coalesce(array_agg(g.image_id) filter (where g.stored_at is not null), '{}') as files
      from gone g group by 1, 2
  loop
    perform ledger.discard_images(v_erasure, v_day.day, v_day.files, false);
    images := images + v_day.n;
    v_image_bytes := coalesce(v_image_bytes, 0) + v_day.bytes;
    update public.site_days d set images = greatest(d.images - v_day.n, 0), image_bytes = greatest(d.image_bytes - v_day.bytes, 0), images_partial = true
     where d.tenant_id = v_tenant and d.site_id = v_day.site_id and d.day = v_day.day;
  end loop;
  if not v_request.images_only then
    delete from public.event_subjects s using unnest(v_ids, v_times) t(id, received)
     where s.tenant_id = v_tenant and s.received = t.received and s.event_id = t.id;
    for v_day in
      with gone as (
        delete from public.events e using unnest(v_ids, v_times) t(id, received)
         where e.tenant_id = v_tenant and e.received = t.received and e.event_id = t.id
        returning e.site_id, e.received, e.batch_id, e.body)
      select g.site_id, g.received, g.batch_id, count(*) as n, sum(octet_length(g.body)) as bytes from gone g group by 1, 2, 3
    loop
      update public.batch_sites b set remaining = b.remaining - v_day.n
       where b.tenant_id = v_tenant and b.received = v_day.received and b.batch_id = v_day.batch_id and b.site_id = v_day.site_id;
      update public.site_days d set events = greatest(d.events - v_day.n, 0), bytes = greatest(d.bytes - v_day.bytes, 0)
       where d.tenant_id = v_tenant and d.site_id = v_day.site_id and d.day = ledger.utc_day(v_day.received);
    end loop;
    -- The leaves go with the last event of them, the batch's structural unit with the last of all its sites.
    delete from public.batch_sites b using (select distinct t.received from unnest(v_times) t(received)) t
     where b.tenant_id = v_tenant and b.received = t.received and b.remaining = 0;
    delete from public.batches b using (select distinct t.received from unnest(v_times) t(received)) t
     where b.tenant_id = v_tenant and b.received = t.received
       and not exists (select from public.batch_sites s where s.tenant_id = b.tenant_id and s.received = b.received and s.batch_id = b.batch_id);
  end if;
  if v_lines is null then
    outcome := 'nothing';
    return;
  end if;
  erasure_id := v_erasure;
  seq := ledger.entomb(case when v_request.images_only then 'images' else 'events' end, 'request', v_lines, '{}', p_request, p_via, p_correlation,
    null, null, case when v_request.images_only then 0 else erased end, images, 0, coalesce(v_bytes, 0) + coalesce(v_image_bytes, 0), v_erasure);
  outcome := 'erased';
end $$;

-- The holds that keep an audit opening about a subject: on that subject, or over every site and the time of its row.
create function ledger.opening_holds(p_subject bytea, p_at timestamptz) returns uuid[] language sql stable
  begin atomic
    select coalesce(array_agg(h.hold_id order by h.placed_seq), '{}') from public.holds h
     where h.tenant_id = (select app.tenant()) and h.released_at is null
       and (h.subject = p_subject
         or (h.site_id is null and h.kind is null and h.subject is null and h.event_ids is null and ledger.in_range(p_at, h.from_at, h.to_at)));
  end;

-- Erases up to p_limit audit openings that speak of the request's subject. Structural units never go.
create function ledger.erase_request_openings(p_request uuid, p_limit int, p_via text, p_correlation uuid,
  out outcome text, out erasure_id uuid, out seq bigint, out erased bigint, out held bigint, out held_by uuid[])
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_tenant uuid := app.tenant();
  v_request public.erasure_requests;
  v_erasure uuid := gen_random_uuid();
  v_seqs bigint[];
  v_units text[];
  v_lines text[];
  v_bytes bigint;
begin
  held_by := '{}';
  perform ledger.lock_holds_briefly(v_tenant);
  v_request := ledger.check_request(p_request, 'request');
  with found as (
    select o.seq, o.unit::text as unit, o.unit_hash, octet_length(o.content) as bytes, ledger.opening_holds(v_request.subject, r.at) as held_by
      from ledger.openings o join ledger.rows r on r.tenant_id = o.tenant_id and r.seq = o.seq
     where o.tenant_id = v_tenant and o.subjects <> '{}' and v_request.subject = any(o.subjects)
       and o.unit not in ('batch', 'list', 'reason', 'epoch', 'key', 'policy', 'hold')),
  free as (select f.* from found f where f.held_by = '{}' order by f.seq, f.unit limit p_limit)
  select (select array_agg(f.seq order by f.seq, f.unit) from free f), (select array_agg(f.unit order by f.seq, f.unit) from free f),
         (select array_agg('opening ' || f.seq || ' ' || f.unit || ' ' || encode(f.unit_hash, 'hex') || chr(10) order by f.seq, f.unit) from free f),
         (select sum(f.bytes) from free f), (select count(*) from found f where f.held_by <> '{}'),
         (select coalesce(array_agg(distinct h), '{}') from found f, unnest(f.held_by) h)
    into v_seqs, v_units, v_lines, v_bytes, held, held_by;
  erased := coalesce(cardinality(v_seqs), 0);
  if erased = 0 then
    outcome := case when held > 0 then 'held' else 'nothing' end;
    return;
  end if;
  delete from ledger.openings o using unnest(v_seqs, v_units) t(seq, unit)
   where o.tenant_id = v_tenant and o.seq = t.seq and o.unit = t.unit;
  erasure_id := v_erasure;
  seq := ledger.entomb('openings', 'request', v_lines, '{}', p_request, p_via, p_correlation, null, null, 0, 0, erased, v_bytes, v_erasure);
  outcome := 'erased';
end $$;

-- Dead letters and exports are no part of what was hashed: they go with an ordinary row that counts them.
create function ledger.letter_holds(p_letter public.dead_letters) returns boolean language sql stable
  -- Kind and occurrence of a dead letter are unknown, so a hold on a kind or a range keeps it: fail closed.
  begin atomic
    select exists (select from public.holds h
      where h.tenant_id = (select app.tenant()) and h.released_at is null
        and (h.site_id is null or h.site_id = (p_letter).site_id)
        and (h.subject is null or h.subject = any((p_letter).subjects)));
  end;

create function ledger.erase_request_copies(p_request uuid, p_via text, p_correlation uuid,
  out letters bigint, out held bigint, out exports uuid[])
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_tenant uuid := app.tenant();
  v_request public.erasure_requests;
begin
  perform ledger.lock_holds_briefly(v_tenant);
  v_request := ledger.check_request(p_request, 'request');
  select count(*) into held from public.dead_letters l
   where l.tenant_id = v_tenant and v_request.subject = any(l.subjects) and ledger.letter_holds(l);
  delete from public.dead_letters l
   where l.tenant_id = v_tenant and v_request.subject = any(l.subjects) and not ledger.letter_holds(l);
  get diagnostics letters = row_count;
  -- The files go with the exports' own expiry job, which takes every expired export that still has a path.
  with ended as (
    update public.exports x set state = 'expired', expires_at = clock_timestamp()
     where x.tenant_id = v_tenant and v_request.subject = any(x.subjects) and x.state in ('ready', 'running', 'done')
       and not exists (select from public.holds h where h.tenant_id = v_tenant and h.released_at is null and h.subject = v_request.subject)
    returning x.export_id)
  select coalesce(array_agg(e.export_id), '{}') into exports from ended e;
  if letters > 0 or exports <> '{}' then
    perform ledger.append_unchecked('system', 'retention', p_via, 'erasure.copies', 'request', p_request::text, p_correlation, null, null,
      array['detail'], array[jsonb_build_object('deadLetters', letters, 'exports', exports)::text], null, null, null);
  end if;
end $$;

-- Dead letters expire with the event retention of their site.
create function ledger.expire_dead_letters(p_limit int, p_via text, p_correlation uuid, out letters bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare v_tenant uuid := app.tenant();
begin
  perform ledger.lock_holds_briefly(v_tenant);
  delete from public.dead_letters l
   where l.tenant_id = v_tenant and l.letter_id in (
     select d.letter_id from public.dead_letters d, ledger.policy_in_force(d.site_id, clock_timestamp()) p
      where d.tenant_id = v_tenant and p.version is not null
        and ledger.utc_day(d.received) <= ledger.utc_day(clock_timestamp()) - p.event_days and not ledger.letter_holds(d)
      order by d.received limit p_limit);
  get diagnostics letters = row_count;
  if letters > 0 then
    perform ledger.append_unchecked('system', 'retention', p_via, 'dead-letters.expired', 'tenant', v_tenant::text, p_correlation, null, null,
      array['detail'], array[jsonb_build_object('deadLetters', letters)::text], null, null, null);
  end if;
end $$;

grant execute on function ledger.count_request(uuid) to ledgerstone_app, ledgerstone_executor;
grant execute on function ledger.erase_request_events(uuid, int, text, uuid), ledger.erase_request_openings(uuid, int, text, uuid),
  ledger.erase_request_copies(uuid, text, uuid), ledger.expire_dead_letters(int, text, uuid) to ledgerstone_executor;

-- What a hold keeps, by counting. For the console, before and after placing.
create function ledger.count_held(p_hold uuid, out events bigint, out days bigint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare h public.holds;
begin
  select x.* into h from public.holds x where x.tenant_id = app.tenant() and x.hold_id = p_hold;
  if not found or not (app.all_sites() or h.site_id is null or h.site_id = any(app.sites()::uuid[])) then
    raise exception 'no hold %', p_hold using errcode = 'LS404';
  end if;
  select count(*), count(distinct (e.site_id, ledger.utc_day(e.received))) into events, days from public.events e
   where e.tenant_id = h.tenant_id
     and (app.all_sites() or e.site_id = any(app.sites()::uuid[]))
     and (h.site_id is null or e.site_id = h.site_id)
     and (h.kind is null or e.kind = h.kind)
     and (h.event_ids is null or e.event_id = any(h.event_ids))
     and (h.subject is null or exists (select from public.event_subjects s
           where s.tenant_id = e.tenant_id and s.subject = h.subject and s.received = e.received and s.event_id = e.event_id))
     and ((h.from_at is null and h.to_at is null) or ledger.in_range(e.received, h.from_at, h.to_at) or ledger.in_range(e.occurred, h.from_at, h.to_at));
end $$;
grant execute on function ledger.count_held(uuid) to ledgerstone_app;

-- Upkeep of partitions: no row of a tenant is touched ---------------------------------------------------------------------

-- Rewrites a closed day's partitions when more than half of what they held at the last rewrite is gone. CLUSTER, because
-- VACUUM FULL runs neither in a function nor in a transaction. An old snapshot makes it keep dead rows: then `bytes_after`
-- says so and the day stays on the list.
create function app.compact_day(p_day date, out outcome text, out bytes_before bigint, out bytes_after bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_live bigint;
  v_held bigint;
  v_parent text;
  v_child regclass;
  v_index text;
  v_kept_dead boolean;
begin
  outcome := 'nothing';
  if to_regclass('public.events_' || to_char(p_day, 'YYYYMMDD')) is null or p_day >= ledger.utc_day(clock_timestamp()) then
    return;
  end if;
  select coalesce(sum(d.events) filter (where not d.events_erased), 0), coalesce(sum(d.events), 0) into v_live, v_held from app.day_sites(p_day) d;
  select coalesce((select p.events from app.partition_days p where p.day = p_day), v_held) into v_held;
  if v_live * 2 > v_held or v_live = v_held then
    return;
  end if;
  -- A reader of the day makes it fail at once: the caller tries again.
  perform set_config('lock_timeout', '200ms', true);
  -- Read in one pass and sort, instead of walking the index through a table that is mostly holes.
  perform set_config('enable_indexscan', 'off', true);
  perform set_config('maintenance_work_mem', '256MB', true);
  bytes_before := 0;
  bytes_after := 0;
  v_kept_dead := false;
  foreach v_parent in array array['events', 'batch_sites', 'batches', 'event_subjects', 'images'] loop
    v_child := to_regclass('public.' || v_parent || '_' || to_char(p_day, 'YYYYMMDD'));
    bytes_before := bytes_before + pg_total_relation_size(v_child);
    select c.relname into strict v_index from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = v_child and i.indisprimary;
    execute format('cluster %s using %I', v_child, v_index);
    execute format('analyze %s', v_child);
    bytes_after := bytes_after + pg_total_relation_size(v_child);
  end loop;
  -- Sizes follow the rows: far above the live share means that dead rows were kept for somebody's old snapshot.
  v_kept_dead := bytes_after > 1000000 and bytes_after > bytes_before * (v_live::float8 / greatest(v_held, 1) + 0.25);
  if not v_kept_dead then
    insert into app.partition_days (day, events) values (p_day, v_live)
      on conflict (day) do update set events = excluded.events, rewritten_at = clock_timestamp();
  end if;
  outcome := case when v_kept_dead then 'kept-dead' else 'rewritten' end;
end $$;

-- Removes one emptied day. A plain DETACH locks the parent, so it waits 50 ms at most: the caller tries again later.
-- (DETACH CONCURRENTLY runs in no function, and the worker owns no table.)
create function app.drop_day(p_day date) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_suffix text := '_' || to_char(p_day, 'YYYYMMDD');
  v_parents text[] := array['events', 'batch_sites', 'batches', 'event_subjects', 'images'];
  v_parent text;
begin
  if p_day >= ledger.utc_day(clock_timestamp()) then
    return 'open';
  end if;
  if to_regclass('public.events' || v_suffix) is null then
    return 'absent';
  end if;
  if exists (select from app.day_sites(p_day) d where not d.events_erased) then
    return 'occupied';
  end if;
  perform set_config('lock_timeout', '50ms', true);
  foreach v_parent in array v_parents loop
    execute format('lock table only public.%I in access exclusive mode', v_parent || v_suffix);
    if exists (select from app.occupants(v_parent, p_day)) then
      return 'occupied';
    end if;
  end loop;
  foreach v_parent in array v_parents loop
    execute format('alter table public.%I detach partition public.%I', v_parent, v_parent || v_suffix);
    execute format('drop table public.%I', v_parent || v_suffix);
  end loop;
  delete from app.partition_days where day = p_day;
  return 'dropped';
end $$;

-- Drops the dedup keys of a day that no id can name any more: ids older than the longest offline window (60 days) and a
-- day are refused before they are looked up.
create function app.drop_keys_day(p_day date) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare v_child text := 'event_keys_' || to_char(p_day, 'YYYYMMDD');
begin
  if p_day > ledger.utc_day(clock_timestamp()) - 63 then
    return 'open';
  end if;
  if to_regclass('public.' || v_child) is null then
    return 'absent';
  end if;
  perform set_config('lock_timeout', '50ms', true);
  execute format('alter table public.event_keys detach partition public.%I', v_child);
  execute format('drop table public.%I', v_child);
  return 'dropped';
end $$;

-- Days that have partitions, oldest first.
create function app.partitioned_days() returns table (parent text, day date) language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select p.relname::text, to_date(right(c.relname, 8), 'YYYYMMDD')
      from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
     where p.relnamespace = 'public'::regnamespace and p.relname in ('events', 'event_keys') and c.relname ~ '_[0-9]{8}$'
     order by 2, 1;
  end;

grant execute on function app.compact_day(date), app.drop_day(date), app.drop_keys_day(date), app.partitioned_days() to ledgerstone_executor;

-- Down Migration
drop function ledger.count_request(uuid), ledger.erase_request_events(uuid, int, text, uuid), ledger.erase_request_openings(uuid, int, text, uuid),
  ledger.erase_request_copies(uuid, text, uuid), ledger.expire_dead_letters(int, text, uuid), ledger.count_held(uuid),
  app.compact_day(date), app.drop_day(date), app.drop_keys_day(date), app.partitioned_days();
