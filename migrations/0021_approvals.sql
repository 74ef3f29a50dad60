-- Up Migration
-- The second person: what somebody asked for and another decides on. And the appliance's operator, who sees no tenant's content.

alter table tenants
  -- How long a request waits for a decision.
  add column approval_hours int not null default 72 check (approval_hours between 1 and 720),
  -- What a tenant with one person who could decide gets instead of a second one.
  add column solo_cooling_off_hours int not null default 72 check (solo_cooling_off_hours between 0 and 720),
  -- The operator's own tenant: one, without sites. Its chain is the appliance's.
  add column is_appliance boolean not null default false;
create unique index tenants_appliance on tenants (is_appliance) where is_appliance;
grant update (approval_hours, solo_cooling_off_hours, closed_at) on tenants to ledgerstone_app;

-- What each act of high stakes needs besides its permission. An act without a row has the default of src/identity/approvals/acts.ts.
create table approval_rules (
  tenant_id uuid not null references tenants,
  act ledger.token not null,
  second_person text not null check (second_person in ('off', 'when-two', 'on')),
  -- A role that whoever does the act, or decides on it, holds. Both null: none.
  builtin_role text check (builtin_role in ('owner', 'admin', 'member', 'viewer', 'auditor')),
  role_id uuid,
  primary key (tenant_id, act),
  check (num_nonnulls(builtin_role, role_id) <= 1),
  foreign key (tenant_id, role_id) references roles (tenant_id, role_id)
);
select app.isolate('approval_rules');
select ledger.require_rows_for('approval_rules');
grant select, insert, update on approval_rules to ledgerstone_app;

create table approvals (
  tenant_id uuid not null references tenants,
  approval_id uuid not null,
  act ledger.token not null,
  method text not null check (method in ('post', 'put', 'patch', 'delete')),
  route text not null,
  permission ledger.token not null,
  -- Parameters, query and body as they were sent, under the tenant's data key. Gone 30 days after the end.
  request bytea,
  -- The row approval.requested: commits to all that stands here and does not change.
  seq bigint not null,
  requested_by_type ledger.actor_type not null,
  requested_by text not null,
  -- The person behind it: who asked, or who made the API key that asked. Null: the appliance itself.
  person uuid,
  -- Over which sites the act runs. Null: all.
  site_ids uuid[],
  requested_at timestamptz not null,
  expires_at timestamptz not null,
  -- From when on who asked may confirm it alone. Null: never.
  alone_from timestamptz,
  state text not null default 'pending' check (state in ('pending', 'executed', 'refused', 'withdrawn', 'expired')),
  decided_by uuid,
  decided_at timestamptz,
  primary key (tenant_id, approval_id),
  foreign key (tenant_id, seq) references ledger.rows (tenant_id, seq),
  foreign key (tenant_id, person) references users (tenant_id, user_id),
  foreign key (tenant_id, decided_by) references users (tenant_id, user_id)
);
create index approvals_newest on approvals (tenant_id, seq desc);
create index approvals_pending on approvals (tenant_id, expires_at) where state = 'pending';
create index approvals_kept on approvals (tenant_id, decided_at) where request is not null and state <> 'pending';
select app.isolate('approvals');
-- Who is limited to sites sees requests over his own sites alone.
create policy site_scope on approvals as restrictive for all
  to ledgerstone_app, ledgerstone_ops
  using ((select app.all_sites()) or site_ids <@ (select app.sites())::uuid[])
  with check ((select app.all_sites()) or site_ids <@ (select app.sites())::uuid[]);
select ledger.require_rows_for('approvals');
grant select, insert on approvals to ledgerstone_app;
grant update (request, state, decided_by, decided_at) on approvals to ledgerstone_app;

-- A request's end is an end.
create function app.keep_decision() returns trigger language plpgsql as $$
begin
  if old.state <> 'pending' and new.state <> old.state then
    raise exception 'this request has ended: found %, expected pending', old.state using errcode = 'LS009';
  end if;
  return new;
end $$;
create trigger keep_decision before update on approvals for each row execute function app.keep_decision();
alter table approvals enable always trigger keep_decision;

-- What the act answered, for who had asked. Written after the act: a crash in between loses the answer, never the act.
create table approval_answers (
  tenant_id uuid not null,
  approval_id uuid not null,
  status int not null,
  body bytea not null,
  primary key (tenant_id, approval_id),
  foreign key (tenant_id, approval_id) references approvals (tenant_id, approval_id)
);
select app.isolate('approval_answers');
grant select, insert, delete on approval_answers to ledgerstone_app;

-- Who approved a request for erasure stands in its tombstones.
alter table erasure_requests add column approved_by_type text, add column approved_by text,
  add check (num_nonnulls(approved_by_type, approved_by) in (0, 2));
