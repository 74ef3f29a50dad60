-- Up Migration
-- A key does no more than the person behind it may do now, and ends with them; what is tried from a browser that a person is known by
-- is counted apart; and an erased person's requests go with the person.

alter table api_keys
  -- Whose access limits the key: who made it, or made the key that made it. Null: nobody's; it is the tenant's own.
  add column person_id uuid,
  add foreign key (tenant_id, person_id) references users (tenant_id, user_id);
drop index api_keys_maker;
create index api_keys_person on api_keys (tenant_id, person_id) where revoked_at is null;

-- Keys from before: of whom they were made by. Tenant by tenant, each with a row that says so.
do $$
declare
  v_tenant uuid;
  v_tenants uuid[];
  v_keys uuid[];
begin
  set local role ledgerstone_lookup;
  select coalesce(array_agg(t.tenant_id), '{}') into v_tenants from public.tenants t;
  reset role;
  foreach v_tenant in array v_tenants loop
    perform set_config('app.tenant', '', true);
    perform app.bind(v_tenant, null);
    with recursive behind as (
      select k.key_id, substr(k.made_by, 6)::uuid as person from public.api_keys k
       where k.tenant_id = v_tenant and k.made_by ~ '^user [0-9a-f-]{36}$'
      union all
      select k.key_id, b.person from behind b
        join public.api_keys k on k.tenant_id = v_tenant and k.made_by = 'api-key ' || b.key_id),
    limited as (
      update public.api_keys k set person_id = b.person, version = k.version + 1
        from behind b where k.tenant_id = v_tenant and k.key_id = b.key_id
      returning k.key_id)
    select array_agg(l.key_id) into v_keys from limited l;
    continue when v_keys is null;
    perform ledger.append_unchecked('system', 'appliance', 'cli', 'api-keys.limited', 'tenant', v_tenant::text, gen_random_uuid(),
      null, null, array['detail'], array[jsonb_build_object('keys', v_keys)::text], null, null, null);
  end loop;
  perform set_config('app.tenant', '', true);
end $$;

-- Grants that hold now, a person's own and their groups'; of who is not active none, unless it is asked what such a one would have.
create function app.held_grants(p_tenant uuid, p_user uuid, p_if_active boolean)
  returns table (grant_id uuid, builtin_role text, permissions text[], site_ids uuid[]) language sql stable
  begin atomic
    select g.grant_id, g.builtin_role, r.permissions, g.site_ids
      from public.role_grants g
      left join public.roles r on r.tenant_id = g.tenant_id and r.role_id = g.role_id
     where g.tenant_id = p_tenant and g.revoked_at is null and (g.expires_at is null or g.expires_at > clock_timestamp())
       and (g.user_id = p_user
            or g.group_id in (select m.group_id from public.group_members m where m.tenant_id = p_tenant and m.user_id = p_user))
       and (p_if_active
            or exists (select from public.users u where u.tenant_id = p_tenant and u.user_id = p_user and u.active));
  end;
revoke execute on function app.held_grants(uuid, uuid, boolean) from public;
grant execute on function app.held_grants(uuid, uuid, boolean) to ledgerstone_app, ledgerstone_lookup;

-- What a key's request begins with also reads what its person holds: in the same statement, for every request.
create policy lookup on role_grants as permissive for select to ledgerstone_lookup using (true);
create policy lookup on roles as permissive for select to ledgerstone_lookup using (true);
create policy lookup on group_members as permissive for select to ledgerstone_lookup using (true);
grant select (tenant_id, grant_id, user_id, group_id, builtin_role, role_id, site_ids, expires_at, revoked_at) on role_grants
  to ledgerstone_lookup;
grant select (tenant_id, role_id, permissions) on roles to ledgerstone_lookup;
grant select (tenant_id, group_id, user_id) on group_members to ledgerstone_lookup;
grant select (user_id) on users to ledgerstone_lookup;
grant select (person_id) on api_keys to ledgerstone_lookup;
set local role ledgerstone_lookup;
drop function app.api_keys_for_use(text[]);
reset role;
create function app.api_keys_for_use(p_fingerprints text[]) returns table (
    tenant_id uuid, key_id uuid, fingerprint text, hash text, version int, permissions text[], site_ids uuid[],
    ip_allowlist text[], cors_origins text[], revoked boolean, expired boolean, held text)
-- Not sql: that plans its statement anew for every call.
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return query
    select k.tenant_id, k.key_id, k.fingerprint, k.hash, k.version, k.permissions, k.site_ids, k.ip_allowlist::text[],
           k.cors_origins, k.revoked_at is not null, coalesce(k.expires_at <= clock_timestamp(), false),
           case when k.person_id is not null then (
             select coalesce(json_agg(json_build_object('builtinRole', g.builtin_role, 'permissions', g.permissions, 'siteIds', g.site_ids)
                                      order by g.grant_id), '[]')::text
               from app.held_grants(k.tenant_id, k.person_id, false) g) end
      from public.api_keys k
      join public.tenants t on t.tenant_id = k.tenant_id
     where k.fingerprint = any (p_fingerprints) and t.closed_at is null;
end $$;
revoke execute on function app.api_keys_for_use(text[]) from public;
grant execute on function app.api_keys_for_use(text[]) to ledgerstone_app;
alter function app.api_keys_for_use(text[]) owner to ledgerstone_lookup;

-- Tries from a browser that a person is known by are counted apart from those of everybody: whose, for who unlocks or erases them.
alter table sign_in_tries add column user_id uuid;

