-- Up Migration
-- Policies, holds, erasures, exports: the tables and the control actions that need no erasing.
-- The erase functions are in the next migration.

-- Versions, never changed. In force at T: the highest seq with effective_at <= T.
create table policies (
  tenant_id uuid not null,
  site_id uuid not null,
  version int not null check (version >= 1),
  policy_id uuid not null default gen_random_uuid(),
  seq bigint not null,
  image_days int not null check (image_days between 1 and 3650),
  event_days int not null check (event_days between 1 and 3650),
  decided_at timestamptz not null,
  effective_at timestamptz not null,
  primary key (tenant_id, site_id, version),
  check (image_days <= event_days),
  foreign key (tenant_id, site_id) references sites (tenant_id, site_id),
  foreign key (tenant_id, seq) references ledger.rows (tenant_id, seq)
);
select app.isolate('policies', 'site_id');
select ledger.require_rows_for('policies');
create trigger insert_only before update or delete or truncate on policies for each statement execute function ledger.refuse_rewrite();
grant select on policies to ledgerstone_app, ledgerstone_executor, ledgerstone_ops;

create table holds (
  tenant_id uuid not null references tenants,
  hold_id uuid not null default gen_random_uuid(),
  -- Null: every site.
  site_id uuid,
  from_at timestamptz,
  to_at timestamptz,
  kind ledger.token,
  subject bytea,
  event_ids uuid[],
  case_number text not null check (length(case_number) between 1 and 200),
  reason text not null check (length(reason) between 1 and 2000),
  owner text not null check (length(owner) between 1 and 200),
  review_on date not null,
  placed_at timestamptz not null,
  placed_seq bigint not null,
  released_at timestamptz,
  released_seq bigint,
  primary key (tenant_id, hold_id),
  check (from_at is null or to_at is null or from_at < to_at),
  foreign key (tenant_id, site_id) references sites (tenant_id, site_id),
  foreign key (tenant_id, placed_seq) references ledger.rows (tenant_id, seq)
);
create index holds_open on holds (tenant_id) where released_at is null;
select app.isolate('holds');
create policy site_scope on holds as restrictive for all to ledgerstone_app, ledgerstone_ops
  using ((select app.all_sites()) or site_id is null or site_id = any((select app.sites())::uuid[]))
  with check ((select app.all_sites()) or site_id = any((select app.sites())::uuid[]));
select ledger.require_rows_for('holds');
grant select on holds to ledgerstone_app, ledgerstone_executor, ledgerstone_ops;

-- Someone asked for an erasure: subjects, events. Retention needs none.
create table erasure_requests (
  tenant_id uuid not null references tenants,
  request_id uuid not null default gen_random_uuid(),
  basis text not null check (basis in ('request', 'hold-release', 'offboarding')),
  subject bytea,
  event_ids uuid[],
  requested_by_type text not null,
  requested_by text not null,
  seq bigint not null,
  requested_at timestamptz not null,
  state text not null default 'open' check (state in ('open', 'held', 'done', 'cancelled')),
  finished_at timestamptz,
  primary key (tenant_id, request_id),
  check ((subject is null) <> (event_ids is null) or basis <> 'request'),
  foreign key (tenant_id, seq) references ledger.rows (tenant_id, seq)
);
select app.isolate('erasure_requests');
select ledger.require_rows_for('erasure_requests');
grant select, insert on erasure_requests to ledgerstone_app;
grant update (state, finished_at) on erasure_requests to ledgerstone_app, ledgerstone_executor;
grant select on erasure_requests to ledgerstone_executor, ledgerstone_ops;

