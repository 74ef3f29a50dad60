-- Up Migration
-- A person asks for an erasure: intake, identity, decision, clock. What is then erased are erasure requests, as ever.

alter table tenants
  -- The public page by which anybody can ask.
  add column erasure_page boolean not null default false,
  -- Whether the clock stands while somebody's identity is being asked for.
  add column erasure_pauses boolean not null default false,
  -- How long after its end a case keeps what the person wrote.
  add column erasure_case_days int not null default 30 check (erasure_case_days between 1 and 3650);
grant update (erasure_page, erasure_pauses, erasure_case_days) on tenants to ledgerstone_app, ledgerstone_ops;
grant select (erasure_page) on tenants to ledgerstone_lookup;

create table erasure_cases (
  tenant_id uuid not null references tenants,
  case_id uuid not null default gen_random_uuid(),
  channel text not null check (channel in ('page', 'staff')),
  law text not null default 'gdpr' check (law in ('gdpr', 'ccpa')),
  state text not null
    check (state in ('unconfirmed', 'received', 'identifying', 'identified', 'accepted', 'refused', 'executed')),
  received_at timestamptz not null,
  -- The last UTC day on which an answer is in time, without the days that a pause still adds.
  due_on date not null,
  extended boolean not null default false,
  -- The UTC day since which the clock stands, and how many days it stood before.
  paused_on date,
  paused_days int not null default 0 check (paused_days >= 0),
  -- Name, address and words of who asks, under the tenant's data key. Gone erasure_case_days after the end.
  sealed bytea,
  -- HMAC of the e-mail address: one confirmation a day goes to an address.
  sender bytea check (octet_length(sender) = 32),
  -- SHA-256 of the token in the confirmation's link.
  confirm_hash bytea check (octet_length(confirm_hash) = 32),
  confirmed_at timestamptz,
  identity_method ledger.token,
  identified_by_type text,
  identified_by text,
  identified_at timestamptz,
  decided_by_type text,
  decided_by text,
  decided_at timestamptz,
  closed_at timestamptz,
  soon_told_at timestamptz,
  overdue_told_at timestamptz,
  primary key (tenant_id, case_id),
  check ((state = 'unconfirmed') = (confirm_hash is not null)),
  check ((state in ('executed', 'refused')) = (closed_at is not null))
);
create index erasure_cases_newest on erasure_cases (tenant_id, received_at, case_id);
create index erasure_cases_open on erasure_cases (tenant_id, due_on) where closed_at is null;
select app.isolate('erasure_cases');
select ledger.require_rows_for('erasure_cases');
grant select, insert, update, delete on erasure_cases to ledgerstone_app;

alter table erasure_requests
  add column case_id uuid,
  -- The account whose personal columns go with it.
  add column user_id uuid,
  add foreign key (tenant_id, case_id) references erasure_cases (tenant_id, case_id),
  add foreign key (tenant_id, user_id) references users (tenant_id, user_id);
create index erasure_requests_case on erasure_requests (tenant_id, case_id) where case_id is not null;

-- The tenant of a public page, while the page is switched on.
create function app.find_erasure_page(p_slug text) returns uuid
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select t.tenant_id from public.tenants t where t.slug = p_slug and t.erasure_page and t.closed_at is null;
  end;
revoke execute on function app.find_erasure_page(text) from public;
grant execute on function app.find_erasure_page(text) to ledgerstone_app;
alter function app.find_erasure_page(text) owner to ledgerstone_lookup;

-- What the appliance keeps of a person as a person, for a request that names their account. Holds on them, or over everything, keep
-- it; the last local owner stays until another one is made. Openings about them go by ledger.erase_request_openings, afterwards.
create function ledger.erase_person(p_request uuid, p_tried bytea[], p_via text, p_correlation uuid,
  out outcome text, out held_by uuid[])
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_tenant uuid := app.tenant();
  v_request public.erasure_requests;
  v_user uuid;
  v_keys uuid[];
  v_sessions int;
  v_factors int;
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
  delete from public.sign_in_tries x where x.tenant_id = v_tenant and x.name_hash = any(p_tried);
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
     where x.tenant_id = v_tenant and x.made_by = 'user ' || v_user and x.revoked_at is null
    returning x.key_id)
  select coalesce(array_agg(e.key_id), '{}') into v_keys from ended e;
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

-- Whether somebody is an active local account that is owner over all sites for good: who gets in when nobody else does.
create function app.is_local_owner(p_user uuid) returns boolean language sql stable
  begin atomic
    select exists (
      select from public.users u join public.role_grants g on g.tenant_id = u.tenant_id
       where u.tenant_id = (select app.tenant()) and u.user_id = p_user and u.active and u.source = 'local'
         and g.builtin_role = 'owner' and g.site_ids is null and g.revoked_at is null and g.expires_at is null
         and (g.user_id = u.user_id or g.group_id in (
               select m.group_id from public.group_members m where m.tenant_id = u.tenant_id and m.user_id = u.user_id)));
  end;
revoke execute on function app.is_local_owner(uuid) from public;
grant execute on function app.is_local_owner(uuid) to ledgerstone_app;
grant execute on function ledger.erase_person(uuid, bytea[], text, uuid) to ledgerstone_executor;

-- Down Migration
drop function ledger.erase_person(uuid, bytea[], text, uuid), app.is_local_owner(uuid);
drop function app.find_erasure_page(text);
alter table erasure_requests drop column case_id, drop column user_id;
drop table erasure_cases;
alter table tenants drop column erasure_page, drop column erasure_pauses, drop column erasure_case_days;