create or replace function ledger.entomb(
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
        || coalesce('approver ' || r.approved_by_type || ' ' || r.approved_by || chr(10), '')
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

-- People of the bound tenant who may decide on requests over all sites now: owners, and who has a role with approvals:decide.
create function app.deciders() returns setof uuid language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select distinct u.user_id
      from public.role_grants g
      left join public.roles r on r.tenant_id = g.tenant_id and r.role_id = g.role_id
      left join public.group_members m on m.tenant_id = g.tenant_id and m.group_id = g.group_id
      join public.users u on u.tenant_id = g.tenant_id and u.user_id in (g.user_id, m.user_id)
     where g.tenant_id = app.tenant() and u.active and g.site_ids is null and g.revoked_at is null
       and (g.expires_at is null or g.expires_at > clock_timestamp())
       and (g.builtin_role = 'owner' or 'approvals:decide' = any(r.permissions));
  end;
revoke execute on function app.deciders() from public;
grant execute on function app.deciders() to ledgerstone_app;

-- How long a shortening of retention waits. One person alone has nobody to look twice: then it waits longer, unless the tenant has
-- said otherwise.
create function app.cooling_off_hours() returns int language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select case when coalesce((select r.second_person = 'when-two' from public.approval_rules r
                                where r.tenant_id = app.tenant() and r.act = 'retention.shorten'), true)
                 and (select count(*) = 1 from app.deciders())
             then greatest(t.cooling_off_hours, t.solo_cooling_off_hours) else t.cooling_off_hours end
      from public.tenants t where t.tenant_id = app.tenant();
  end;
revoke execute on function app.cooling_off_hours() from public;
grant execute on function app.cooling_off_hours() to ledgerstone_app;

create or replace function ledger.set_policy(
  p_site uuid, p_image_days int, p_event_days int, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, p_detail text,
  out version int, out seq bigint, out effective_at timestamptz
) language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_policy uuid := gen_random_uuid();
  v_now timestamptz;
  current_policy public.policies;
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
  select coalesce(max(p.version), 0) + 1 into version from public.policies p where p.tenant_id = app.tenant() and p.site_id = p_site;
  effective_at := case when current_policy.version is not null
      and (p_image_days < current_policy.image_days or p_event_days < current_policy.event_days)
      then v_now + make_interval(hours => app.cooling_off_hours()) else v_now end;
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

-- Grants that ran out get their row once.
alter table role_grants add column expiry_told boolean not null default false;
grant update (expiry_told) on role_grants to ledgerstone_app;
-- Ended ones, with their role: the ledger keeps what they were.
grant delete on role_grants to ledgerstone_app;
create index role_grants_expiry on role_grants (tenant_id, expires_at) where expires_at is not null and revoked_at is null and not expiry_told;

-- The operator -------------------------------------------------------------------------------------------------------
alter table role_grants drop constraint role_grants_builtin_role_check;
alter table role_grants add constraint role_grants_builtin_role_check
  check (builtin_role in ('owner', 'admin', 'member', 'viewer', 'auditor', 'superadmin'));

-- In the operator's tenant nobody has another role, and nobody has this one elsewhere.
create function app.keep_operator_apart() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if (select t.is_appliance from public.tenants t where t.tenant_id = new.tenant_id) is distinct from (coalesce(new.builtin_role, '') = 'superadmin') then
    raise exception 'the role superadmin is of the operator''s tenant, and no other role is' using errcode = 'LS007';
  end if;
  return new;
end $$;
create trigger keep_operator_apart before insert on role_grants for each row execute function app.keep_operator_apart();
alter table role_grants enable always trigger keep_operator_apart;

grant select (name, created_at, is_appliance) on tenants to ledgerstone_lookup;
create policy lookup on sites as permissive for select to ledgerstone_lookup using (true);
grant select (tenant_id, closed_at) on sites to ledgerstone_lookup;
create policy lookup on users as permissive for select to ledgerstone_lookup using (true);
grant select (tenant_id, active) on users to ledgerstone_lookup;
create policy lookup on tenant_usage as permissive for select to ledgerstone_lookup using (true);
grant select (tenant_id, day, events, bytes, exports, rejected) on tenant_usage to ledgerstone_lookup;
grant select (tenant_id, revoked_at) on devices to ledgerstone_lookup;
grant select (tenant_id, state, run_after) on tasks to ledgerstone_lookup;

create function app.appliance_tenant() returns uuid language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic select t.tenant_id from public.tenants t where t.is_appliance; end;

-- Names and counts, no content; for the operator's tenant alone.
create function app.tenant_overview() returns table (
    tenant_id uuid, name text, slug text, created_at timestamptz, closed_at timestamptz,
    sites int, devices int, people int, events bigint, bytes bigint, exports bigint)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select t.tenant_id, t.name, t.slug, t.created_at, t.closed_at,
           (select count(*)::int from public.sites s where s.tenant_id = t.tenant_id and s.closed_at is null),
           (select count(*)::int from public.devices d where d.tenant_id = t.tenant_id and d.revoked_at is null),
           (select count(*)::int from public.users u where u.tenant_id = t.tenant_id and u.active),
           coalesce(u.events, 0)::bigint, coalesce(u.bytes, 0)::bigint, coalesce(u.exports, 0)::bigint
      from public.tenants t
      left join lateral (select sum(y.events) as events, sum(y.bytes) as bytes, sum(y.exports) as exports
                           from public.tenant_usage y
                          where y.tenant_id = t.tenant_id and y.day > (clock_timestamp() at time zone 'UTC')::date - 30) u on true
     where not t.is_appliance and app.tenant() = (select a.tenant_id from public.tenants a where a.is_appliance)
     order by lower(t.name), t.tenant_id;
  end;

create function app.appliance_tasks() returns table (state text, tasks bigint, overdue bigint)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select k.state, count(*), count(*) filter (where k.run_after < clock_timestamp() - interval '10 minutes' and k.state = 'ready')
      from public.tasks k
     where app.tenant() = (select a.tenant_id from public.tenants a where a.is_appliance)
     group by k.state order by k.state;
  end;

-- The operator's tenant; made once.
create function ledger.open_appliance(p_tenant uuid, p_correlation uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform ledger.open_chain(p_tenant, 'Appliance', p_correlation);
  update public.tenants set is_appliance = true where tenant_id = p_tenant;
end $$;

-- What the operator did to a tenant stands in the appliance's chain too, in the same transaction. After the tenant's own row:
-- nobody locks the appliance's head before another.
create function ledger.append_to_appliance(
  p_actor_type text, p_actor_id text, p_via text, p_action text, p_entity_type text, p_entity_id text, p_correlation uuid, p_detail text,
  out seq bigint
) language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_bound text := current_setting('app.tenant', true);
  v_appliance uuid := app.appliance_tenant();
begin
  if v_appliance is null then
    return;
  end if;
  if p_action !~ '^appliance\.' then
    raise exception 'action % is not of the appliance', p_action using errcode = 'LS004';
  end if;
  perform set_config('app.tenant', v_appliance::text, true);
  select a.seq into append_to_appliance.seq
    from ledger.append_unchecked(p_actor_type, p_actor_id, p_via, p_action, p_entity_type, p_entity_id, p_correlation,
      null, null, array['detail'], array[p_detail], null, null, null) a;
  perform set_config('app.tenant', coalesce(v_bound, ''), true);
end $$;

-- A closed tenant's people are out with their next request. Its owner alone may change the function.
set local role ledgerstone_lookup;
create or replace function app.find_session(p_token_hash bytea) returns table (tenant_id uuid, session_id uuid)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select s.tenant_id, s.session_id
      from public.sessions s
      join public.tenants t on t.tenant_id = s.tenant_id
     where s.token_hash = p_token_hash and t.closed_at is null;
  end;
reset role;

revoke execute on function app.appliance_tenant(), app.tenant_overview(), app.appliance_tasks(), ledger.open_appliance(uuid, uuid),
  ledger.append_to_appliance(text, text, text, text, text, text, uuid, text), app.keep_decision(), app.keep_operator_apart() from public;
grant execute on function app.appliance_tenant(), app.tenant_overview(), app.appliance_tasks(), ledger.open_appliance(uuid, uuid),
  ledger.append_to_appliance(text, text, text, text, text, text, uuid, text) to ledgerstone_app;
-- Last: a function's grants are its owner's to give.
alter function app.appliance_tenant() owner to ledgerstone_lookup;
alter function app.tenant_overview() owner to ledgerstone_lookup;
alter function app.appliance_tasks() owner to ledgerstone_lookup;
-- The owner's own definer functions call it.
set local role ledgerstone_lookup;
grant execute on function app.appliance_tenant() to ledgerstone_owner;
reset role;

-- Down Migration
drop function ledger.append_to_appliance(text, text, text, text, text, text, uuid, text), ledger.open_appliance(uuid, uuid),
  app.appliance_tasks(), app.tenant_overview(), app.appliance_tenant();
drop policy lookup on tenant_usage;
drop policy lookup on users;
drop policy lookup on sites;
drop trigger keep_operator_apart on role_grants;
drop function app.keep_operator_apart();
alter table role_grants drop column expiry_told;
drop table approval_answers, approvals, approval_rules;
drop function app.keep_decision();
alter table erasure_requests drop column approved_by_type, drop column approved_by;
drop index tenants_appliance;
alter table tenants drop column approval_hours, drop column solo_cooling_off_hours, drop column is_appliance;