-- One tombstone's run: what the console and the certificate tell of it.
create table erasures (
  tenant_id uuid not null references tenants,
  erasure_id uuid not null,
  seq bigint not null,
  basis text not null check (basis in ('retention', 'request', 'hold-release', 'offboarding')),
  request_id uuid,
  at timestamptz not null,
  events bigint not null default 0,
  images bigint not null default 0,
  openings bigint not null default 0,
  bytes bigint not null default 0,
  files_pending bigint not null default 0,
  files_gone_at timestamptz,
  journalled_at timestamptz,
  primary key (tenant_id, erasure_id),
  foreign key (tenant_id, seq) references ledger.rows (tenant_id, seq),
  foreign key (tenant_id, request_id) references erasure_requests (tenant_id, request_id)
);
create index erasures_seq on erasures (tenant_id, seq);
select app.isolate('erasures');
grant select on erasures to ledgerstone_app, ledgerstone_executor, ledgerstone_ops;
grant update (files_pending, files_gone_at, journalled_at) on erasures to ledgerstone_app, ledgerstone_executor;

create table exports (
  tenant_id uuid not null references tenants,
  export_id uuid not null default gen_random_uuid(),
  -- The wanted scope: sites, range, event ids, units withheld, encryption recipient. No secret, nothing personal.
  scope json not null,
  state text not null default 'ready' check (state in ('ready', 'running', 'done', 'failed', 'expired')),
  path text,
  bytes bigint,
  sha256 bytea,
  events bigint,
  images bigint,
  made_by_type text not null,
  made_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  expires_at timestamptz,
  -- HMACs of the subjects it disclosed, for erasure certificates.
  subjects bytea[] not null default '{}',
  error text,
  primary key (tenant_id, export_id)
);
select app.isolate('exports');
select ledger.require_rows_for('exports');
grant select, insert, update on exports to ledgerstone_app;
grant select on exports to ledgerstone_executor, ledgerstone_ops;

-- Control actions -----------------------------------------------------------------------------------------------------

-- Sets a site's policy. Shortening waits for the tenant's cooling-off; lengthening and cancelling are immediate.
create function ledger.set_policy(
  p_site uuid, p_image_days int, p_event_days int, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, p_detail text,
  out version int, out seq bigint, out effective_at timestamptz
) language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_policy uuid := gen_random_uuid();
  v_now timestamptz;
  current_policy public.policies;
  v_cooling interval;
begin
  if not (app.all_sites() or p_site = any(app.sites()::uuid[])) then
    raise exception 'site % is outside your sites', p_site using errcode = '42501';
  end if;
  perform 1 from public.sites s where s.tenant_id = app.tenant() and s.site_id = p_site for update;
  if not found then
    raise exception 'no site %', p_site using errcode = 'LS404';
  end if;
  if p_image_days > p_event_days then
    raise exception 'image retention % days exceeds event retention % days', p_image_days, p_event_days
      using errcode = 'LS007', hint = 'an image cannot outlive its event: lengthen the event retention too';
  end if;
  -- The head's lock before the clock: effective is never before the row's own time.
  select greatest(clock_timestamp(), h.at) into v_now from ledger.chain_heads h where h.tenant_id = app.tenant() for update;
  select p.* into current_policy from public.policies p
   where p.tenant_id = app.tenant() and p.site_id = p_site and p.effective_at <= v_now order by p.version desc limit 1;
  select make_interval(hours => t.cooling_off_hours) into v_cooling from public.tenants t where t.tenant_id = app.tenant();
  select coalesce(max(p.version), 0) + 1 into version from public.policies p where p.tenant_id = app.tenant() and p.site_id = p_site;
  effective_at := case when current_policy.version is not null
      and (p_image_days < current_policy.image_days or p_event_days < current_policy.event_days) then v_now + v_cooling else v_now end;
  select a.seq into seq from ledger.append_unchecked(p_actor_type, p_actor_id, p_via, 'ledger.policy', 'policy', v_policy::text, p_correlation,
    null, null,
    case when p_detail is null then array['policy'] else array['detail', 'policy'] end,
    case when p_detail is null then '{}'::text[] else array[p_detail] end || array[
      'site ' || p_site || chr(10) || 'version ' || version || chr(10) || 'image-days ' || p_image_days || chr(10)
      || 'event-days ' || p_event_days || chr(10) || 'effective ' || ledger.timestamp_text(effective_at) || chr(10)],
    null, null, null, v_now) a;
  insert into public.policies (tenant_id, site_id, version, policy_id, seq, image_days, event_days, decided_at, effective_at)
    values (app.tenant(), p_site, set_policy.version, v_policy, set_policy.seq, p_image_days, p_event_days, v_now, set_policy.effective_at);