create or replace function ledger.erase_person(p_request uuid, p_tried bytea[], p_via text, p_correlation uuid,
  out outcome text, out held_by uuid[])
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_tenant uuid := app.tenant();
  v_request public.erasure_requests;
  v_user uuid;
  v_keys uuid[];
  v_sessions int;
  v_factors int;
  v_approval uuid;
begin
  held_by := '{}';
  perform ledger.lock_holds_briefly(v_tenant);
  v_request := ledger.check_request(p_request, 'request');
  v_user := v_request.user_id;
  perform from public.users u where u.tenant_id = v_tenant and u.user_id = v_user and u.erased_at is null for update;
  if not found then
    outcome := 'nothing';
    return;
  end if;
  select coalesce(array_agg(h.hold_id order by h.placed_seq), '{}') into held_by from public.holds h
   where h.tenant_id = v_tenant and h.released_at is null
     and (h.subject = v_request.subject or (h.site_id is null and h.kind is null and h.subject is null and h.event_ids is null));
  if held_by <> '{}' then
    outcome := 'held';
    return;
  end if;
  if app.is_local_owner(v_user) and not exists (
    select from public.users u where u.tenant_id = v_tenant and u.user_id <> v_user and app.is_local_owner(u.user_id)) then
    outcome := 'last-owner';
    return;
  end if;

  delete from public.local_passwords x where x.tenant_id = v_tenant and x.user_id = v_user;
  delete from public.sign_in_links x where x.tenant_id = v_tenant and x.user_id = v_user;
  delete from public.pending_sign_ins x where x.tenant_id = v_tenant and x.user_id = v_user;
  delete from public.factor_challenges x where x.tenant_id = v_tenant and x.user_id = v_user;
  delete from public.recovery_codes x where x.tenant_id = v_tenant and x.user_id = v_user;
  delete from public.factors x where x.tenant_id = v_tenant and x.user_id = v_user;
  get diagnostics v_factors = row_count;
  delete from public.sign_in_tries x where x.tenant_id = v_tenant and (x.name_hash = any(p_tried) or x.user_id = v_user);
  delete from public.sign_in_failures x where x.tenant_id = v_tenant and x.source = v_request.subject;
  delete from public.directory_memberships x where x.tenant_id = v_tenant and x.user_id = v_user;
  delete from public.directory_links x where x.tenant_id = v_tenant and x.user_id = v_user;
  delete from public.scim_users x where x.tenant_id = v_tenant and x.user_id = v_user;
  delete from public.group_members x where x.tenant_id = v_tenant and x.user_id = v_user;
  update public.role_grants x set revoked_at = clock_timestamp() where x.tenant_id = v_tenant and x.user_id = v_user and x.revoked_at is null;
  delete from public.notices x where x.tenant_id = v_tenant and (x.user_id = v_user or x.about = v_user);
  delete from public.notice_settings x where x.tenant_id = v_tenant and x.user_id = v_user;
  delete from public.mails x where x.tenant_id = v_tenant and x.about = v_user;
  delete from public.anomalies x where x.tenant_id = v_tenant and x.entity_type = 'user' and x.entity_id = v_user::text;
  delete from public.known_places x where x.tenant_id = v_tenant and x.user_id = v_user;
  delete from public.idempotency_keys x where x.tenant_id = v_tenant and x.actor_type = 'user' and x.actor_id = v_user::text;
  delete from public.session_use x using public.sessions s
   where x.tenant_id = v_tenant and s.tenant_id = v_tenant and s.session_id = x.session_id and s.user_id = v_user;
  delete from public.sessions x where x.tenant_id = v_tenant and x.user_id = v_user;
  get diagnostics v_sessions = row_count;
  with ended as (
    update public.api_keys x set revoked_at = clock_timestamp(), version = x.version + 1
     where x.tenant_id = v_tenant and x.person_id = v_user and x.revoked_at is null
    returning x.key_id)
  select coalesce(array_agg(e.key_id), '{}') into v_keys from ended e;
  -- What they had asked for is asked by nobody now; what was asked and answered before may name them.
  for v_approval in
    update public.approvals x set state = 'withdrawn', decided_at = clock_timestamp()
     where x.tenant_id = v_tenant and x.person = v_user and x.state = 'pending' returning x.approval_id
  loop
    perform ledger.append_unchecked('system', 'retention', p_via, 'approval.withdrawn', 'approval', v_approval::text, p_correlation, null,
      null, null, null, null, null, null);
  end loop;
  update public.approvals x set request = null
   where x.tenant_id = v_tenant and x.state <> 'pending' and x.request is not null;
  delete from public.approval_answers x where x.tenant_id = v_tenant;
  update public.users x
     set user_name = 'erased-' || v_user, display_name = 'erased', email = null, external_id = null, active = false,
         version = x.version + 1, changed_at = clock_timestamp(), deactivated_at = coalesce(x.deactivated_at, clock_timestamp()),
         erased_at = clock_timestamp()
   where x.tenant_id = v_tenant and x.user_id = v_user;
  perform ledger.append_unchecked('system', 'retention', p_via, 'user.erased', 'user', v_user::text, p_correlation, null, null,
    array['detail'], array[jsonb_build_object('request', p_request, 'sessions', v_sessions, 'factors', v_factors, 'keys', v_keys)::text],
    null, null, null);
  outcome := 'erased';
end $$;

-- Down Migration
set local role ledgerstone_lookup;
drop function app.api_keys_for_use(text[]);
reset role;
drop function app.held_grants(uuid, uuid, boolean);
drop policy lookup on group_members;
drop policy lookup on roles;
drop policy lookup on role_grants;
alter table sign_in_tries drop column user_id;
alter table api_keys drop column person_id;