end $$;
grant execute on function ledger.set_policy(uuid, int, int, text, text, text, uuid, text) to ledgerstone_app;

-- The lock that placing a hold and erasing share, per tenant; whole-day truncation takes it for all its tenants.
create function ledger.lock_holds(p_tenant uuid) returns void language sql volatile
  return pg_advisory_xact_lock(hashtext('ledgerstone.holds'), hashtext(p_tenant::text));

create function ledger.place_hold(
  p_hold uuid, p_site uuid, p_from timestamptz, p_to timestamptz, p_kind text, p_subject bytea, p_event_ids uuid[],
  p_case text, p_reason text, p_owner text, p_review_on date,
  p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, out seq bigint, out placed_at timestamptz
) language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_subjects jsonb := case when p_subject is null then '[[], []]'::jsonb else jsonb_build_array(jsonb_build_array(encode(p_subject, 'hex')), '[]'::jsonb) end;
begin
  if not (app.all_sites() or p_site = any(app.sites()::uuid[])) then
    raise exception 'a hold over sites outside yours is refused' using errcode = '42501';
  end if;
  perform ledger.lock_holds(app.tenant());
  select a.seq, a.at into seq, placed_at from ledger.append_unchecked(p_actor_type, p_actor_id, p_via, 'ledger.hold.placed', 'hold', p_hold::text, p_correlation,
    null, null, array['detail', 'hold'], array[
      jsonb_build_object('case', p_case, 'reason', p_reason, 'owner', p_owner, 'reviewOn', p_review_on, 'eventIds', p_event_ids)::text,
      'hold ' || p_hold || chr(10) || 'site ' || coalesce(p_site::text, '*') || chr(10)
      || 'from ' || coalesce(ledger.timestamp_text(p_from), '-') || chr(10) || 'to ' || coalesce(ledger.timestamp_text(p_to), '-') || chr(10)
      || 'kind ' || coalesce(p_kind, '*') || chr(10)
      || 'narrowed ' || case when p_subject is null and p_event_ids is null then 'no' else 'yes' end || chr(10)],
    v_subjects, null, null) a;
  insert into public.holds (tenant_id, hold_id, site_id, from_at, to_at, kind, subject, event_ids, case_number, reason, owner, review_on, placed_at, placed_seq)
    values (app.tenant(), p_hold, p_site, p_from, p_to, p_kind, p_subject, p_event_ids, p_case, p_reason, p_owner, p_review_on, place_hold.placed_at, place_hold.seq);
end $$;
grant execute on function ledger.place_hold(uuid, uuid, timestamptz, timestamptz, text, bytea, uuid[], text, text, text, date, text, text, text, uuid) to ledgerstone_app;

create function ledger.release_hold(
  p_hold uuid, p_reason text, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, out seq bigint, out released_at timestamptz
) language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare v_hold public.holds;
begin
  perform ledger.lock_holds(app.tenant());
  select h.* into v_hold from public.holds h where h.tenant_id = app.tenant() and h.hold_id = p_hold and h.released_at is null for update;
  if not found then
    raise exception 'no open hold %', p_hold using errcode = 'LS404';
  end if;
  if not (app.all_sites() or v_hold.site_id = any(app.sites()::uuid[])) then
    raise exception 'hold % covers sites outside yours', p_hold using errcode = '42501';
  end if;
  select a.seq, a.at into seq, released_at from ledger.append_unchecked(p_actor_type, p_actor_id, p_via, 'ledger.hold.released', 'hold', p_hold::text, p_correlation,
    null, null, array['detail', 'hold'], array[jsonb_build_object('reason', p_reason)::text, 'hold ' || p_hold || chr(10)], null, null, null) a;
  update public.holds h set released_at = release_hold.released_at, released_seq = release_hold.seq
   where h.tenant_id = app.tenant() and h.hold_id = p_hold;
end $$;
grant execute on function ledger.release_hold(uuid, text, text, text, text, uuid) to ledgerstone_app;

-- Down Migration
drop table exports, erasures, erasure_requests, holds, policies cascade;
