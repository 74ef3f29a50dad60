-- What the migrations make, for readers and reviewers. Written by: node appliance/schema-dump.ts

CREATE SCHEMA app;

ALTER SCHEMA app OWNER TO ledgerstone_owner;

CREATE SCHEMA ledger;

ALTER SCHEMA ledger OWNER TO ledgerstone_owner;

CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;

CREATE DOMAIN ledger.actor_type AS text
	CONSTRAINT actor_type_check CHECK ((VALUE = ANY (ARRAY['user'::text, 'api-key'::text, 'device'::text, 'scim'::text, 'system'::text, 'ops'::text, 'agent'::text])));

ALTER DOMAIN ledger.actor_type OWNER TO ledgerstone_owner;

CREATE DOMAIN ledger.channel AS text
	CONSTRAINT channel_check CHECK ((VALUE = ANY (ARRAY['web'::text, 'api'::text, 'mqtt'::text, 'edge'::text, 'cli'::text, 'cron'::text, 'saml'::text, 'scim'::text, 'ldap'::text, 'webhook'::text, 'mcp'::text, 'assist'::text, 'agent'::text, 'sql'::text])));

ALTER DOMAIN ledger.channel OWNER TO ledgerstone_owner;

CREATE DOMAIN ledger.hash AS bytea
	CONSTRAINT hash_check CHECK ((octet_length(VALUE) = 32));

ALTER DOMAIN ledger.hash OWNER TO ledgerstone_owner;

CREATE DOMAIN ledger.named_hashes AS text
	CONSTRAINT named_hashes_check CHECK (((VALUE = ''::text) OR (VALUE ~ '^((commit|unit) [A-Za-z0-9._:@/+-]+ [0-9a-f]{64}\n)+$'::text)));

ALTER DOMAIN ledger.named_hashes OWNER TO ledgerstone_owner;

CREATE DOMAIN ledger.ordinal AS bigint
	CONSTRAINT ordinal_check CHECK ((VALUE >= 1));

ALTER DOMAIN ledger.ordinal OWNER TO ledgerstone_owner;

CREATE DOMAIN ledger.positive AS integer
	CONSTRAINT positive_check CHECK ((VALUE >= 1));

ALTER DOMAIN ledger.positive OWNER TO ledgerstone_owner;

CREATE DOMAIN ledger.salt AS bytea
	CONSTRAINT salt_check CHECK ((octet_length(VALUE) = 32));

ALTER DOMAIN ledger.salt OWNER TO ledgerstone_owner;

CREATE DOMAIN ledger.token AS text
	CONSTRAINT token_check CHECK ((((octet_length(VALUE) >= 1) AND (octet_length(VALUE) <= 128)) AND (VALUE !~ '[^A-Za-z0-9._:@/+-]'::text)));

ALTER DOMAIN ledger.token OWNER TO ledgerstone_owner;

CREATE FUNCTION app.all_sites() RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (COALESCE(current_setting('app.all_sites'::text, true), ''::text) = 'on'::text);

ALTER FUNCTION app.all_sites() OWNER TO ledgerstone_owner;

CREATE FUNCTION app.api_keys_for_use(p_fingerprints text[]) RETURNS TABLE(tenant_id uuid, key_id uuid, fingerprint text, hash text, version integer, permissions text[], site_ids uuid[], ip_allowlist text[], cors_origins text[], revoked boolean, expired boolean, held text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION app.api_keys_for_use(p_fingerprints text[]) OWNER TO ledgerstone_lookup;

CREATE FUNCTION app.tenant() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('app.tenant'::text, true), ''::text))::uuid;

ALTER FUNCTION app.tenant() OWNER TO ledgerstone_owner;

CREATE TABLE public.tasks (
    tenant_id uuid NOT NULL,
    task_id uuid DEFAULT gen_random_uuid() NOT NULL,
    kind ledger.token NOT NULL,
    arguments json NOT NULL,
    key text NOT NULL,
    state text DEFAULT 'ready'::text NOT NULL,
    fence bigint DEFAULT 0 NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    run_after timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    lease_until timestamp with time zone,
    done bigint DEFAULT 0 NOT NULL,
    total bigint,
    note text,
    result json,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT tasks_key_check CHECK (((length(key) >= 1) AND (length(key) <= 300))),
    CONSTRAINT tasks_state_check CHECK ((state = ANY (ARRAY['ready'::text, 'running'::text, 'waiting'::text, 'done'::text, 'failed'::text, 'cancelled'::text])))
);

ALTER TABLE ONLY public.tasks FORCE ROW LEVEL SECURITY;

ALTER TABLE public.tasks OWNER TO ledgerstone_owner;

CREATE TABLE public.tenants (
    tenant_id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    cooling_off_hours integer DEFAULT 24 NOT NULL,
    plain_mqtt boolean DEFAULT false NOT NULL,
    event_quota_per_day bigint DEFAULT 20000000 NOT NULL,
    byte_quota_per_day bigint DEFAULT '1099511627776'::bigint NOT NULL,
    export_quota_per_day integer DEFAULT 100 NOT NULL,
    closed_at timestamp with time zone,
    slug text NOT NULL,
    session_idle_minutes integer DEFAULT 30 NOT NULL,
    session_hours integer DEFAULT 12 NOT NULL,
    mfa_required boolean DEFAULT false NOT NULL,
    session_retention_days integer DEFAULT 90 NOT NULL,
    approval_hours integer DEFAULT 72 NOT NULL,
    solo_cooling_off_hours integer DEFAULT 72 NOT NULL,
    is_appliance boolean DEFAULT false NOT NULL,
    erasure_page boolean DEFAULT false NOT NULL,
    erasure_pauses boolean DEFAULT false NOT NULL,
    erasure_case_days integer DEFAULT 30 NOT NULL,
    setup_skipped text[] DEFAULT '{}'::text[] NOT NULL,
    setup_dismissed boolean DEFAULT false NOT NULL,
    CONSTRAINT tenants_approval_hours_check CHECK (((approval_hours >= 1) AND (approval_hours <= 720))),
    CONSTRAINT tenants_byte_quota_per_day_check CHECK ((byte_quota_per_day > 0)),
    CONSTRAINT tenants_cooling_off_hours_check CHECK (((cooling_off_hours >= 0) AND (cooling_off_hours <= 720))),
    CONSTRAINT tenants_erasure_case_days_check CHECK (((erasure_case_days >= 1) AND (erasure_case_days <= 3650))),
    CONSTRAINT tenants_event_quota_per_day_check CHECK ((event_quota_per_day > 0)),
    CONSTRAINT tenants_export_quota_per_day_check CHECK ((export_quota_per_day > 0)),
    CONSTRAINT tenants_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT tenants_session_hours_check CHECK (((session_hours >= 1) AND (session_hours <= 168))),
    CONSTRAINT tenants_session_idle_minutes_check CHECK (((session_idle_minutes >= 5) AND (session_idle_minutes <= 1440))),
    CONSTRAINT tenants_session_retention_days_check CHECK (((session_retention_days >= 1) AND (session_retention_days <= 3650))),
    CONSTRAINT tenants_setup_skipped_check CHECK ((setup_skipped <@ ARRAY['second-factor'::text, 'second-owner'::text, 'certificate'::text, 'saml'::text, 'site'::text, 'device'::text])),
    CONSTRAINT tenants_slug_check CHECK ((slug ~ '^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$'::text)),
    CONSTRAINT tenants_solo_cooling_off_hours_check CHECK (((solo_cooling_off_hours >= 0) AND (solo_cooling_off_hours <= 720)))
);

ALTER TABLE ONLY public.tenants FORCE ROW LEVEL SECURITY;

ALTER TABLE public.tenants OWNER TO ledgerstone_owner;

CREATE FUNCTION app.appliance_tasks() RETURNS TABLE(state text, tasks bigint, overdue bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT k.state,
     count(*) AS count,
     count(*) FILTER (WHERE ((k.run_after < (clock_timestamp() - '00:10:00'::interval)) AND (k.state = 'ready'::text))) AS count
    FROM public.tasks k
   WHERE (app.tenant() = ( SELECT a.tenant_id
            FROM public.tenants a
           WHERE a.is_appliance))
   GROUP BY k.state
   ORDER BY k.state;
END;

ALTER FUNCTION app.appliance_tasks() OWNER TO ledgerstone_lookup;

CREATE FUNCTION app.appliance_tenant() RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT t.tenant_id
    FROM public.tenants t
   WHERE t.is_appliance;
END;

ALTER FUNCTION app.appliance_tenant() OWNER TO ledgerstone_lookup;

CREATE FUNCTION app.bind(p_tenant uuid, p_sites uuid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare setting text;
begin
  if p_tenant is null then
    raise exception 'no tenant to bind: found null, expected a tenant id' using errcode = 'LS001';
  end if;
  if app.tenant() is not null and app.tenant() <> p_tenant then
    raise exception 'this transaction is bound to another tenant: open a new transaction' using errcode = 'LS001';
  end if;
  -- Assignments, not PERFORM: plpgsql then needs no query for each.
  setting := set_config('app.tenant', p_tenant::text, true);
  setting := set_config('app.all_sites', case when p_sites is null then 'on' else 'off' end, true);
  setting := set_config('app.sites', coalesce(p_sites, '{}')::text, true);
end $$;

ALTER FUNCTION app.bind(p_tenant uuid, p_sites uuid[]) OWNER TO ledgerstone_owner;

CREATE FUNCTION app.compact_day(p_day date, OUT outcome text, OUT bytes_before bigint, OUT bytes_after bigint) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION app.compact_day(p_day date, OUT outcome text, OUT bytes_before bigint, OUT bytes_after bigint) OWNER TO ledgerstone_owner;

CREATE TABLE public.group_members (
    tenant_id uuid NOT NULL,
    group_id uuid NOT NULL,
    user_id uuid NOT NULL
);

ALTER TABLE ONLY public.group_members FORCE ROW LEVEL SECURITY;

ALTER TABLE public.group_members OWNER TO ledgerstone_owner;

CREATE TABLE public.role_grants (
    tenant_id uuid NOT NULL,
    grant_id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid,
    group_id uuid,
    builtin_role text,
    role_id uuid,
    site_ids uuid[],
    origin text DEFAULT 'manual'::text NOT NULL,
    granted_by text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    expiry_told boolean DEFAULT false NOT NULL,
    CONSTRAINT role_grants_builtin_role_check CHECK ((builtin_role = ANY (ARRAY['owner'::text, 'admin'::text, 'member'::text, 'viewer'::text, 'auditor'::text, 'superadmin'::text]))),
    CONSTRAINT role_grants_check CHECK ((num_nonnulls(user_id, group_id) = 1)),
    CONSTRAINT role_grants_check1 CHECK ((num_nonnulls(builtin_role, role_id) = 1)),
    CONSTRAINT role_grants_origin_check CHECK ((origin = ANY (ARRAY['manual'::text, 'mapping'::text]))),
    CONSTRAINT role_grants_site_ids_check CHECK ((cardinality(site_ids) > 0))
);

ALTER TABLE ONLY public.role_grants FORCE ROW LEVEL SECURITY;

ALTER TABLE public.role_grants OWNER TO ledgerstone_owner;

CREATE TABLE public.roles (
    tenant_id uuid NOT NULL,
    role_id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    permissions text[] NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT roles_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100)))
);

ALTER TABLE ONLY public.roles FORCE ROW LEVEL SECURITY;

ALTER TABLE public.roles OWNER TO ledgerstone_owner;

CREATE TABLE public.users (
    tenant_id uuid NOT NULL,
    user_id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_name text NOT NULL,
    display_name text NOT NULL,
    email text,
    source text NOT NULL,
    external_id text,
    active boolean DEFAULT true NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deactivated_at timestamp with time zone,
    erased_at timestamp with time zone,
    user_name_key text GENERATED ALWAYS AS (lower(user_name)) STORED NOT NULL,
    CONSTRAINT users_display_name_check CHECK (((length(display_name) >= 1) AND (length(display_name) <= 200))),
    CONSTRAINT users_email_check CHECK (((length(email) >= 3) AND (length(email) <= 320))),
    CONSTRAINT users_external_id_check CHECK (((length(external_id) >= 1) AND (length(external_id) <= 512))),
    CONSTRAINT users_source_check CHECK ((source = ANY (ARRAY['local'::text, 'saml'::text, 'ldap'::text, 'scim'::text]))),
    CONSTRAINT users_user_name_check CHECK (((length(user_name) >= 1) AND (length(user_name) <= 256)))
);

ALTER TABLE ONLY public.users FORCE ROW LEVEL SECURITY;

ALTER TABLE public.users OWNER TO ledgerstone_owner;

CREATE FUNCTION app.deciders() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT DISTINCT u.user_id
    FROM (((public.role_grants g
      LEFT JOIN public.roles r ON (((r.tenant_id = g.tenant_id) AND (r.role_id = g.role_id))))
      LEFT JOIN public.group_members m ON (((m.tenant_id = g.tenant_id) AND (m.group_id = g.group_id))))
      JOIN public.users u ON (((u.tenant_id = g.tenant_id) AND ((u.user_id = g.user_id) OR (u.user_id = m.user_id)))))
   WHERE ((g.tenant_id = app.tenant()) AND u.active AND (g.site_ids IS NULL) AND (g.revoked_at IS NULL) AND ((g.expires_at IS NULL) OR (g.expires_at > clock_timestamp())) AND ((g.builtin_role = 'owner'::text) OR ('approvals:decide'::text = ANY (r.permissions))));
END;

ALTER FUNCTION app.deciders() OWNER TO ledgerstone_owner;

CREATE TABLE public.approval_rules (
    tenant_id uuid NOT NULL,
    act ledger.token NOT NULL,
    second_person text NOT NULL,
    builtin_role text,
    role_id uuid,
    CONSTRAINT approval_rules_builtin_role_check CHECK ((builtin_role = ANY (ARRAY['owner'::text, 'admin'::text, 'member'::text, 'viewer'::text, 'auditor'::text]))),
    CONSTRAINT approval_rules_check CHECK ((num_nonnulls(builtin_role, role_id) <= 1)),
    CONSTRAINT approval_rules_second_person_check CHECK ((second_person = ANY (ARRAY['off'::text, 'when-two'::text, 'on'::text])))
);

ALTER TABLE ONLY public.approval_rules FORCE ROW LEVEL SECURITY;

ALTER TABLE public.approval_rules OWNER TO ledgerstone_owner;

CREATE FUNCTION app.cooling_off_hours() RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT
         CASE
             WHEN (COALESCE(( SELECT (r.second_person = 'when-two'::text)
                FROM public.approval_rules r
               WHERE ((r.tenant_id = app.tenant()) AND ((r.act)::text = 'retention.shorten'::text))), true) AND ( SELECT (count(*) = 1)
                FROM app.deciders() deciders(deciders))) THEN GREATEST(t.cooling_off_hours, t.solo_cooling_off_hours)
             ELSE t.cooling_off_hours
         END AS cooling_off_hours
    FROM public.tenants t
   WHERE (t.tenant_id = app.tenant());
END;

ALTER FUNCTION app.cooling_off_hours() OWNER TO ledgerstone_owner;

CREATE TABLE public.site_days (
    tenant_id uuid NOT NULL,
    site_id uuid NOT NULL,
    day date NOT NULL,
    events bigint DEFAULT 0 NOT NULL,
    bytes bigint DEFAULT 0 NOT NULL,
    images bigint DEFAULT 0 NOT NULL,
    image_bytes bigint DEFAULT 0 NOT NULL,
    events_erased boolean DEFAULT false NOT NULL,
    images_erased boolean DEFAULT false NOT NULL,
    images_partial boolean DEFAULT false NOT NULL
);

ALTER TABLE ONLY public.site_days FORCE ROW LEVEL SECURITY;

ALTER TABLE public.site_days OWNER TO ledgerstone_owner;

CREATE FUNCTION app.day_sites(p_day date) RETURNS TABLE(tenant_id uuid, site_id uuid, events bigint, images bigint, events_erased boolean, images_erased boolean)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT d.tenant_id,
     d.site_id,
     d.events,
     d.images,
     d.events_erased,
     d.images_erased
    FROM public.site_days d
   WHERE (d.day = day_sites.p_day)
   ORDER BY d.tenant_id, d.site_id;
END;

ALTER FUNCTION app.day_sites(p_day date) OWNER TO ledgerstone_lookup;

CREATE TABLE public.devices (
    tenant_id uuid NOT NULL,
    site_id uuid NOT NULL,
    device_id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    access text DEFAULT 'mtls'::text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT devices_access_check CHECK ((access = ANY (ARRAY['mtls'::text, 'plain'::text]))),
    CONSTRAINT devices_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

ALTER TABLE ONLY public.devices FORCE ROW LEVEL SECURITY;

ALTER TABLE public.devices OWNER TO ledgerstone_owner;

CREATE FUNCTION app.device_access(p_device uuid) RETURNS TABLE(tenant_id uuid, access text, revoked boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT d.tenant_id,
     d.access,
     (d.revoked_at IS NOT NULL)
    FROM public.devices d
   WHERE (d.device_id = device_access.p_device);
END;

ALTER FUNCTION app.device_access(p_device uuid) OWNER TO ledgerstone_lookup;

CREATE FUNCTION app.drop_day(p_day date) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION app.drop_day(p_day date) OWNER TO ledgerstone_owner;

CREATE FUNCTION app.drop_keys_day(p_day date) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare v_child text := 'event_keys_' || to_char(p_day, 'YYYYMMDD');
begin
  if p_day > ledger.utc_day(clock_timestamp()) - 63 then
    return 'open';
  end if;
  if to_regclass('public.' || v_child) is null then
    return 'absent';
  end if;
  -- An id of day D is received from D-1 (a clock that is ahead) to D+61 (the longest offline window and a day).
  if exists (select from generate_series(p_day - 1, p_day + 62, interval '1 day') d
              where to_regclass('public.events_' || to_char(d, 'YYYYMMDD')) is not null) then
    return 'needed';
  end if;
  perform set_config('lock_timeout', '50ms', true);
  execute format('alter table public.event_keys detach partition public.%I', v_child);
  execute format('drop table public.%I', v_child);
  return 'dropped';
end $$;

ALTER FUNCTION app.drop_keys_day(p_day date) OWNER TO ledgerstone_owner;

CREATE FUNCTION app.due_tasks(p_limit integer) RETURNS TABLE(tenant_id uuid, task_id uuid, kind text)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT t.tenant_id,
     t.task_id,
     (t.kind)::text AS kind
    FROM public.tasks t
   WHERE (((t.state = ANY (ARRAY['ready'::text, 'waiting'::text])) AND (t.run_after <= clock_timestamp())) OR ((t.state = 'running'::text) AND (t.lease_until < clock_timestamp())))
   ORDER BY t.run_after
  LIMIT due_tasks.p_limit;
END;

ALTER FUNCTION app.due_tasks(p_limit integer) OWNER TO ledgerstone_lookup;

CREATE TABLE public.api_keys (
    tenant_id uuid NOT NULL,
    key_id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    prefix text NOT NULL,
    fingerprint text NOT NULL,
    hash text NOT NULL,
    permissions text[] NOT NULL,
    site_ids uuid[],
    ip_allowlist cidr[],
    cors_origins text[] DEFAULT '{}'::text[] NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    made_by text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    person_id uuid,
    CONSTRAINT api_keys_fingerprint_check CHECK ((length(fingerprint) = 16)),
    CONSTRAINT api_keys_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

ALTER TABLE ONLY public.api_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE public.api_keys OWNER TO ledgerstone_owner;

CREATE FUNCTION app.find_api_key(p_fingerprint text) RETURNS TABLE(tenant_id uuid, key_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT k.tenant_id,
     k.key_id
    FROM public.api_keys k
   WHERE (k.fingerprint = find_api_key.p_fingerprint);
END;

ALTER FUNCTION app.find_api_key(p_fingerprint text) OWNER TO ledgerstone_lookup;

CREATE TABLE public.device_certificates (
    tenant_id uuid NOT NULL,
    device_id uuid NOT NULL,
    fingerprint bytea NOT NULL,
    serial text NOT NULL,
    pem text,
    san text,
    issued_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    not_after timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    common_name text,
    CONSTRAINT device_certificates_common_name_check CHECK (((length(common_name) >= 1) AND (length(common_name) <= 200))),
    CONSTRAINT device_certificates_fingerprint_check CHECK ((octet_length(fingerprint) = 32))
);

ALTER TABLE ONLY public.device_certificates FORCE ROW LEVEL SECURITY;

ALTER TABLE public.device_certificates OWNER TO ledgerstone_owner;

CREATE FUNCTION app.find_certificate(p_fingerprint bytea) RETURNS TABLE(tenant_id uuid, device_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT c.tenant_id,
     c.device_id
    FROM public.device_certificates c
   WHERE (c.fingerprint = find_certificate.p_fingerprint);
END;

ALTER FUNCTION app.find_certificate(p_fingerprint bytea) OWNER TO ledgerstone_lookup;

CREATE FUNCTION app.find_common_names(p_names text[]) RETURNS TABLE(common_name text, tenant_id uuid, device_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT c.common_name,
     c.tenant_id,
     c.device_id
    FROM public.device_certificates c
   WHERE ((c.revoked_at IS NULL) AND (c.common_name = ANY (find_common_names.p_names)));
END;

ALTER FUNCTION app.find_common_names(p_names text[]) OWNER TO ledgerstone_lookup;

CREATE FUNCTION app.find_customer_certificate(p_fingerprint bytea, p_sans text[]) RETURNS TABLE(tenant_id uuid, device_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT c.tenant_id,
     c.device_id
    FROM public.device_certificates c
   WHERE ((c.revoked_at IS NULL) AND (c.common_name IS NOT NULL) AND ((c.fingerprint = find_customer_certificate.p_fingerprint) OR (c.san = ANY (find_customer_certificate.p_sans))))
   ORDER BY (c.fingerprint = find_customer_certificate.p_fingerprint) DESC
  LIMIT 1;
END;

ALTER FUNCTION app.find_customer_certificate(p_fingerprint bytea, p_sans text[]) OWNER TO ledgerstone_lookup;

CREATE FUNCTION app.find_devices(p_devices uuid[]) RETURNS TABLE(device_id uuid, tenant_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT d.device_id,
     d.tenant_id
    FROM public.devices d
   WHERE (d.device_id = ANY (find_devices.p_devices));
END;

ALTER FUNCTION app.find_devices(p_devices uuid[]) OWNER TO ledgerstone_lookup;

CREATE FUNCTION app.find_erasure_page(p_slug text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT t.tenant_id
    FROM public.tenants t
   WHERE ((t.slug = find_erasure_page.p_slug) AND t.erasure_page AND (t.closed_at IS NULL));
END;

ALTER FUNCTION app.find_erasure_page(p_slug text) OWNER TO ledgerstone_lookup;

CREATE FUNCTION app.find_senders(p_names text[]) RETURNS TABLE(name text, tenant_id uuid, device_id uuid, plain boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT n.name,
     d.tenant_id,
     d.device_id,
     (d.access = 'plain'::text)
    FROM (unnest(find_senders.p_names) n(name)
      JOIN public.devices d ON ((d.device_id =
         CASE
             WHEN (n.name ~ '^v1/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'::text) THEN (substr(n.name, 4))::uuid
             ELSE NULL::uuid
         END)))
 UNION ALL
  SELECT n.name,
     c.tenant_id,
     c.device_id,
     false
    FROM (unnest(find_senders.p_names) n(name)
      JOIN public.device_certificates c ON (((c.common_name = substr(n.name, 5)) AND (c.revoked_at IS NULL))))
   WHERE starts_with(n.name, 'v1x/'::text);
END;

ALTER FUNCTION app.find_senders(p_names text[]) OWNER TO ledgerstone_lookup;

CREATE TABLE public.sessions (
    tenant_id uuid NOT NULL,
    session_id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    via text NOT NULL,
    strength integer NOT NULL,
    stepped_up_at timestamp with time zone,
    address inet NOT NULL,
    user_agent text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    idle_minutes integer NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_reason ledger.token,
    CONSTRAINT sessions_strength_check CHECK ((strength = ANY (ARRAY[1, 2]))),
    CONSTRAINT sessions_token_hash_check CHECK ((octet_length(token_hash) = 32)),
    CONSTRAINT sessions_user_agent_check CHECK ((length(user_agent) <= 400)),
    CONSTRAINT sessions_via_check CHECK ((via = ANY (ARRAY['web'::text, 'saml'::text, 'ldap'::text])))
);

ALTER TABLE ONLY public.sessions FORCE ROW LEVEL SECURITY;

ALTER TABLE public.sessions OWNER TO ledgerstone_owner;

CREATE FUNCTION app.find_session(p_token_hash bytea) RETURNS TABLE(tenant_id uuid, session_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT s.tenant_id,
     s.session_id
    FROM (public.sessions s
      JOIN public.tenants t ON ((t.tenant_id = s.tenant_id)))
   WHERE ((s.token_hash = find_session.p_token_hash) AND (t.closed_at IS NULL));
END;

ALTER FUNCTION app.find_session(p_token_hash bytea) OWNER TO ledgerstone_lookup;

CREATE FUNCTION app.find_tenant(p_slug text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT t.tenant_id
    FROM public.tenants t
   WHERE ((t.slug = find_tenant.p_slug) AND (t.closed_at IS NULL));
END;

ALTER FUNCTION app.find_tenant(p_slug text) OWNER TO ledgerstone_lookup;

CREATE FUNCTION app.forget_answers() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  update public.idempotency_keys k set status = null, answer = null
   where k.tenant_id = new.tenant_id and k.answer is not null;
  return null;
end $$;

ALTER FUNCTION app.forget_answers() OWNER TO ledgerstone_owner;

CREATE FUNCTION app.forget_approvals() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  update public.approvals a set request = null
   where a.tenant_id = new.tenant_id and a.state <> 'pending' and a.request is not null;
  delete from public.approval_answers a where a.tenant_id = new.tenant_id;
  return null;
end $$;

ALTER FUNCTION app.forget_approvals() OWNER TO ledgerstone_owner;

CREATE FUNCTION app.forget_tasks(p_days integer, p_limit integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 WITH old AS (
          SELECT k.tenant_id,
             k.task_id
            FROM public.tasks k
           WHERE ((k.tenant_id = ( SELECT app.tenant() AS tenant)) AND (k.state = ANY (ARRAY['done'::text, 'failed'::text, 'cancelled'::text])) AND (COALESCE(k.finished_at, k.updated_at) < (clock_timestamp() - make_interval(days => GREATEST(forget_tasks.p_days, 1)))))
          LIMIT forget_tasks.p_limit
          FOR UPDATE OF k SKIP LOCKED
         ), gone AS (
          DELETE FROM public.tasks k
            USING old o
           WHERE ((k.tenant_id = o.tenant_id) AND (k.task_id = o.task_id))
           RETURNING 1 AS "?column?"
         )
  SELECT count(*) AS count
    FROM gone;
END;

ALTER FUNCTION app.forget_tasks(p_days integer, p_limit integer) OWNER TO ledgerstone_owner;

CREATE FUNCTION app.guard_partition(p_parent text, p_day date) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

ALTER FUNCTION app.guard_partition(p_parent text, p_day date) OWNER TO ledgerstone_owner;

CREATE FUNCTION app.held_grants(p_tenant uuid, p_user uuid, p_if_active boolean) RETURNS TABLE(grant_id uuid, builtin_role text, permissions text[], site_ids uuid[])
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT g.grant_id,
     g.builtin_role,
     r.permissions,
     g.site_ids
    FROM (public.role_grants g
      LEFT JOIN public.roles r ON (((r.tenant_id = g.tenant_id) AND (r.role_id = g.role_id))))
   WHERE ((g.tenant_id = held_grants.p_tenant) AND (g.revoked_at IS NULL) AND ((g.expires_at IS NULL) OR (g.expires_at > clock_timestamp())) AND ((g.user_id = held_grants.p_user) OR (g.group_id IN ( SELECT m.group_id
            FROM public.group_members m
           WHERE ((m.tenant_id = held_grants.p_tenant) AND (m.user_id = held_grants.p_user))))) AND (held_grants.p_if_active OR (EXISTS ( SELECT
            FROM public.users u
           WHERE ((u.tenant_id = held_grants.p_tenant) AND (u.user_id = held_grants.p_user) AND u.active)))));
END;

ALTER FUNCTION app.held_grants(p_tenant uuid, p_user uuid, p_if_active boolean) OWNER TO ledgerstone_owner;

CREATE FUNCTION app.is_cors_origin(p_origin text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT (EXISTS ( SELECT 1
            FROM public.api_keys k
           WHERE ((is_cors_origin.p_origin = ANY (k.cors_origins)) AND (k.revoked_at IS NULL) AND COALESCE((k.expires_at > clock_timestamp()), true)))) AS "exists";
END;

ALTER FUNCTION app.is_cors_origin(p_origin text) OWNER TO ledgerstone_lookup;

CREATE FUNCTION app.is_local_owner(p_user uuid) RETURNS boolean
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM (public.users u
              JOIN public.role_grants g ON ((g.tenant_id = u.tenant_id)))
           WHERE ((u.tenant_id = ( SELECT app.tenant() AS tenant)) AND (u.user_id = is_local_owner.p_user) AND u.active AND (u.source = 'local'::text) AND (g.builtin_role = 'owner'::text) AND (g.site_ids IS NULL) AND (g.revoked_at IS NULL) AND (g.expires_at IS NULL) AND ((g.user_id = u.user_id) OR (g.group_id IN ( SELECT m.group_id
                    FROM public.group_members m
                   WHERE ((m.tenant_id = u.tenant_id) AND (m.user_id = u.user_id)))))))) AS "exists";
END;

ALTER FUNCTION app.is_local_owner(p_user uuid) OWNER TO ledgerstone_owner;

CREATE FUNCTION app.isolate(p_table regclass, p_site_column text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql
    AS $_$
begin
  execute format('alter table %s enable row level security', p_table);
  execute format('alter table %s force row level security', p_table);
  execute format(
    'create policy tenant_isolation on %s as permissive for all
       to ledgerstone_owner, ledgerstone_app, ledgerstone_executor, ledgerstone_ops
       using (tenant_id = (select app.tenant())) with check (tenant_id = (select app.tenant()))', p_table);
  if p_site_column is not null then
    execute format(
      'create policy site_scope on %1$s as restrictive for all
         to ledgerstone_app, ledgerstone_ops
         using ((select app.all_sites()) or %2$I = any((select app.sites())::uuid[]))
         with check ((select app.all_sites()) or %2$I = any((select app.sites())::uuid[]))', p_table, p_site_column);
  end if;
end $_$;

ALTER FUNCTION app.isolate(p_table regclass, p_site_column text) OWNER TO ledgerstone_owner;

CREATE FUNCTION app.keep_decision() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  if old.state <> 'pending' and new.state <> old.state then
    raise exception 'this request has ended: found %, expected pending', old.state using errcode = 'LS009';
  end if;
  return new;
end $$;

ALTER FUNCTION app.keep_decision() OWNER TO ledgerstone_owner;

CREATE FUNCTION app.keep_operator_apart() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if (select t.is_appliance from public.tenants t where t.tenant_id = new.tenant_id) is distinct from (coalesce(new.builtin_role, '') = 'superadmin') then
    raise exception 'the role superadmin is of the operator''s tenant, and no other role is' using errcode = 'LS007';
  end if;
  return new;
end $$;

ALTER FUNCTION app.keep_operator_apart() OWNER TO ledgerstone_owner;

CREATE FUNCTION app.make_key_partitions(p_from date, p_to date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION app.make_key_partitions(p_from date, p_to date) OWNER TO ledgerstone_owner;

CREATE FUNCTION app.make_partitions(p_from date, p_to date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION app.make_partitions(p_from date, p_to date) OWNER TO ledgerstone_owner;

CREATE TABLE public.tenant_keys (
    tenant_id uuid NOT NULL,
    purpose text NOT NULL,
    version integer NOT NULL,
    wrapped bytea NOT NULL,
    master_fingerprint text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT tenant_keys_purpose_check CHECK ((purpose = ANY (ARRAY['data'::text, 'index'::text]))),
    CONSTRAINT tenant_keys_version_check CHECK ((version >= 1))
);

ALTER TABLE ONLY public.tenant_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE public.tenant_keys OWNER TO ledgerstone_owner;

CREATE FUNCTION app.master_fingerprints() RETURNS TABLE(fingerprint text, keys bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT k.master_fingerprint,
     count(*) AS count
    FROM public.tenant_keys k
   GROUP BY k.master_fingerprint;
END;

ALTER FUNCTION app.master_fingerprints() OWNER TO ledgerstone_lookup;

CREATE FUNCTION app.occupants(p_parent text, p_day date) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
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
end $_$;

ALTER FUNCTION app.occupants(p_parent text, p_day date) OWNER TO ledgerstone_lookup;

CREATE FUNCTION ledger.day_start(p_day date) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((p_day)::timestamp without time zone AT TIME ZONE 'UTC'::text);

ALTER FUNCTION ledger.day_start(p_day date) OWNER TO ledgerstone_owner;

CREATE TABLE public.events (
    tenant_id uuid NOT NULL,
    site_id uuid NOT NULL,
    received timestamp with time zone NOT NULL,
    event_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    index integer NOT NULL,
    source_type text NOT NULL,
    source_id uuid NOT NULL,
    kind ledger.token NOT NULL,
    occurred timestamp with time zone NOT NULL,
    body text NOT NULL,
    body_salt bytea NOT NULL,
    image_units bytea DEFAULT '\x'::bytea NOT NULL,
    best_effort boolean DEFAULT false NOT NULL,
    CONSTRAINT events_body_salt_check CHECK ((octet_length(body_salt) = 32)),
    CONSTRAINT events_image_units_check CHECK (((octet_length(image_units) % 32) = 0)),
    CONSTRAINT events_index_check CHECK ((index >= 0)),
    CONSTRAINT events_source_type_check CHECK ((source_type = ANY (ARRAY['device'::text, 'api-key'::text])))
)
PARTITION BY RANGE (received);

ALTER TABLE ONLY public.events FORCE ROW LEVEL SECURITY;

ALTER TABLE public.events OWNER TO ledgerstone_owner;

CREATE TABLE public.images (
    tenant_id uuid NOT NULL,
    site_id uuid NOT NULL,
    received timestamp with time zone NOT NULL,
    event_id uuid NOT NULL,
    n integer NOT NULL,
    image_id uuid DEFAULT gen_random_uuid() NOT NULL,
    batch_id uuid NOT NULL,
    index integer NOT NULL,
    sha256 bytea NOT NULL,
    bytes bigint NOT NULL,
    media_type text NOT NULL,
    salt bytea NOT NULL,
    unit_hash ledger.hash NOT NULL,
    device_id uuid,
    wrapped_key bytea,
    key_version integer,
    stored_at timestamp with time zone,
    has_thumbnail boolean,
    CONSTRAINT images_bytes_check CHECK ((bytes > 0)),
    CONSTRAINT images_media_type_check CHECK ((media_type = ANY (ARRAY['image/jpeg'::text, 'image/png'::text, 'image/webp'::text]))),
    CONSTRAINT images_n_check CHECK (((n >= 0) AND (n <= 15))),
    CONSTRAINT images_salt_check CHECK ((octet_length(salt) = 32)),
    CONSTRAINT images_sha256_check CHECK ((octet_length(sha256) = 32))
)
PARTITION BY RANGE (received);

ALTER TABLE ONLY public.images FORCE ROW LEVEL SECURITY;

ALTER TABLE public.images OWNER TO ledgerstone_owner;

CREATE FUNCTION app.occupied_sites(p_day date) RETURNS TABLE(tenant_id uuid, site_id uuid)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 WITH RECURSIVE e AS (
         ( SELECT x.tenant_id,
             x.site_id
            FROM public.events x
           WHERE ((x.received >= ledger.day_start(occupied_sites.p_day)) AND (x.received < ledger.day_start((occupied_sites.p_day + 1))))
           ORDER BY x.tenant_id, x.site_id
          LIMIT 1)
         UNION ALL
          SELECT n.tenant_id,
             n.site_id
            FROM e,
             LATERAL ( SELECT x.tenant_id,
                     x.site_id
                    FROM public.events x
                   WHERE ((x.received >= ledger.day_start(occupied_sites.p_day)) AND (x.received < ledger.day_start((occupied_sites.p_day + 1))) AND (ROW(x.tenant_id, x.site_id) > ROW(e.tenant_id, e.site_id)))
                   ORDER BY x.tenant_id, x.site_id
                  LIMIT 1) n
         ), i AS (
         ( SELECT x.tenant_id,
             x.site_id
            FROM public.images x
           WHERE ((x.received >= ledger.day_start(occupied_sites.p_day)) AND (x.received < ledger.day_start((occupied_sites.p_day + 1))))
           ORDER BY x.tenant_id, x.site_id
          LIMIT 1)
         UNION ALL
          SELECT n.tenant_id,
             n.site_id
            FROM i,
             LATERAL ( SELECT x.tenant_id,
                     x.site_id
                    FROM public.images x
                   WHERE ((x.received >= ledger.day_start(occupied_sites.p_day)) AND (x.received < ledger.day_start((occupied_sites.p_day + 1))) AND (ROW(x.tenant_id, x.site_id) > ROW(i.tenant_id, i.site_id)))
                   ORDER BY x.tenant_id, x.site_id
                  LIMIT 1) n
         )
  SELECT e.tenant_id,
     e.site_id
    FROM e
 UNION
  SELECT i.tenant_id,
     i.site_id
    FROM i
  ORDER BY 1, 2;
END;

ALTER FUNCTION app.occupied_sites(p_day date) OWNER TO ledgerstone_lookup;

CREATE FUNCTION app.only_tenant() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT
         CASE
             WHEN (count(*) = 1) THEN min(t.slug)
             ELSE NULL::text
         END AS "case"
    FROM public.tenants t
   WHERE (t.closed_at IS NULL);
END;

ALTER FUNCTION app.only_tenant() OWNER TO ledgerstone_lookup;

CREATE FUNCTION app.partitioned_days() RETURNS TABLE(parent text, day date)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT (p.relname)::text AS relname,
     to_date("right"((c.relname)::text, 8), 'YYYYMMDD'::text) AS to_date
    FROM ((pg_inherits i
      JOIN pg_class c ON ((c.oid = i.inhrelid)))
      JOIN pg_class p ON ((p.oid = i.inhparent)))
   WHERE ((p.relnamespace = ('public'::regnamespace)::oid) AND (p.relname = ANY (ARRAY['events'::name, 'event_keys'::name])) AND (c.relname ~ '_[0-9]{8}$'::text))
   ORDER BY (to_date("right"((c.relname)::text, 8), 'YYYYMMDD'::text)), ((p.relname)::text);
END;

ALTER FUNCTION app.partitioned_days() OWNER TO ledgerstone_owner;

CREATE TABLE public.device_passwords (
    tenant_id uuid NOT NULL,
    device_id uuid NOT NULL,
    hash text NOT NULL,
    set_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT device_passwords_hash_check CHECK ((hash ~ '^\$7\$[0-9]+\$[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+$'::text))
);

ALTER TABLE ONLY public.device_passwords FORCE ROW LEVEL SECURITY;

ALTER TABLE public.device_passwords OWNER TO ledgerstone_owner;

CREATE FUNCTION app.plain_passwords() RETURNS TABLE(device_id uuid, hash text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT p.device_id,
     p.hash
    FROM ((public.device_passwords p
      JOIN public.devices d ON (((d.tenant_id = p.tenant_id) AND (d.device_id = p.device_id))))
      JOIN public.tenants t ON ((t.tenant_id = p.tenant_id)))
   WHERE ((d.access = 'plain'::text) AND (d.revoked_at IS NULL) AND t.plain_mqtt AND (t.closed_at IS NULL))
   ORDER BY p.device_id;
END;

ALTER FUNCTION app.plain_passwords() OWNER TO ledgerstone_lookup;

CREATE FUNCTION app.revoked_clients(p_since timestamp with time zone) RETURNS TABLE(client_id text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT (d.device_id)::text AS device_id
    FROM public.devices d
   WHERE ((d.revoked_at >= revoked_clients.p_since) AND ((d.access = 'plain'::text) OR (EXISTS ( SELECT
            FROM public.device_certificates c
           WHERE ((c.tenant_id = d.tenant_id) AND (c.device_id = d.device_id) AND (c.not_after > clock_timestamp()))))))
 UNION
  SELECT c.common_name
    FROM public.device_certificates c
   WHERE ((c.revoked_at >= revoked_clients.p_since) AND (c.not_after > clock_timestamp()) AND (c.common_name IS NOT NULL) AND (NOT (EXISTS ( SELECT
            FROM public.device_certificates o
           WHERE ((o.common_name = c.common_name) AND (o.revoked_at IS NULL))))));
END;

ALTER FUNCTION app.revoked_clients(p_since timestamp with time zone) OWNER TO ledgerstone_lookup;

CREATE FUNCTION app.revoked_serials() RETURNS TABLE(serial text, revoked_at timestamp with time zone, not_after timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT c.serial,
     c.revoked_at,
     c.not_after
    FROM public.device_certificates c
   WHERE (c.revoked_at IS NOT NULL);
END;

ALTER FUNCTION app.revoked_serials() OWNER TO ledgerstone_lookup;

CREATE FUNCTION app.sites() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN COALESCE(NULLIF(current_setting('app.sites'::text, true), ''::text), '{}'::text);

ALTER FUNCTION app.sites() OWNER TO ledgerstone_owner;

CREATE FUNCTION app.tenant_ids() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT t.tenant_id
    FROM public.tenants t
   ORDER BY t.tenant_id;
END;

ALTER FUNCTION app.tenant_ids() OWNER TO ledgerstone_lookup;

CREATE TABLE public.sites (
    tenant_id uuid NOT NULL,
    site_id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    time_zone text DEFAULT 'UTC'::text NOT NULL,
    offline_window_days integer DEFAULT 7 NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT sites_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT sites_offline_window_days_check CHECK (((offline_window_days >= 1) AND (offline_window_days <= 60)))
);

ALTER TABLE ONLY public.sites FORCE ROW LEVEL SECURITY;

ALTER TABLE public.sites OWNER TO ledgerstone_owner;

CREATE TABLE public.tenant_usage (
    tenant_id uuid NOT NULL,
    day date NOT NULL,
    events bigint DEFAULT 0 NOT NULL,
    bytes bigint DEFAULT 0 NOT NULL,
    exports integer DEFAULT 0 NOT NULL,
    rejected bigint DEFAULT 0 NOT NULL
);

ALTER TABLE ONLY public.tenant_usage FORCE ROW LEVEL SECURITY;

ALTER TABLE public.tenant_usage OWNER TO ledgerstone_owner;

CREATE FUNCTION app.tenant_overview() RETURNS TABLE(tenant_id uuid, name text, slug text, created_at timestamp with time zone, closed_at timestamp with time zone, sites integer, devices integer, people integer, events bigint, bytes bigint, exports bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT t.tenant_id,
     t.name,
     t.slug,
     t.created_at,
     t.closed_at,
     ( SELECT (count(*))::integer AS count
            FROM public.sites s
           WHERE ((s.tenant_id = t.tenant_id) AND (s.closed_at IS NULL))) AS count,
     ( SELECT (count(*))::integer AS count
            FROM public.devices d
           WHERE ((d.tenant_id = t.tenant_id) AND (d.revoked_at IS NULL))) AS count,
     ( SELECT (count(*))::integer AS count
            FROM public.users u_1
           WHERE ((u_1.tenant_id = t.tenant_id) AND u_1.active)) AS count,
     (COALESCE(u.events, (0)::numeric))::bigint AS "coalesce",
     (COALESCE(u.bytes, (0)::numeric))::bigint AS "coalesce",
     COALESCE(u.exports, (0)::bigint) AS "coalesce"
    FROM (public.tenants t
      LEFT JOIN LATERAL ( SELECT sum(y.events) AS events,
             sum(y.bytes) AS bytes,
             sum(y.exports) AS exports
            FROM public.tenant_usage y
           WHERE ((y.tenant_id = t.tenant_id) AND (y.day > (((clock_timestamp() AT TIME ZONE 'UTC'::text))::date - 30)))) u ON (true))
   WHERE ((NOT t.is_appliance) AND (app.tenant() = ( SELECT a.tenant_id
            FROM public.tenants a
           WHERE a.is_appliance)))
   ORDER BY (lower(t.name)), t.tenant_id;
END;

ALTER FUNCTION app.tenant_overview() OWNER TO ledgerstone_lookup;

CREATE FUNCTION app.uuid7_floor(p_day date) RETURNS uuid
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((lpad(to_hex(((EXTRACT(epoch FROM p_day) * (1000)::numeric))::bigint), 12, '0'::text) || '00000000000000000000'::text))::uuid;

ALTER FUNCTION app.uuid7_floor(p_day date) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.append(p_actor_type text, p_actor_id text, p_via text, p_action text, p_entity_type text, p_entity_id text, p_correlation uuid, p_commit_names text[] DEFAULT NULL::text[], p_commit_hashes bytea[] DEFAULT NULL::bytea[], p_unit_names text[] DEFAULT NULL::text[], p_unit_contents text[] DEFAULT NULL::text[], p_unit_subjects jsonb DEFAULT NULL::jsonb, OUT seq bigint, OUT hash bytea, OUT at timestamp with time zone) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  appended record;
begin
  if starts_with(p_action, 'ledger.') or p_action = 'events.recorded' then
    raise exception 'action % is not appended directly', p_action
      using errcode = 'LS004', hint = 'each control action has its own function, which does the thing and appends its row';
  end if;
  if p_actor_type = 'ops' then
    raise exception 'actor type ops is written by the database alone' using errcode = 'LS004';
  end if;
  appended := ledger.append_unchecked(p_actor_type, p_actor_id, p_via, p_action, p_entity_type, p_entity_id, p_correlation,
    p_commit_names, p_commit_hashes, p_unit_names, p_unit_contents, p_unit_subjects, null, null);
  seq := appended.seq;
  hash := appended.hash;
  at := appended.at;
end $$;

ALTER FUNCTION ledger.append(p_actor_type text, p_actor_id text, p_via text, p_action text, p_entity_type text, p_entity_id text, p_correlation uuid, p_commit_names text[], p_commit_hashes bytea[], p_unit_names text[], p_unit_contents text[], p_unit_subjects jsonb, OUT seq bigint, OUT hash bytea, OUT at timestamp with time zone) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.append_to_appliance(p_actor_type text, p_actor_id text, p_via text, p_action text, p_entity_type text, p_entity_id text, p_correlation uuid, p_detail text, OUT seq bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION ledger.append_to_appliance(p_actor_type text, p_actor_id text, p_via text, p_action text, p_entity_type text, p_entity_id text, p_correlation uuid, p_detail text, OUT seq bigint) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.append_unchecked(p_actor_type text, p_actor_id text, p_via text, p_action text, p_entity_type text, p_entity_id text, p_correlation uuid, p_commit_names text[], p_commit_hashes bytea[], p_unit_names text[], p_unit_contents text[], p_unit_subjects jsonb, p_kept_unit_names text[], p_kept_unit_hashes bytea[], p_at timestamp with time zone DEFAULT NULL::timestamp with time zone, OUT seq bigint, OUT hash bytea, OUT at timestamp with time zone) RETURNS record
    LANGUAGE plpgsql
    AS $$
declare
  v_tenant uuid := nullif(current_setting('app.tenant', true), '')::uuid;
  head_epoch int;
  head_seq bigint;
  head_hash bytea;
  head_at timestamptz;
  head_control bigint;
  v_commits text;
  v_units text;
  salts bytea[] := '{}';
  hashes bytea[] := '{}';
  v_subjects bytea[] := '{}';
  i int;
begin
  -- Salts and unit hashes before the lock: the head is held for as short as can be.
  for i in 1 .. coalesce(cardinality(p_unit_names), 0) loop
    salts[i] := public.gen_random_bytes(32);
    hashes[i] := ledger.unit_hash(salts[i], p_unit_names[i], p_unit_contents[i]);
  end loop;
  v_units := ledger.named_lines('unit', p_unit_names || p_kept_unit_names, hashes || p_kept_unit_hashes);
  v_commits := ledger.named_lines('commit', p_commit_names, p_commit_hashes);
  select h.epoch, h.seq, h.hash, h.at, h.control into head_epoch, head_seq, head_hash, head_at, head_control
    from ledger.chain_heads h where h.tenant_id = v_tenant for no key update;
  if not found then
    raise exception 'tenant % has no chain: found no head, expected one', coalesce(v_tenant::text, '(none bound)')
      using errcode = 'LS003', hint = 'open the chain when the tenant is made; a missing head is damage: restore the database';
  end if;
  at := greatest(coalesce(p_at, clock_timestamp()), head_at);
  seq := head_seq + 1;
  hash := sha256(convert_to(ledger.row_lines(v_tenant, head_epoch, seq, head_hash, at, p_actor_type, p_actor_id, p_via,
    p_action, p_entity_type, p_entity_id, p_correlation, head_control, v_commits, v_units), 'UTF8'));
  insert into ledger.rows (tenant_id, epoch, seq, prev, at, actor_type, actor_id, via, action, entity_type, entity_id,
      correlation, control, commits, units, row_hash)
    values (v_tenant, head_epoch, seq, head_hash, at, p_actor_type, p_actor_id, p_via, p_action, p_entity_type, p_entity_id,
      p_correlation, head_control, v_commits, v_units, hash);
  for i in 1 .. coalesce(cardinality(p_unit_names), 0) loop
    if p_unit_subjects is not null then
      select coalesce(array_agg(decode(x, 'hex')), '{}') into v_subjects from jsonb_array_elements_text(p_unit_subjects -> (i - 1)) x;
    end if;
    insert into ledger.openings (tenant_id, seq, unit, unit_hash, salt, content, subjects)
      values (v_tenant, append_unchecked.seq, p_unit_names[i], hashes[i], salts[i], p_unit_contents[i], v_subjects);
  end loop;
  update ledger.chain_heads h
     set seq = append_unchecked.seq, hash = append_unchecked.hash, at = append_unchecked.at,
         control = case when starts_with(p_action, 'ledger.') then append_unchecked.seq else head_control end,
         last_xact = pg_current_xact_id()
   where h.tenant_id = v_tenant;
end $$;

ALTER FUNCTION ledger.append_unchecked(p_actor_type text, p_actor_id text, p_via text, p_action text, p_entity_type text, p_entity_id text, p_correlation uuid, p_commit_names text[], p_commit_hashes bytea[], p_unit_names text[], p_unit_contents text[], p_unit_subjects jsonb, p_kept_unit_names text[], p_kept_unit_hashes bytea[], p_at timestamp with time zone, OUT seq bigint, OUT hash bytea, OUT at timestamp with time zone) OWNER TO ledgerstone_owner;

CREATE TABLE public.erasure_requests (
    tenant_id uuid NOT NULL,
    request_id uuid DEFAULT gen_random_uuid() NOT NULL,
    basis text NOT NULL,
    subject bytea,
    event_ids uuid[],
    requested_by_type text NOT NULL,
    requested_by text NOT NULL,
    seq bigint NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    finished_at timestamp with time zone,
    images_only boolean DEFAULT false NOT NULL,
    approved_by_type text,
    approved_by text,
    case_id uuid,
    user_id uuid,
    CONSTRAINT erasure_requests_basis_check CHECK ((basis = ANY (ARRAY['request'::text, 'hold-release'::text, 'offboarding'::text]))),
    CONSTRAINT erasure_requests_check CHECK ((((subject IS NULL) <> (event_ids IS NULL)) OR (basis <> 'request'::text))),
    CONSTRAINT erasure_requests_check1 CHECK ((num_nonnulls(approved_by_type, approved_by) = ANY (ARRAY[0, 2]))),
    CONSTRAINT erasure_requests_state_check CHECK ((state = ANY (ARRAY['open'::text, 'held'::text, 'done'::text, 'cancelled'::text])))
);

ALTER TABLE ONLY public.erasure_requests FORCE ROW LEVEL SECURITY;

ALTER TABLE public.erasure_requests OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.check_request(p_request uuid, p_basis text) RETURNS public.erasure_requests
    LANGUAGE plpgsql
    AS $$
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

ALTER FUNCTION ledger.check_request(p_request uuid, p_basis text) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.count_held(p_hold uuid, OUT events bigint, OUT days bigint) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION ledger.count_held(p_hold uuid, OUT events bigint, OUT days bigint) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.count_request(p_request uuid, OUT events bigint, OUT held bigint, OUT held_by uuid[]) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare v_request public.erasure_requests;
begin
  select r.* into v_request from public.erasure_requests r where r.tenant_id = app.tenant() and r.request_id = p_request;
  with found as materialized (select f.held_by from ledger.request_events(v_request) f)
  select (select count(*) from found), (select count(*) from found f where f.held_by <> '{}'),
         (select coalesce(array_agg(distinct h), '{}') from found f, unnest(f.held_by) h)
    into events, held, held_by;
end $$;

ALTER FUNCTION ledger.count_request(p_request uuid, OUT events bigint, OUT held bigint, OUT held_by uuid[]) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.day_lines(p_day date, p_sites uuid[], p_events boolean, p_image_sites uuid[]) RETURNS TABLE(site_id uuid, what text, line text, items bigint)
    LANGUAGE plpgsql STABLE
    AS $$
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

ALTER FUNCTION ledger.day_lines(p_day date, p_sites uuid[], p_events boolean, p_image_sites uuid[]) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.discard_images(p_erasure uuid, p_day date, p_images uuid[], p_whole boolean) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare v_directory text := 'tenants/' || app.tenant() || '/images/' || to_char(p_day, 'YYYY/MM/DD') || '/';
begin
  insert into public.object_garbage (tenant_id, path, erasure_id)
    select app.tenant(), p, p_erasure
      from (select v_directory as p where p_whole union all select v_directory || i from unnest(p_images) i where not p_whole) paths
    on conflict (tenant_id, path) do update set erasure_id = excluded.erasure_id, created_at = clock_timestamp(), collected_at = null;
end $$;

ALTER FUNCTION ledger.discard_images(p_erasure uuid, p_day date, p_images uuid[], p_whole boolean) OWNER TO ledgerstone_owner;

CREATE TABLE public.batch_sites (
    tenant_id uuid NOT NULL,
    site_id uuid NOT NULL,
    received timestamp with time zone NOT NULL,
    batch_id uuid NOT NULL,
    events integer NOT NULL,
    root ledger.hash NOT NULL,
    leaves bytea NOT NULL,
    remaining integer NOT NULL,
    CONSTRAINT batch_sites_check CHECK ((octet_length(leaves) = (events * 32))),
    CONSTRAINT batch_sites_check1 CHECK (((remaining >= 0) AND (remaining <= events))),
    CONSTRAINT batch_sites_events_check CHECK ((events >= 1))
)
PARTITION BY RANGE (received);

ALTER TABLE ONLY public.batch_sites FORCE ROW LEVEL SECURITY;

ALTER TABLE public.batch_sites OWNER TO ledgerstone_owner;

CREATE TABLE public.batches (
    tenant_id uuid NOT NULL,
    received timestamp with time zone NOT NULL,
    batch_id uuid NOT NULL,
    batch_seq bigint NOT NULL,
    salt bytea NOT NULL,
    unit_hash ledger.hash NOT NULL,
    content text NOT NULL,
    CONSTRAINT batches_salt_check CHECK ((octet_length(salt) = 32))
)
PARTITION BY RANGE (received);

ALTER TABLE ONLY public.batches FORCE ROW LEVEL SECURITY;

ALTER TABLE public.batches OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.drop_empty_batches(p_day date) RETURNS void
    LANGUAGE sql
    BEGIN ATOMIC
 DELETE FROM public.batches b
   WHERE ((b.tenant_id = ( SELECT app.tenant() AS tenant)) AND (b.received >= ledger.day_start(drop_empty_batches.p_day)) AND (b.received < ledger.day_start((drop_empty_batches.p_day + 1))) AND (NOT (EXISTS ( SELECT
            FROM public.batch_sites s
           WHERE ((s.tenant_id = b.tenant_id) AND (s.received = b.received) AND (s.batch_id = b.batch_id))))));
END;

ALTER FUNCTION ledger.drop_empty_batches(p_day date) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.due_version(p_site uuid, p_day date, p_images boolean) RETURNS integer
    LANGUAGE plpgsql
    AS $$
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

ALTER FUNCTION ledger.due_version(p_site uuid, p_day date, p_images boolean) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.entomb(p_what text, p_basis text, p_lines text[], p_policies text[], p_request uuid, p_via text, p_correlation uuid, p_site uuid, p_day date, p_events bigint, p_images bigint, p_openings bigint, p_bytes bigint, p_erasure uuid) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
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

ALTER FUNCTION ledger.entomb(p_what text, p_basis text, p_lines text[], p_policies text[], p_request uuid, p_via text, p_correlation uuid, p_site uuid, p_day date, p_events bigint, p_images bigint, p_openings bigint, p_bytes bigint, p_erasure uuid) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.erase_site_part(p_site uuid, p_day date, p_images_only boolean, p_basis text, p_request uuid, p_via text, p_correlation uuid, OUT outcome text, OUT erasure_id uuid, OUT seq bigint, OUT events bigint, OUT images bigint, OUT held_by uuid[]) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

ALTER FUNCTION ledger.erase_site_part(p_site uuid, p_day date, p_images_only boolean, p_basis text, p_request uuid, p_via text, p_correlation uuid, OUT outcome text, OUT erasure_id uuid, OUT seq bigint, OUT events bigint, OUT images bigint, OUT held_by uuid[]) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.erase_image_day(p_site uuid, p_day date, p_basis text, p_request uuid, p_via text, p_correlation uuid, OUT outcome text, OUT erasure_id uuid, OUT seq bigint, OUT events bigint, OUT images bigint, OUT held_by uuid[]) RETURNS record
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT r.outcome,
     r.erasure_id,
     r.seq,
     r.events,
     r.images,
     r.held_by
    FROM ledger.erase_site_part(erase_image_day.p_site, erase_image_day.p_day, true, erase_image_day.p_basis, erase_image_day.p_request, erase_image_day.p_via, erase_image_day.p_correlation) r(outcome, erasure_id, seq, events, images, held_by);
END;

ALTER FUNCTION ledger.erase_image_day(p_site uuid, p_day date, p_basis text, p_request uuid, p_via text, p_correlation uuid, OUT outcome text, OUT erasure_id uuid, OUT seq bigint, OUT events bigint, OUT images bigint, OUT held_by uuid[]) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.erase_person(p_request uuid, p_tried bytea[], p_via text, p_correlation uuid, OUT outcome text, OUT held_by uuid[]) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION ledger.erase_person(p_request uuid, p_tried bytea[], p_via text, p_correlation uuid, OUT outcome text, OUT held_by uuid[]) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.erase_request_copies(p_request uuid, p_via text, p_correlation uuid, OUT letters bigint, OUT held bigint, OUT exports uuid[]) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION ledger.erase_request_copies(p_request uuid, p_via text, p_correlation uuid, OUT letters bigint, OUT held bigint, OUT exports uuid[]) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.erase_request_events(p_request uuid, p_limit integer, p_via text, p_correlation uuid, OUT outcome text, OUT erasure_id uuid, OUT seq bigint, OUT erased bigint, OUT images bigint, OUT held bigint, OUT held_by uuid[]) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION ledger.erase_request_events(p_request uuid, p_limit integer, p_via text, p_correlation uuid, OUT outcome text, OUT erasure_id uuid, OUT seq bigint, OUT erased bigint, OUT images bigint, OUT held bigint, OUT held_by uuid[]) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.erase_request_openings(p_request uuid, p_limit integer, p_via text, p_correlation uuid, OUT outcome text, OUT erasure_id uuid, OUT seq bigint, OUT erased bigint, OUT held bigint, OUT held_by uuid[]) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION ledger.erase_request_openings(p_request uuid, p_limit integer, p_via text, p_correlation uuid, OUT outcome text, OUT erasure_id uuid, OUT seq bigint, OUT erased bigint, OUT held bigint, OUT held_by uuid[]) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.erase_site_day(p_site uuid, p_day date, p_basis text, p_request uuid, p_via text, p_correlation uuid, OUT outcome text, OUT erasure_id uuid, OUT seq bigint, OUT events bigint, OUT images bigint, OUT held_by uuid[]) RETURNS record
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT r.outcome,
     r.erasure_id,
     r.seq,
     r.events,
     r.images,
     r.held_by
    FROM ledger.erase_site_part(erase_site_day.p_site, erase_site_day.p_day, false, erase_site_day.p_basis, erase_site_day.p_request, erase_site_day.p_via, erase_site_day.p_correlation) r(outcome, erasure_id, seq, events, images, held_by);
END;

ALTER FUNCTION ledger.erase_site_day(p_site uuid, p_day date, p_basis text, p_request uuid, p_via text, p_correlation uuid, OUT outcome text, OUT erasure_id uuid, OUT seq bigint, OUT events bigint, OUT images bigint, OUT held_by uuid[]) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.in_range(p_at timestamp with time zone, p_from timestamp with time zone, p_to timestamp with time zone) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((p_at >= COALESCE(p_from, '-infinity'::timestamp with time zone)) AND (p_at < COALESCE(p_to, 'infinity'::timestamp with time zone)));

ALTER FUNCTION ledger.in_range(p_at timestamp with time zone, p_from timestamp with time zone, p_to timestamp with time zone) OWNER TO ledgerstone_owner;

CREATE TABLE public.event_subjects (
    tenant_id uuid NOT NULL,
    site_id uuid NOT NULL,
    subject bytea NOT NULL,
    received timestamp with time zone NOT NULL,
    event_id uuid NOT NULL,
    CONSTRAINT event_subjects_subject_check CHECK ((octet_length(subject) = 32))
)
PARTITION BY RANGE (received);

ALTER TABLE ONLY public.event_subjects FORCE ROW LEVEL SECURITY;

ALTER TABLE public.event_subjects OWNER TO ledgerstone_owner;

CREATE TABLE public.holds (
    tenant_id uuid NOT NULL,
    hold_id uuid DEFAULT gen_random_uuid() NOT NULL,
    site_id uuid,
    from_at timestamp with time zone,
    to_at timestamp with time zone,
    kind ledger.token,
    subject bytea,
    event_ids uuid[],
    case_number text NOT NULL,
    reason text NOT NULL,
    owner text NOT NULL,
    review_on date NOT NULL,
    placed_at timestamp with time zone NOT NULL,
    placed_seq bigint NOT NULL,
    released_at timestamp with time zone,
    released_seq bigint,
    CONSTRAINT holds_case_number_check CHECK (((length(case_number) >= 1) AND (length(case_number) <= 200))),
    CONSTRAINT holds_check CHECK (((from_at IS NULL) OR (to_at IS NULL) OR (from_at < to_at))),
    CONSTRAINT holds_owner_check CHECK (((length(owner) >= 1) AND (length(owner) <= 200))),
    CONSTRAINT holds_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 2000)))
);

ALTER TABLE ONLY public.holds FORCE ROW LEVEL SECURITY;

ALTER TABLE public.holds OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.event_holds(p_site uuid, p_event uuid, p_kind text, p_received timestamp with time zone, p_occurred timestamp with time zone) RETURNS uuid[]
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT COALESCE(array_agg(h.hold_id ORDER BY h.placed_seq), '{}'::uuid[]) AS "coalesce"
    FROM public.holds h
   WHERE ((h.tenant_id = ( SELECT app.tenant() AS tenant)) AND (h.released_at IS NULL) AND ((h.site_id IS NULL) OR (h.site_id = event_holds.p_site)) AND ((h.kind IS NULL) OR ((h.kind)::text = event_holds.p_kind)) AND ((h.event_ids IS NULL) OR (event_holds.p_event = ANY (h.event_ids))) AND ((h.subject IS NULL) OR (EXISTS ( SELECT
            FROM public.event_subjects s
           WHERE ((s.tenant_id = h.tenant_id) AND (s.subject = h.subject) AND (s.received = event_holds.p_received) AND (s.event_id = event_holds.p_event))))) AND (((h.from_at IS NULL) AND (h.to_at IS NULL)) OR ledger.in_range(event_holds.p_received, h.from_at, h.to_at) OR ledger.in_range(event_holds.p_occurred, h.from_at, h.to_at)));
END;

ALTER FUNCTION ledger.event_holds(p_site uuid, p_event uuid, p_kind text, p_received timestamp with time zone, p_occurred timestamp with time zone) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.expire_dead_letters(p_limit integer, p_via text, p_correlation uuid, OUT letters bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION ledger.expire_dead_letters(p_limit integer, p_via text, p_correlation uuid, OUT letters bigint) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.genesis(p_tenant uuid) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN sha256(convert_to((((('ledgerstone/genesis/v1'::text || chr(10)) || 'tenant '::text) || p_tenant) || chr(10)), 'UTF8'::name));

ALTER FUNCTION ledger.genesis(p_tenant uuid) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.guard_truncate() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION ledger.guard_truncate() OWNER TO ledgerstone_owner;

CREATE TABLE public.dead_letters (
    tenant_id uuid NOT NULL,
    site_id uuid NOT NULL,
    letter_id uuid DEFAULT gen_random_uuid() NOT NULL,
    received timestamp with time zone NOT NULL,
    source_type text NOT NULL,
    source_id uuid NOT NULL,
    reason ledger.token NOT NULL,
    detail text NOT NULL,
    sealed bytea NOT NULL,
    key_version integer NOT NULL,
    subjects bytea[] DEFAULT '{}'::bytea[] NOT NULL,
    CONSTRAINT dead_letters_source_type_check CHECK ((source_type = ANY (ARRAY['device'::text, 'api-key'::text])))
);

ALTER TABLE ONLY public.dead_letters FORCE ROW LEVEL SECURITY;

ALTER TABLE public.dead_letters OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.holds_of_letter(p_letter public.dead_letters) RETURNS uuid[]
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT COALESCE(array_agg(h.hold_id ORDER BY h.placed_seq), '{}'::uuid[]) AS "coalesce"
    FROM public.holds h
   WHERE ((h.tenant_id = ( SELECT app.tenant() AS tenant)) AND (h.released_at IS NULL) AND ((h.site_id IS NULL) OR (h.site_id = (holds_of_letter.p_letter).site_id)) AND ((h.subject IS NULL) OR (h.subject = ANY ((holds_of_letter.p_letter).subjects))));
END;

ALTER FUNCTION ledger.holds_of_letter(p_letter public.dead_letters) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.letter_holds(p_letter public.dead_letters) RETURNS boolean
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT (cardinality(ledger.holds_of_letter(p_letter)) > 0);
END;

ALTER FUNCTION ledger.letter_holds(p_letter public.dead_letters) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.lock_day(p_day date, p_parents text[], p_mode text) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare parent text;
begin
  perform set_config('lock_timeout', '200ms', true);
  foreach parent in array p_parents loop
    execute format('lock table only public.%I in %s mode', parent || '_' || to_char(p_day, 'YYYYMMDD'), p_mode);
  end loop;
end $$;

ALTER FUNCTION ledger.lock_day(p_day date, p_parents text[], p_mode text) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.lock_head() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  perform 1 from ledger.chain_heads h where h.tenant_id = app.tenant() for no key update;
end $$;

ALTER FUNCTION ledger.lock_head() OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.lock_holds(p_tenant uuid) RETURNS void
    LANGUAGE sql
    RETURN pg_advisory_xact_lock(hashtext('ledgerstone.holds'::text), hashtext((p_tenant)::text));

ALTER FUNCTION ledger.lock_holds(p_tenant uuid) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.lock_holds_briefly(p_tenant uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
  perform set_config('lock_timeout', '2s', true);
  perform ledger.lock_holds(p_tenant);
end $$;

ALTER FUNCTION ledger.lock_holds_briefly(p_tenant uuid) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.mth(p_leaves bytea[]) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
declare
  level bytea[];
  next_level bytea[];
  n int := coalesce(array_length(p_leaves, 1), 0);
  i int;
begin
  if n = 0 then
    return sha256(''::bytea);
  end if;
  select array_agg(sha256('\x00'::bytea || leaf) order by ord) into level from unnest(p_leaves) with ordinality t(leaf, ord);
  -- Pairing left to right and carrying an odd last node up unchanged gives the RFC's split at the largest power of two.
  while n > 1 loop
    select array_agg(case when r is null then l else sha256('\x01'::bytea || l || r) end order by ord)
      into next_level
      from (select ord, h as l, lead(h) over (order by ord) as r from unnest(level) with ordinality t(h, ord)) pairs
     where ord % 2 = 1;
    level := next_level;
    n := (n + 1) / 2;
  end loop;
  return level[1];
end $$;

ALTER FUNCTION ledger.mth(p_leaves bytea[]) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.named_lines(p_key text, p_names text[], p_hashes bytea[]) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
begin
  if p_names is null then
    return '';
  end if;
  if cardinality(p_names) = 1 then
    return p_key || ' ' || p_names[1] || ' ' || encode(p_hashes[1], 'hex') || chr(10);
  end if;
  return coalesce((select string_agg(p_key || ' ' || name || ' ' || encode(h, 'hex') || chr(10), '' order by name collate "C")
                     from unnest(p_names, p_hashes) u(name, h)), '');
end $$;

ALTER FUNCTION ledger.named_lines(p_key text, p_names text[], p_hashes bytea[]) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.note_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  bound text := current_setting('app.tenant', true);
  tenant uuid;
  n bigint;
  ops_actor uuid;
begin
  for tenant, n in select c.tenant_id, count(*) from changed c group by 1 loop
    insert into ledger.pending (backend, tenant_id, xact)
      values (pg_backend_pid(), tenant, pg_current_xact_id()) on conflict do nothing;
    -- Hands on the database itself: the database writes the row, since nobody else will.
    if session_user not in ('ledgerstone_app', 'ledgerstone_executor') then
      insert into ledger.ops_people (role_name) values (session_user) on conflict do nothing;
      select actor_id into ops_actor from ledger.ops_people where role_name = session_user;
      perform set_config('app.tenant', tenant::text, true);
      perform ledger.append_unchecked('ops', ops_actor::text, 'sql', 'ops.' || lower(tg_op), 'table', tg_table_schema || '.' || tg_table_name,
        gen_random_uuid(), null, null, array['context', 'detail'],
        array[jsonb_build_object('ip', host(inet_client_addr()), 'application', current_setting('application_name', true))::text,
              jsonb_build_object('role', session_user, 'rows', n)::text],
        null, null, null);
      perform set_config('app.tenant', coalesce(bound, ''), true);
    end if;
  end loop;
  return null;
end $$;

ALTER FUNCTION ledger.note_change() OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.open_appliance(p_tenant uuid, p_correlation uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  perform ledger.open_chain(p_tenant, 'Appliance', p_correlation);
  update public.tenants set is_appliance = true where tenant_id = p_tenant;
end $$;

ALTER FUNCTION ledger.open_appliance(p_tenant uuid, p_correlation uuid) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.open_chain(p_tenant uuid, p_name text, p_correlation uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  wanted text := trim(both '-' from left(regexp_replace(lower(p_name), '[^a-z0-9]+', '-', 'g'), 30));
begin
  perform app.bind(p_tenant, null);
  if wanted = '' then wanted := 't'; end if;
  begin
    insert into public.tenants (tenant_id, name, slug) values (p_tenant, p_name, wanted);
  exception when unique_violation then
    insert into public.tenants (tenant_id, name, slug) values (p_tenant, p_name, wanted || '-' || left(p_tenant::text, 8));
  end;
  insert into ledger.chain_heads (tenant_id, epoch, seq, hash, at, control, last_xact)
    values (p_tenant, 1, 0, ledger.genesis(p_tenant), '-infinity', 0, pg_current_xact_id());
  perform ledger.append_unchecked('system', 'appliance', 'cli', 'ledger.opened', 'tenant', p_tenant::text, p_correlation,
    null, null, null, null, null, null, null);
end $$;

ALTER FUNCTION ledger.open_chain(p_tenant uuid, p_name text, p_correlation uuid) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.opening_holds(p_subject bytea, p_at timestamp with time zone) RETURNS uuid[]
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT COALESCE(array_agg(h.hold_id ORDER BY h.placed_seq), '{}'::uuid[]) AS "coalesce"
    FROM public.holds h
   WHERE ((h.tenant_id = ( SELECT app.tenant() AS tenant)) AND (h.released_at IS NULL) AND ((h.subject = opening_holds.p_subject) OR ((h.site_id IS NULL) AND (h.kind IS NULL) AND (h.subject IS NULL) AND (h.event_ids IS NULL) AND ledger.in_range(opening_holds.p_at, h.from_at, h.to_at))));
END;

ALTER FUNCTION ledger.opening_holds(p_subject bytea, p_at timestamp with time zone) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.place_hold(p_hold uuid, p_site uuid, p_from timestamp with time zone, p_to timestamp with time zone, p_kind text, p_subject bytea, p_event_ids uuid[], p_case text, p_reason text, p_owner text, p_review_on date, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, OUT seq bigint, OUT placed_at timestamp with time zone) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION ledger.place_hold(p_hold uuid, p_site uuid, p_from timestamp with time zone, p_to timestamp with time zone, p_kind text, p_subject bytea, p_event_ids uuid[], p_case text, p_reason text, p_owner text, p_review_on date, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, OUT seq bigint, OUT placed_at timestamp with time zone) OWNER TO ledgerstone_owner;

CREATE TABLE public.policies (
    tenant_id uuid NOT NULL,
    site_id uuid NOT NULL,
    version integer NOT NULL,
    policy_id uuid DEFAULT gen_random_uuid() NOT NULL,
    seq bigint NOT NULL,
    image_days integer NOT NULL,
    event_days integer NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    effective_at timestamp with time zone NOT NULL,
    CONSTRAINT policies_check CHECK ((image_days <= event_days)),
    CONSTRAINT policies_event_days_check CHECK (((event_days >= 1) AND (event_days <= 3650))),
    CONSTRAINT policies_image_days_check CHECK (((image_days >= 1) AND (image_days <= 3650))),
    CONSTRAINT policies_version_check CHECK ((version >= 1))
);

ALTER TABLE ONLY public.policies FORCE ROW LEVEL SECURITY;

ALTER TABLE public.policies OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.policy_in_force(p_site uuid, p_at timestamp with time zone) RETURNS public.policies
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT p.*::public.policies AS p
    FROM public.policies p
   WHERE ((p.tenant_id = ( SELECT app.tenant() AS tenant)) AND (p.site_id = policy_in_force.p_site) AND (p.effective_at <= policy_in_force.p_at))
   ORDER BY p.version DESC
  LIMIT 1;
END;

ALTER FUNCTION ledger.policy_in_force(p_site uuid, p_at timestamp with time zone) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.record_batch(p_batch uuid, p_received timestamp with time zone, p_sites uuid[], p_counts integer[], p_roots bytea[], p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, p_unit_names text[], p_unit_contents text[], OUT seq bigint, OUT hash bytea, OUT at timestamp with time zone) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION ledger.record_batch(p_batch uuid, p_received timestamp with time zone, p_sites uuid[], p_counts integer[], p_roots bytea[], p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, p_unit_names text[], p_unit_contents text[], OUT seq bigint, OUT hash bytea, OUT at timestamp with time zone) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.record_views(p_actor_type text, p_actor_id text, p_via text, p_minute timestamp with time zone, p_correlation uuid, OUT views integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare v_events json;
begin
  with taken as (
    delete from public.image_views v
     where v.tenant_id = app.tenant() and v.actor_type = p_actor_type and v.actor_id = p_actor_id and v.via = p_via and v.minute <= p_minute
    returning v.event_id, v.n, v.thumbnail
  ), by_event as (
    select t.event_id, count(*) as views,
           coalesce(array_agg(distinct t.n order by t.n) filter (where not t.thumbnail), '{}') as images,
           coalesce(array_agg(distinct t.n order by t.n) filter (where t.thumbnail), '{}') as thumbnails
      from taken t group by t.event_id
  )
  select coalesce(sum(e.views), 0),
         json_agg(json_build_object('event', e.event_id, 'images', e.images, 'thumbnails', e.thumbnails) order by e.event_id)
    into views, v_events from by_event e;
  if views > 0 then
    perform ledger.append_unchecked(p_actor_type, p_actor_id, p_via, 'images.seen', 'minute', ledger.timestamp_text(p_minute), p_correlation,
      null, null, array['detail'], array[json_build_object('events', v_events)::text], null, null, null);
  end if;
end $$;

ALTER FUNCTION ledger.record_views(p_actor_type text, p_actor_id text, p_via text, p_minute timestamp with time zone, p_correlation uuid, OUT views integer) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.refuse_key_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  raise exception 'the key of image % is written once', old.image_id
    using errcode = 'LS002', hint = 'an image goes through the erase functions, with a tombstone';
end $$;

ALTER FUNCTION ledger.refuse_key_change() OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.refuse_rewrite() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  raise exception '% on %.% refused: the ledger is insert-only', tg_op, tg_table_schema, tg_table_name
    using errcode = 'LS002', hint = 'content is erased through its openings, with a tombstone';
end $$;

ALTER FUNCTION ledger.refuse_rewrite() OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.release_hold(p_hold uuid, p_reason text, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, OUT seq bigint, OUT released_at timestamp with time zone) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION ledger.release_hold(p_hold uuid, p_reason text, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, OUT seq bigint, OUT released_at timestamp with time zone) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.remove_dead_letter(p_letter uuid, p_as text, p_reason text, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, OUT outcome text, OUT held_by uuid[]) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare v_letter public.dead_letters;
begin
  if p_as not in ('retried', 'discarded') then
    raise exception 'a dead letter is retried or discarded, not %', p_as;
  end if;
  perform ledger.lock_holds_briefly(app.tenant());
  select l.* into v_letter from public.dead_letters l where l.tenant_id = app.tenant() and l.letter_id = p_letter for update;
  if not found or not (app.all_sites() or v_letter.site_id = any(app.sites()::uuid[])) then
    raise exception 'no dead letter %', p_letter using errcode = 'LS404';
  end if;
  held_by := ledger.holds_of_letter(v_letter);
  if held_by <> '{}' then
    outcome := 'held';
    return;
  end if;
  delete from public.dead_letters l where l.tenant_id = v_letter.tenant_id and l.letter_id = p_letter;
  perform ledger.append_unchecked(p_actor_type, p_actor_id, p_via, 'dead-letter.' || p_as, 'dead-letter', p_letter::text, p_correlation,
    null, null, array['detail'], array[jsonb_build_object('site', v_letter.site_id, 'sourceType', v_letter.source_type,
      'source', v_letter.source_id, 'received', ledger.timestamp_text(v_letter.received), 'refusedFor', v_letter.reason,
      'reason', p_reason)::text], null, null, null);
  outcome := 'removed';
end $$;

ALTER FUNCTION ledger.remove_dead_letter(p_letter uuid, p_as text, p_reason text, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, OUT outcome text, OUT held_by uuid[]) OWNER TO ledgerstone_owner;

CREATE TABLE public.event_keys (
    tenant_id uuid NOT NULL,
    event_id uuid NOT NULL,
    source_id uuid NOT NULL,
    received timestamp with time zone NOT NULL
)
PARTITION BY RANGE (event_id);

ALTER TABLE ONLY public.event_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE public.event_keys OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.request_events(p_request public.erasure_requests) RETURNS TABLE(site_id uuid, received timestamp with time zone, event_id uuid, held_by uuid[])
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT e.site_id,
     e.received,
     e.event_id,
     ledger.event_holds(e.site_id, e.event_id, (e.kind)::text, e.received, e.occurred) AS event_holds
    FROM (public.event_subjects s
      JOIN public.events e ON (((e.tenant_id = s.tenant_id) AND (e.received = s.received) AND (e.event_id = s.event_id))))
   WHERE ((s.tenant_id = ( SELECT app.tenant() AS tenant)) AND (s.subject = (request_events.p_request).subject))
 UNION ALL
  SELECT e.site_id,
     e.received,
     e.event_id,
     ledger.event_holds(e.site_id, e.event_id, (e.kind)::text, e.received, e.occurred) AS event_holds
    FROM (((unnest((request_events.p_request).event_ids) i(id)
      LEFT JOIN public.event_keys k ON (((k.tenant_id = ( SELECT app.tenant() AS tenant)) AND (k.event_id = i.id))))
      CROSS JOIN LATERAL ( SELECT to_timestamp((((((('x'::text || lpad("left"(replace((i.id)::text, '-'::text, ''::text), 12), 16, '0'::text)))::bit(64))::bigint)::numeric / 1000.0))::double precision) AS made) t)
      JOIN public.events e ON (((e.tenant_id = ( SELECT app.tenant() AS tenant)) AND (e.event_id = i.id) AND (e.received >= COALESCE(k.received, (t.made - '1 day'::interval))) AND (e.received <= COALESCE(k.received, (t.made + '70 days'::interval))))))
  ORDER BY 2, 3;
END;

ALTER FUNCTION ledger.request_events(p_request public.erasure_requests) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.require_row() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  bound text := current_setting('app.tenant', true);
  appended boolean;
begin
  perform set_config('app.tenant', new.tenant_id::text, true);
  select h.last_xact = new.xact into appended from ledger.chain_heads h where h.tenant_id = new.tenant_id;
  perform set_config('app.tenant', coalesce(bound, ''), true);
  if appended is not true then
    raise exception 'tenant % was changed without a ledger row: the commit is refused', new.tenant_id
      using errcode = 'LS005', hint = 'append the row in the same transaction, after the change';
  end if;
  delete from ledger.pending where backend = new.backend and tenant_id = new.tenant_id and xact = new.xact;
  return null;
end $$;

ALTER FUNCTION ledger.require_row() OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.require_rows_for(p_table regclass) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
  execute format('create trigger note_insert after insert on %s referencing new table as changed for each statement execute function ledger.note_change()', p_table);
  execute format('create trigger note_update after update on %s referencing new table as changed for each statement execute function ledger.note_change()', p_table);
  execute format('create trigger note_delete after delete on %s referencing old table as changed for each statement execute function ledger.note_change()', p_table);
  execute format('alter table %s enable always trigger note_insert, enable always trigger note_update, enable always trigger note_delete', p_table);
end $$;

ALTER FUNCTION ledger.require_rows_for(p_table regclass) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.rotate_key(p_key_id text, p_old bytea, p_new bytea, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, OUT seq bigint, OUT at timestamp with time zone) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
  v_content text := 'old ' || encode(p_old, 'base64') || chr(10) || 'new ' || encode(p_new, 'base64') || chr(10);
  v_last text;
begin
  if p_key_id !~ '^[0-9a-f]{8}$' or octet_length(p_old) <> 32 or octet_length(p_new) <> 32 or p_old = p_new then
    raise exception 'key rotation refused: expected two different Ed25519 keys of 32 bytes and the 4-byte key id of the new one'
      using errcode = 'LS008';
  end if;
  perform 1 from ledger.chain_heads h where h.tenant_id = app.tenant() for update;
  select o.content into v_last
    from ledger.rows r join ledger.openings o on o.tenant_id = r.tenant_id and o.seq = r.seq and o.unit = 'key'
   where r.tenant_id = app.tenant() and r.action = 'ledger.key.rotated'
   order by r.seq desc limit 1;
  if v_last is not null and split_part(v_last, chr(10), 2) <> 'new ' || encode(p_old, 'base64') then
    raise exception 'key rotation refused: the old key is not the one that the chain rotated to last'
      using errcode = 'LS008', hint = 'name the key in use as the old one';
  end if;
  select a.seq, a.at into seq, at
    from ledger.append_unchecked(p_actor_type, p_actor_id, p_via, 'ledger.key.rotated', 'key', p_key_id, p_correlation,
      null, null, array['key'], array[v_content], null, null, null) a;
end $_$;

ALTER FUNCTION ledger.rotate_key(p_key_id text, p_old bytea, p_new bytea, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, OUT seq bigint, OUT at timestamp with time zone) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.row_lines(p_tenant uuid, p_epoch integer, p_seq bigint, p_prev bytea, p_at timestamp with time zone, p_actor_type text, p_actor_id text, p_via text, p_action text, p_entity_type text, p_entity_id text, p_correlation uuid, p_control bigint, p_commits text, p_units text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (((((((((((((((((((((((((((((((((((((((('ledgerstone/row/v1'::text || chr(10)) || 'tenant '::text) || p_tenant) || chr(10)) || 'epoch '::text) || p_epoch) || chr(10)) || 'seq '::text) || p_seq) || chr(10)) || 'prev '::text) || encode(p_prev, 'hex'::text)) || chr(10)) || 'at '::text) || to_char((p_at AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'::text)) || chr(10)) || 'actor '::text) || p_actor_type) || ' '::text) || p_actor_id) || chr(10)) || 'via '::text) || p_via) || chr(10)) || 'action '::text) || p_action) || chr(10)) || 'entity '::text) || p_entity_type) || ' '::text) || p_entity_id) || chr(10)) || 'correlation '::text) || p_correlation) || chr(10)) || 'control '::text) || p_control) || chr(10)) || p_commits) || p_units);

ALTER FUNCTION ledger.row_lines(p_tenant uuid, p_epoch integer, p_seq bigint, p_prev bytea, p_at timestamp with time zone, p_actor_type text, p_actor_id text, p_via text, p_action text, p_entity_type text, p_entity_id text, p_correlation uuid, p_control bigint, p_commits text, p_units text) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.set_policy(p_site uuid, p_image_days integer, p_event_days integer, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, p_detail text, OUT version integer, OUT seq bigint, OUT effective_at timestamp with time zone) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION ledger.set_policy(p_site uuid, p_image_days integer, p_event_days integer, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, p_detail text, OUT version integer, OUT seq bigint, OUT effective_at timestamp with time zone) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.site_day_holds(p_site uuid, p_day date) RETURNS uuid[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION ledger.site_day_holds(p_site uuid, p_day date) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.timestamp_text(p timestamp with time zone) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN to_char((p AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'::text);

ALTER FUNCTION ledger.timestamp_text(p timestamp with time zone) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.truncate_partitions(p_day date, p_images_only boolean, p_via text, p_correlation uuid, OUT outcome text, OUT tenants integer, OUT sites integer, OUT events bigint, OUT images bigint) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

ALTER FUNCTION ledger.truncate_partitions(p_day date, p_images_only boolean, p_via text, p_correlation uuid, OUT outcome text, OUT tenants integer, OUT sites integer, OUT events bigint, OUT images bigint) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.truncate_day(p_day date, p_via text, p_correlation uuid, OUT outcome text, OUT tenants integer, OUT sites integer, OUT events bigint, OUT images bigint) RETURNS record
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT r.outcome,
     r.tenants,
     r.sites,
     r.events,
     r.images
    FROM ledger.truncate_partitions(truncate_day.p_day, false, truncate_day.p_via, truncate_day.p_correlation) r(outcome, tenants, sites, events, images);
END;

ALTER FUNCTION ledger.truncate_day(p_day date, p_via text, p_correlation uuid, OUT outcome text, OUT tenants integer, OUT sites integer, OUT events bigint, OUT images bigint) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.truncate_images_day(p_day date, p_via text, p_correlation uuid, OUT outcome text, OUT tenants integer, OUT sites integer, OUT events bigint, OUT images bigint) RETURNS record
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT r.outcome,
     r.tenants,
     r.sites,
     r.events,
     r.images
    FROM ledger.truncate_partitions(truncate_images_day.p_day, true, truncate_images_day.p_via, truncate_images_day.p_correlation) r(outcome, tenants, sites, events, images);
END;

ALTER FUNCTION ledger.truncate_images_day(p_day date, p_via text, p_correlation uuid, OUT outcome text, OUT tenants integer, OUT sites integer, OUT events bigint, OUT images bigint) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.unit_hash(p_salt bytea, p_name text, p_content text) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN public.hmac(convert_to((((('ledgerstone/unit/v1'::text || chr(10)) || p_name) || chr(10)) || p_content), 'UTF8'::name), p_salt, 'sha256'::text);

ALTER FUNCTION ledger.unit_hash(p_salt bytea, p_name text, p_content text) OWNER TO ledgerstone_owner;

CREATE FUNCTION ledger.utc_day(p timestamp with time zone) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((p AT TIME ZONE 'UTC'::text))::date;

ALTER FUNCTION ledger.utc_day(p timestamp with time zone) OWNER TO ledgerstone_owner;

CREATE TABLE app.partition_days (
    day date NOT NULL,
    events bigint NOT NULL,
    rewritten_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE app.partition_days OWNER TO ledgerstone_owner;

CREATE TABLE ledger.chain_heads (
    tenant_id uuid NOT NULL,
    epoch integer NOT NULL,
    seq bigint NOT NULL,
    hash ledger.hash NOT NULL,
    at timestamp with time zone NOT NULL,
    control bigint NOT NULL,
    last_xact xid8 NOT NULL,
    CONSTRAINT chain_heads_control_check CHECK ((control >= 0)),
    CONSTRAINT chain_heads_epoch_check CHECK ((epoch >= 1)),
    CONSTRAINT chain_heads_seq_check CHECK ((seq >= 0))
)
WITH (fillfactor='20');

ALTER TABLE ONLY ledger.chain_heads FORCE ROW LEVEL SECURITY;

ALTER TABLE ledger.chain_heads OWNER TO ledgerstone_owner;

CREATE TABLE ledger.checkpoints (
    tenant_id uuid NOT NULL,
    epoch integer NOT NULL,
    size bigint NOT NULL,
    root ledger.hash NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    note text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT checkpoints_size_check CHECK ((size >= 1))
);

ALTER TABLE ONLY ledger.checkpoints FORCE ROW LEVEL SECURITY;

ALTER TABLE ledger.checkpoints OWNER TO ledgerstone_owner;

CREATE TABLE ledger.openings (
    tenant_id uuid NOT NULL,
    seq bigint NOT NULL,
    unit ledger.token NOT NULL,
    unit_hash ledger.hash NOT NULL,
    salt ledger.salt NOT NULL,
    content text NOT NULL,
    subjects bytea[] DEFAULT '{}'::bytea[] NOT NULL
);

ALTER TABLE ONLY ledger.openings FORCE ROW LEVEL SECURITY;

ALTER TABLE ledger.openings OWNER TO ledgerstone_owner;

CREATE TABLE ledger.ops_people (
    role_name name NOT NULL,
    actor_id uuid DEFAULT gen_random_uuid() NOT NULL
);

ALTER TABLE ledger.ops_people OWNER TO ledgerstone_owner;

CREATE UNLOGGED TABLE ledger.pending (
    backend integer NOT NULL,
    tenant_id uuid NOT NULL,
    xact xid8 NOT NULL
);

ALTER TABLE ledger.pending OWNER TO ledgerstone_owner;

CREATE TABLE ledger.row_hmacs (
    tenant_id uuid NOT NULL,
    seq bigint NOT NULL,
    hmac ledger.hash NOT NULL
);

ALTER TABLE ONLY ledger.row_hmacs FORCE ROW LEVEL SECURITY;

ALTER TABLE ledger.row_hmacs OWNER TO ledgerstone_owner;

CREATE TABLE ledger.rows (
    tenant_id uuid NOT NULL,
    epoch ledger.positive NOT NULL,
    seq ledger.ordinal NOT NULL,
    prev ledger.hash NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_type ledger.actor_type NOT NULL,
    actor_id ledger.token NOT NULL,
    via ledger.channel NOT NULL,
    action ledger.token NOT NULL,
    entity_type ledger.token NOT NULL,
    entity_id ledger.token NOT NULL,
    correlation uuid NOT NULL,
    control bigint NOT NULL,
    commits ledger.named_hashes NOT NULL,
    units ledger.named_hashes NOT NULL,
    row_hash ledger.hash NOT NULL
);

ALTER TABLE ONLY ledger.rows FORCE ROW LEVEL SECURITY;

ALTER TABLE ledger.rows OWNER TO ledgerstone_owner;

CREATE TABLE ledger.tiles (
    tenant_id uuid NOT NULL,
    level integer NOT NULL,
    index bigint NOT NULL,
    hashes bytea NOT NULL,
    CONSTRAINT tiles_hashes_check CHECK ((octet_length(hashes) = 8192)),
    CONSTRAINT tiles_index_check CHECK ((index >= 0)),
    CONSTRAINT tiles_level_check CHECK (((level >= 0) AND (level <= 7)))
);

ALTER TABLE ONLY ledger.tiles FORCE ROW LEVEL SECURITY;

ALTER TABLE ledger.tiles OWNER TO ledgerstone_owner;

CREATE TABLE public.anomalies (
    tenant_id uuid NOT NULL,
    anomaly_id uuid DEFAULT gen_random_uuid() NOT NULL,
    kind ledger.token NOT NULL,
    entity_type ledger.token NOT NULL,
    entity_id ledger.token NOT NULL,
    first_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    last_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    times bigint DEFAULT 1 NOT NULL,
    untold bigint DEFAULT 0 NOT NULL,
    told_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY public.anomalies FORCE ROW LEVEL SECURITY;

ALTER TABLE public.anomalies OWNER TO ledgerstone_owner;

CREATE TABLE public.api_key_use (
    tenant_id uuid NOT NULL,
    key_id uuid NOT NULL,
    last_used_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.api_key_use FORCE ROW LEVEL SECURITY;

ALTER TABLE public.api_key_use OWNER TO ledgerstone_owner;

CREATE TABLE public.approval_answers (
    tenant_id uuid NOT NULL,
    approval_id uuid NOT NULL,
    status integer NOT NULL,
    body bytea NOT NULL
);

ALTER TABLE ONLY public.approval_answers FORCE ROW LEVEL SECURITY;

ALTER TABLE public.approval_answers OWNER TO ledgerstone_owner;

CREATE TABLE public.approvals (
    tenant_id uuid NOT NULL,
    approval_id uuid NOT NULL,
    act ledger.token NOT NULL,
    method text NOT NULL,
    route text NOT NULL,
    permission ledger.token NOT NULL,
    request bytea,
    seq bigint NOT NULL,
    requested_by_type ledger.actor_type NOT NULL,
    requested_by text NOT NULL,
    person uuid,
    site_ids uuid[],
    requested_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    alone_from timestamp with time zone,
    state text DEFAULT 'pending'::text NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    CONSTRAINT approvals_method_check CHECK ((method = ANY (ARRAY['post'::text, 'put'::text, 'patch'::text, 'delete'::text]))),
    CONSTRAINT approvals_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'executed'::text, 'refused'::text, 'withdrawn'::text, 'expired'::text])))
);

ALTER TABLE ONLY public.approvals FORCE ROW LEVEL SECURITY;

ALTER TABLE public.approvals OWNER TO ledgerstone_owner;

CREATE TABLE public.chain_checks (
    tenant_id uuid NOT NULL,
    check_id uuid DEFAULT gen_random_uuid() NOT NULL,
    task_id uuid NOT NULL,
    asked_by_type text NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    finished_at timestamp with time zone,
    report json,
    CONSTRAINT chain_checks_check CHECK (((finished_at IS NULL) = (report IS NULL)))
);

ALTER TABLE ONLY public.chain_checks FORCE ROW LEVEL SECURITY;

ALTER TABLE public.chain_checks OWNER TO ledgerstone_owner;

CREATE TABLE public.device_outboxes (
    tenant_id uuid NOT NULL,
    device_id uuid NOT NULL,
    outbox uuid NOT NULL,
    seen int8multirange DEFAULT '{}'::int8multirange NOT NULL,
    backed_up bigint,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY public.device_outboxes FORCE ROW LEVEL SECURITY;

ALTER TABLE public.device_outboxes OWNER TO ledgerstone_owner;

CREATE TABLE public.device_status (
    tenant_id uuid NOT NULL,
    site_id uuid NOT NULL,
    device_id uuid NOT NULL,
    last_seen_at timestamp with time zone,
    last_event_at timestamp with time zone,
    last_receipt_at timestamp with time zone,
    status json,
    clock_skew_ms bigint,
    rejected bigint DEFAULT 0 NOT NULL,
    gaps bigint DEFAULT 0 NOT NULL
);

ALTER TABLE ONLY public.device_status FORCE ROW LEVEL SECURITY;

ALTER TABLE public.device_status OWNER TO ledgerstone_owner;

CREATE TABLE public.directory_grants (
    tenant_id uuid NOT NULL,
    grant_id uuid NOT NULL,
    kind text NOT NULL,
    issuer text NOT NULL,
    CONSTRAINT directory_grants_kind_check CHECK ((kind = ANY (ARRAY['saml'::text, 'ldap'::text])))
);

ALTER TABLE ONLY public.directory_grants FORCE ROW LEVEL SECURITY;

ALTER TABLE public.directory_grants OWNER TO ledgerstone_owner;

CREATE TABLE public.directory_links (
    tenant_id uuid NOT NULL,
    link_id uuid DEFAULT gen_random_uuid() NOT NULL,
    kind text NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    user_id uuid NOT NULL,
    linked_by text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    unlinked_at timestamp with time zone,
    CONSTRAINT directory_links_issuer_check CHECK (((length(issuer) >= 1) AND (length(issuer) <= 1024))),
    CONSTRAINT directory_links_kind_check CHECK ((kind = ANY (ARRAY['saml'::text, 'ldap'::text]))),
    CONSTRAINT directory_links_linked_by_check CHECK ((linked_by = ANY (ARRAY['jit'::text, 'scim'::text, 'admin'::text]))),
    CONSTRAINT directory_links_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 1024)))
);

ALTER TABLE ONLY public.directory_links FORCE ROW LEVEL SECURITY;

ALTER TABLE public.directory_links OWNER TO ledgerstone_owner;

CREATE TABLE public.directory_mappings (
    tenant_id uuid NOT NULL,
    version integer NOT NULL,
    rules jsonb NOT NULL,
    scim_links jsonb NOT NULL,
    made_by text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT directory_mappings_version_check CHECK ((version >= 1))
);

ALTER TABLE ONLY public.directory_mappings FORCE ROW LEVEL SECURITY;

ALTER TABLE public.directory_mappings OWNER TO ledgerstone_owner;

CREATE TABLE public.directory_memberships (
    tenant_id uuid NOT NULL,
    group_id uuid NOT NULL,
    user_id uuid NOT NULL,
    kind text NOT NULL,
    issuer text NOT NULL,
    held boolean DEFAULT true NOT NULL,
    CONSTRAINT directory_memberships_kind_check CHECK ((kind = ANY (ARRAY['saml'::text, 'ldap'::text])))
);

ALTER TABLE ONLY public.directory_memberships FORCE ROW LEVEL SECURITY;

ALTER TABLE public.directory_memberships OWNER TO ledgerstone_owner;

CREATE TABLE public.enrolment_codes (
    tenant_id uuid NOT NULL,
    code_id uuid DEFAULT gen_random_uuid() NOT NULL,
    device_id uuid NOT NULL,
    secret_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT enrolment_codes_secret_hash_check CHECK ((octet_length(secret_hash) = 32))
);

ALTER TABLE ONLY public.enrolment_codes FORCE ROW LEVEL SECURITY;

ALTER TABLE public.enrolment_codes OWNER TO ledgerstone_owner;

CREATE TABLE public.erasure_cases (
    tenant_id uuid NOT NULL,
    case_id uuid DEFAULT gen_random_uuid() NOT NULL,
    channel text NOT NULL,
    law text DEFAULT 'gdpr'::text NOT NULL,
    state text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    due_on date NOT NULL,
    extended boolean DEFAULT false NOT NULL,
    paused_on date,
    paused_days integer DEFAULT 0 NOT NULL,
    sealed bytea,
    sender bytea,
    confirm_hash bytea,
    confirmed_at timestamp with time zone,
    identity_method ledger.token,
    identified_by_type text,
    identified_by text,
    identified_at timestamp with time zone,
    decided_by_type text,
    decided_by text,
    decided_at timestamp with time zone,
    closed_at timestamp with time zone,
    soon_told_at timestamp with time zone,
    overdue_told_at timestamp with time zone,
    CONSTRAINT erasure_cases_channel_check CHECK ((channel = ANY (ARRAY['page'::text, 'staff'::text]))),
    CONSTRAINT erasure_cases_check CHECK (((state = 'unconfirmed'::text) = (confirm_hash IS NOT NULL))),
    CONSTRAINT erasure_cases_check1 CHECK (((state = ANY (ARRAY['executed'::text, 'refused'::text])) = (closed_at IS NOT NULL))),
    CONSTRAINT erasure_cases_confirm_hash_check CHECK ((octet_length(confirm_hash) = 32)),
    CONSTRAINT erasure_cases_law_check CHECK ((law = ANY (ARRAY['gdpr'::text, 'ccpa'::text]))),
    CONSTRAINT erasure_cases_paused_days_check CHECK ((paused_days >= 0)),
    CONSTRAINT erasure_cases_sender_check CHECK ((octet_length(sender) = 32)),
    CONSTRAINT erasure_cases_state_check CHECK ((state = ANY (ARRAY['unconfirmed'::text, 'received'::text, 'identifying'::text, 'identified'::text, 'accepted'::text, 'refused'::text, 'executed'::text])))
);

ALTER TABLE ONLY public.erasure_cases FORCE ROW LEVEL SECURITY;

ALTER TABLE public.erasure_cases OWNER TO ledgerstone_owner;

CREATE TABLE public.erasures (
    tenant_id uuid NOT NULL,
    erasure_id uuid NOT NULL,
    seq bigint NOT NULL,
    basis text NOT NULL,
    request_id uuid,
    at timestamp with time zone NOT NULL,
    events bigint DEFAULT 0 NOT NULL,
    images bigint DEFAULT 0 NOT NULL,
    openings bigint DEFAULT 0 NOT NULL,
    bytes bigint DEFAULT 0 NOT NULL,
    files_pending bigint DEFAULT 0 NOT NULL,
    files_gone_at timestamp with time zone,
    journalled_at timestamp with time zone,
    what text DEFAULT 'events'::text NOT NULL,
    site_id uuid,
    day date,
    xact xid8,
    entered_at timestamp with time zone,
    CONSTRAINT erasures_basis_check CHECK ((basis = ANY (ARRAY['retention'::text, 'request'::text, 'hold-release'::text, 'offboarding'::text]))),
    CONSTRAINT erasures_what_check CHECK ((what = ANY (ARRAY['day'::text, 'site-day'::text, 'image-day'::text, 'events'::text, 'images'::text, 'openings'::text])))
);

ALTER TABLE ONLY public.erasures FORCE ROW LEVEL SECURITY;

ALTER TABLE public.erasures OWNER TO ledgerstone_owner;

CREATE TABLE public.exports (
    tenant_id uuid NOT NULL,
    export_id uuid DEFAULT gen_random_uuid() NOT NULL,
    scope json NOT NULL,
    state text DEFAULT 'ready'::text NOT NULL,
    path text,
    bytes bigint,
    sha256 bytea,
    events bigint,
    images bigint,
    made_by_type text NOT NULL,
    made_by text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    finished_at timestamp with time zone,
    expires_at timestamp with time zone,
    subjects bytea[] DEFAULT '{}'::bytea[] NOT NULL,
    error text,
    wrapped_key bytea,
    parts json,
    encrypted boolean DEFAULT false NOT NULL,
    checkpoint_size bigint,
    CONSTRAINT exports_state_check CHECK ((state = ANY (ARRAY['ready'::text, 'running'::text, 'done'::text, 'failed'::text, 'expired'::text])))
);

ALTER TABLE ONLY public.exports FORCE ROW LEVEL SECURITY;

ALTER TABLE public.exports OWNER TO ledgerstone_owner;

CREATE TABLE public.factor_challenges (
    tenant_id uuid NOT NULL,
    challenge_id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    holder uuid NOT NULL,
    purpose text NOT NULL,
    sealed bytea NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT factor_challenges_purpose_check CHECK ((purpose = ANY (ARRAY['totp-enrol'::text, 'webauthn-enrol'::text, 'webauthn-use'::text, 'email-enrol'::text, 'email-use'::text])))
);

ALTER TABLE ONLY public.factor_challenges FORCE ROW LEVEL SECURITY;

ALTER TABLE public.factor_challenges OWNER TO ledgerstone_owner;

CREATE TABLE public.factors (
    tenant_id uuid NOT NULL,
    factor_id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    sealed bytea NOT NULL,
    credential_id bytea,
    transports text[] DEFAULT '{}'::text[] NOT NULL,
    counter bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    last_used_at timestamp with time zone,
    CONSTRAINT factors_check CHECK (((kind = 'webauthn'::text) = (credential_id IS NOT NULL))),
    CONSTRAINT factors_credential_id_check CHECK (((octet_length(credential_id) >= 1) AND (octet_length(credential_id) <= 1023))),
    CONSTRAINT factors_kind_check CHECK ((kind = ANY (ARRAY['totp'::text, 'webauthn'::text, 'email'::text]))),
    CONSTRAINT factors_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100)))
);

ALTER TABLE ONLY public.factors FORCE ROW LEVEL SECURITY;

ALTER TABLE public.factors OWNER TO ledgerstone_owner;

CREATE TABLE public.groups (
    tenant_id uuid NOT NULL,
    group_id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    source text DEFAULT 'local'::text NOT NULL,
    external_id text,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT groups_external_id_check CHECK (((length(external_id) >= 1) AND (length(external_id) <= 512))),
    CONSTRAINT groups_name_check CHECK (((length(name) >= 1) AND (length(name) <= 256))),
    CONSTRAINT groups_source_check CHECK ((source = ANY (ARRAY['local'::text, 'scim'::text])))
);

ALTER TABLE ONLY public.groups FORCE ROW LEVEL SECURITY;

ALTER TABLE public.groups OWNER TO ledgerstone_owner;

CREATE TABLE public.idempotency_keys (
    tenant_id uuid NOT NULL,
    actor_type ledger.actor_type NOT NULL,
    actor_id text NOT NULL,
    key_hash bytea NOT NULL,
    request bytea NOT NULL,
    made_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    status integer,
    answer bytea,
    secret boolean DEFAULT false NOT NULL,
    CONSTRAINT idempotency_keys_key_hash_check CHECK ((octet_length(key_hash) = 32)),
    CONSTRAINT idempotency_keys_request_check CHECK ((octet_length(request) = 32)),
    CONSTRAINT idempotency_keys_status_check CHECK (((status >= 200) AND (status <= 299)))
);

ALTER TABLE ONLY public.idempotency_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE public.idempotency_keys OWNER TO ledgerstone_owner;

CREATE TABLE public.image_views (
    tenant_id uuid NOT NULL,
    site_id uuid NOT NULL,
    actor_type ledger.actor_type NOT NULL,
    actor_id ledger.token NOT NULL,
    via ledger.channel NOT NULL,
    minute timestamp with time zone NOT NULL,
    event_id uuid NOT NULL,
    n integer NOT NULL,
    thumbnail boolean NOT NULL,
    CONSTRAINT image_views_n_check CHECK (((n >= 0) AND (n <= 15)))
);

ALTER TABLE ONLY public.image_views FORCE ROW LEVEL SECURITY;

ALTER TABLE public.image_views OWNER TO ledgerstone_owner;

CREATE TABLE public.known_places (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    kind text NOT NULL,
    place bytea NOT NULL,
    first_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    last_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT known_places_kind_check CHECK ((kind = ANY (ARRAY['network'::text, 'device'::text]))),
    CONSTRAINT known_places_place_check CHECK ((octet_length(place) = 32))
);

ALTER TABLE ONLY public.known_places FORCE ROW LEVEL SECURITY;

ALTER TABLE public.known_places OWNER TO ledgerstone_owner;

CREATE TABLE public.ldap_directories (
    tenant_id uuid NOT NULL,
    directory_id uuid DEFAULT gen_random_uuid() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    name text NOT NULL,
    enabled boolean NOT NULL,
    settings jsonb NOT NULL,
    bind_password bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    removed_at timestamp with time zone,
    CONSTRAINT ldap_directories_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100)))
);

ALTER TABLE ONLY public.ldap_directories FORCE ROW LEVEL SECURITY;

ALTER TABLE public.ldap_directories OWNER TO ledgerstone_owner;

CREATE TABLE public.local_passwords (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    hash text NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT local_passwords_hash_check CHECK ((hash ~~ '$argon2id$%'::text))
);

ALTER TABLE ONLY public.local_passwords FORCE ROW LEVEL SECURITY;

ALTER TABLE public.local_passwords OWNER TO ledgerstone_owner;

CREATE TABLE public.mails (
    tenant_id uuid NOT NULL,
    mail_id uuid DEFAULT gen_random_uuid() NOT NULL,
    about uuid,
    sealed bytea NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    made_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY public.mails FORCE ROW LEVEL SECURITY;

ALTER TABLE public.mails OWNER TO ledgerstone_owner;

CREATE TABLE public.notice_settings (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    mail boolean NOT NULL
);

ALTER TABLE ONLY public.notice_settings FORCE ROW LEVEL SECURITY;

ALTER TABLE public.notice_settings OWNER TO ledgerstone_owner;

CREATE TABLE public.notices (
    tenant_id uuid NOT NULL,
    notice_id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    kind ledger.token NOT NULL,
    entity_type ledger.token NOT NULL,
    entity_id ledger.token NOT NULL,
    about uuid,
    data json NOT NULL,
    made_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    read_at timestamp with time zone
);

ALTER TABLE ONLY public.notices FORCE ROW LEVEL SECURITY;

ALTER TABLE public.notices OWNER TO ledgerstone_owner;

CREATE TABLE public.object_garbage (
    tenant_id uuid NOT NULL,
    path text NOT NULL,
    erasure_id uuid,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    collected_at timestamp with time zone
);

ALTER TABLE ONLY public.object_garbage FORCE ROW LEVEL SECURITY;

ALTER TABLE public.object_garbage OWNER TO ledgerstone_owner;

CREATE TABLE public.pending_sign_ins (
    tenant_id uuid NOT NULL,
    pending_id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    via text NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT pending_sign_ins_token_hash_check CHECK ((octet_length(token_hash) = 32)),
    CONSTRAINT pending_sign_ins_via_check CHECK ((via = ANY (ARRAY['web'::text, 'ldap'::text])))
);

ALTER TABLE ONLY public.pending_sign_ins FORCE ROW LEVEL SECURITY;

ALTER TABLE public.pending_sign_ins OWNER TO ledgerstone_owner;

CREATE TABLE public.recovery_codes (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    code_hash bytea NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT recovery_codes_code_hash_check CHECK ((octet_length(code_hash) = 32))
);

ALTER TABLE ONLY public.recovery_codes FORCE ROW LEVEL SECURITY;

ALTER TABLE public.recovery_codes OWNER TO ledgerstone_owner;

CREATE TABLE public.retention_forecasts (
    tenant_id uuid NOT NULL,
    day date NOT NULL,
    events bigint NOT NULL,
    made_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT retention_forecasts_events_check CHECK ((events >= 0))
);

ALTER TABLE ONLY public.retention_forecasts FORCE ROW LEVEL SECURITY;

ALTER TABLE public.retention_forecasts OWNER TO ledgerstone_owner;

CREATE TABLE public.saml_assertions (
    tenant_id uuid NOT NULL,
    assertion_hash bytea NOT NULL,
    expires_at timestamp with time zone DEFAULT (clock_timestamp() + '1 day'::interval) NOT NULL,
    CONSTRAINT saml_assertions_assertion_hash_check CHECK ((octet_length(assertion_hash) = 32))
);

ALTER TABLE ONLY public.saml_assertions FORCE ROW LEVEL SECURITY;

ALTER TABLE public.saml_assertions OWNER TO ledgerstone_owner;

CREATE TABLE public.saml_configurations (
    tenant_id uuid NOT NULL,
    version integer NOT NULL,
    settings jsonb NOT NULL,
    made_by text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT saml_configurations_version_check CHECK ((version >= 1))
);

ALTER TABLE ONLY public.saml_configurations FORCE ROW LEVEL SECURITY;

ALTER TABLE public.saml_configurations OWNER TO ledgerstone_owner;

CREATE TABLE public.saml_keys (
    tenant_id uuid NOT NULL,
    key_id uuid DEFAULT gen_random_uuid() NOT NULL,
    state text NOT NULL,
    certificate text NOT NULL,
    private_key bytea,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT saml_keys_check CHECK (((state = 'retired'::text) = (private_key IS NULL))),
    CONSTRAINT saml_keys_state_check CHECK ((state = ANY (ARRAY['next'::text, 'current'::text, 'previous'::text, 'retired'::text])))
);

ALTER TABLE ONLY public.saml_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE public.saml_keys OWNER TO ledgerstone_owner;

CREATE TABLE public.saml_requests (
    tenant_id uuid NOT NULL,
    request_id text NOT NULL,
    relay_state text NOT NULL,
    binding_hash bytea NOT NULL,
    device text NOT NULL,
    test_id uuid,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone DEFAULT (clock_timestamp() + '00:10:00'::interval) NOT NULL,
    CONSTRAINT saml_requests_binding_hash_check CHECK ((octet_length(binding_hash) = 32)),
    CONSTRAINT saml_requests_device_check CHECK ((length(device) <= 64)),
    CONSTRAINT saml_requests_relay_state_check CHECK (((length(relay_state) >= 20) AND (length(relay_state) <= 80))),
    CONSTRAINT saml_requests_request_id_check CHECK (((length(request_id) >= 20) AND (length(request_id) <= 100)))
);

ALTER TABLE ONLY public.saml_requests FORCE ROW LEVEL SECURITY;

ALTER TABLE public.saml_requests OWNER TO ledgerstone_owner;

CREATE TABLE public.saml_tests (
    tenant_id uuid NOT NULL,
    test_id uuid DEFAULT gen_random_uuid() NOT NULL,
    made_by text NOT NULL,
    result bytea,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone DEFAULT (clock_timestamp() + '01:00:00'::interval) NOT NULL
);

ALTER TABLE ONLY public.saml_tests FORCE ROW LEVEL SECURITY;

ALTER TABLE public.saml_tests OWNER TO ledgerstone_owner;

CREATE TABLE public.schema_migrations (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    run_on timestamp without time zone NOT NULL
);

ALTER TABLE public.schema_migrations OWNER TO ledgerstone_owner;

CREATE SEQUENCE public.schema_migrations_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.schema_migrations_id_seq OWNER TO ledgerstone_owner;

ALTER SEQUENCE public.schema_migrations_id_seq OWNED BY public.schema_migrations.id;

CREATE TABLE public.scim_users (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    attributes json NOT NULL,
    email_keys text[] NOT NULL,
    manager text,
    removed_at timestamp with time zone
);

ALTER TABLE ONLY public.scim_users FORCE ROW LEVEL SECURITY;

ALTER TABLE public.scim_users OWNER TO ledgerstone_owner;

CREATE TABLE public.session_use (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    address inet NOT NULL
);

ALTER TABLE ONLY public.session_use FORCE ROW LEVEL SECURITY;

ALTER TABLE public.session_use OWNER TO ledgerstone_owner;

CREATE TABLE public.sign_in_failures (
    tenant_id uuid NOT NULL,
    source bytea NOT NULL,
    failures integer DEFAULT 1 NOT NULL,
    since timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT sign_in_failures_source_check CHECK ((octet_length(source) = 32))
);

ALTER TABLE ONLY public.sign_in_failures FORCE ROW LEVEL SECURITY;

ALTER TABLE public.sign_in_failures OWNER TO ledgerstone_owner;

CREATE TABLE public.sign_in_links (
    tenant_id uuid NOT NULL,
    link_id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    purpose text NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT sign_in_links_purpose_check CHECK ((purpose = ANY (ARRAY['setup'::text, 'invite'::text, 'reset'::text]))),
    CONSTRAINT sign_in_links_token_hash_check CHECK ((octet_length(token_hash) = 32))
);

ALTER TABLE ONLY public.sign_in_links FORCE ROW LEVEL SECURITY;

ALTER TABLE public.sign_in_links OWNER TO ledgerstone_owner;

CREATE TABLE public.sign_in_tries (
    tenant_id uuid NOT NULL,
    name_hash bytea NOT NULL,
    tries integer NOT NULL,
    last_at timestamp with time zone NOT NULL,
    not_before timestamp with time zone NOT NULL,
    user_id uuid,
    CONSTRAINT sign_in_tries_name_hash_check CHECK ((octet_length(name_hash) = 32))
);

ALTER TABLE ONLY public.sign_in_tries FORCE ROW LEVEL SECURITY;

ALTER TABLE public.sign_in_tries OWNER TO ledgerstone_owner;

CREATE TABLE public.site_hours (
    tenant_id uuid NOT NULL,
    site_id uuid NOT NULL,
    slot integer NOT NULL,
    hour timestamp with time zone NOT NULL,
    events bigint NOT NULL,
    bytes bigint NOT NULL,
    images bigint NOT NULL,
    image_bytes bigint NOT NULL,
    CONSTRAINT site_hours_slot_check CHECK (((slot >= 0) AND (slot <= 47)))
)
WITH (fillfactor='70');

ALTER TABLE ONLY public.site_hours FORCE ROW LEVEL SECURITY;

ALTER TABLE public.site_hours OWNER TO ledgerstone_owner;

ALTER TABLE ONLY public.schema_migrations ALTER COLUMN id SET DEFAULT nextval('public.schema_migrations_id_seq'::regclass);

ALTER TABLE ONLY app.partition_days
    ADD CONSTRAINT partition_days_pkey PRIMARY KEY (day);

ALTER TABLE ONLY ledger.chain_heads
    ADD CONSTRAINT chain_heads_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY ledger.checkpoints
    ADD CONSTRAINT checkpoints_pkey PRIMARY KEY (tenant_id, epoch, size, sealed_at);

ALTER TABLE ONLY ledger.openings
    ADD CONSTRAINT openings_pkey PRIMARY KEY (tenant_id, seq, unit);

ALTER TABLE ONLY ledger.ops_people
    ADD CONSTRAINT ops_people_actor_id_key UNIQUE (actor_id);

ALTER TABLE ONLY ledger.ops_people
    ADD CONSTRAINT ops_people_pkey PRIMARY KEY (role_name);

ALTER TABLE ONLY ledger.pending
    ADD CONSTRAINT pending_pkey PRIMARY KEY (backend, tenant_id, xact);

ALTER TABLE ONLY ledger.row_hmacs
    ADD CONSTRAINT row_hmacs_pkey PRIMARY KEY (tenant_id, seq);

ALTER TABLE ONLY ledger.rows
    ADD CONSTRAINT rows_pkey PRIMARY KEY (tenant_id, seq);

ALTER TABLE ONLY ledger.rows
    ADD CONSTRAINT rows_tenant_id_prev_key UNIQUE (tenant_id, prev);

ALTER TABLE ONLY ledger.tiles
    ADD CONSTRAINT tiles_pkey PRIMARY KEY (tenant_id, level, index);

ALTER TABLE ONLY public.anomalies
    ADD CONSTRAINT anomalies_pkey PRIMARY KEY (tenant_id, kind, entity_type, entity_id);

ALTER TABLE ONLY public.api_key_use
    ADD CONSTRAINT api_key_use_pkey PRIMARY KEY (tenant_id, key_id);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_fingerprint_key UNIQUE (fingerprint);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (tenant_id, key_id);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_prefix_key UNIQUE (prefix);

ALTER TABLE ONLY public.approval_answers
    ADD CONSTRAINT approval_answers_pkey PRIMARY KEY (tenant_id, approval_id);

ALTER TABLE ONLY public.approval_rules
    ADD CONSTRAINT approval_rules_pkey PRIMARY KEY (tenant_id, act);

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_pkey PRIMARY KEY (tenant_id, approval_id);

ALTER TABLE ONLY public.batch_sites
    ADD CONSTRAINT batch_sites_pkey PRIMARY KEY (tenant_id, received, batch_id, site_id);

ALTER TABLE ONLY public.batches
    ADD CONSTRAINT batches_pkey PRIMARY KEY (tenant_id, received, batch_id);

ALTER TABLE ONLY public.batches
    ADD CONSTRAINT batches_tenant_id_received_batch_seq_key UNIQUE (tenant_id, received, batch_seq);

ALTER TABLE ONLY public.chain_checks
    ADD CONSTRAINT chain_checks_pkey PRIMARY KEY (tenant_id, check_id);

ALTER TABLE ONLY public.dead_letters
    ADD CONSTRAINT dead_letters_pkey PRIMARY KEY (tenant_id, letter_id);

ALTER TABLE ONLY public.device_certificates
    ADD CONSTRAINT device_certificates_pkey PRIMARY KEY (tenant_id, fingerprint);

ALTER TABLE ONLY public.device_outboxes
    ADD CONSTRAINT device_outboxes_pkey PRIMARY KEY (tenant_id, device_id, outbox);

ALTER TABLE ONLY public.device_passwords
    ADD CONSTRAINT device_passwords_pkey PRIMARY KEY (tenant_id, device_id);

ALTER TABLE ONLY public.device_status
    ADD CONSTRAINT device_status_pkey PRIMARY KEY (tenant_id, device_id);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT devices_device_id_key UNIQUE (device_id);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT devices_pkey PRIMARY KEY (tenant_id, device_id);

ALTER TABLE ONLY public.directory_grants
    ADD CONSTRAINT directory_grants_pkey PRIMARY KEY (tenant_id, grant_id);

ALTER TABLE ONLY public.directory_links
    ADD CONSTRAINT directory_links_pkey PRIMARY KEY (tenant_id, link_id);

ALTER TABLE ONLY public.directory_mappings
    ADD CONSTRAINT directory_mappings_pkey PRIMARY KEY (tenant_id, version);

ALTER TABLE ONLY public.directory_memberships
    ADD CONSTRAINT directory_memberships_pkey PRIMARY KEY (tenant_id, group_id, user_id, kind, issuer);

ALTER TABLE ONLY public.enrolment_codes
    ADD CONSTRAINT enrolment_codes_pkey PRIMARY KEY (tenant_id, code_id);

ALTER TABLE ONLY public.erasure_cases
    ADD CONSTRAINT erasure_cases_pkey PRIMARY KEY (tenant_id, case_id);

ALTER TABLE ONLY public.erasure_requests
    ADD CONSTRAINT erasure_requests_pkey PRIMARY KEY (tenant_id, request_id);

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_pkey PRIMARY KEY (tenant_id, erasure_id);

ALTER TABLE ONLY public.event_keys
    ADD CONSTRAINT event_keys_pkey PRIMARY KEY (tenant_id, event_id);

ALTER TABLE ONLY public.event_subjects
    ADD CONSTRAINT event_subjects_pkey PRIMARY KEY (tenant_id, subject, received, event_id);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (tenant_id, received, event_id);

ALTER TABLE ONLY public.exports
    ADD CONSTRAINT exports_pkey PRIMARY KEY (tenant_id, export_id);

ALTER TABLE ONLY public.factor_challenges
    ADD CONSTRAINT factor_challenges_pkey PRIMARY KEY (tenant_id, challenge_id);

ALTER TABLE ONLY public.factor_challenges
    ADD CONSTRAINT factor_challenges_tenant_id_holder_purpose_key UNIQUE (tenant_id, holder, purpose);

ALTER TABLE ONLY public.factors
    ADD CONSTRAINT factors_pkey PRIMARY KEY (tenant_id, factor_id);

ALTER TABLE ONLY public.group_members
    ADD CONSTRAINT group_members_pkey PRIMARY KEY (tenant_id, group_id, user_id);

ALTER TABLE ONLY public.groups
    ADD CONSTRAINT groups_pkey PRIMARY KEY (tenant_id, group_id);

ALTER TABLE ONLY public.holds
    ADD CONSTRAINT holds_pkey PRIMARY KEY (tenant_id, hold_id);

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant_id, actor_type, actor_id, key_hash);

ALTER TABLE ONLY public.image_views
    ADD CONSTRAINT image_views_pkey PRIMARY KEY (tenant_id, actor_type, actor_id, via, minute, event_id, n, thumbnail);

ALTER TABLE ONLY public.images
    ADD CONSTRAINT images_pkey PRIMARY KEY (tenant_id, received, event_id, n);

ALTER TABLE ONLY public.known_places
    ADD CONSTRAINT known_places_pkey PRIMARY KEY (tenant_id, user_id, kind, place);

ALTER TABLE ONLY public.ldap_directories
    ADD CONSTRAINT ldap_directories_pkey PRIMARY KEY (tenant_id, directory_id);

ALTER TABLE ONLY public.local_passwords
    ADD CONSTRAINT local_passwords_pkey PRIMARY KEY (tenant_id, user_id);

ALTER TABLE ONLY public.mails
    ADD CONSTRAINT mails_pkey PRIMARY KEY (tenant_id, mail_id);

ALTER TABLE ONLY public.notice_settings
    ADD CONSTRAINT notice_settings_pkey PRIMARY KEY (tenant_id, user_id);

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_pkey PRIMARY KEY (tenant_id, notice_id);

ALTER TABLE ONLY public.object_garbage
    ADD CONSTRAINT object_garbage_pkey PRIMARY KEY (tenant_id, path);

ALTER TABLE ONLY public.pending_sign_ins
    ADD CONSTRAINT pending_sign_ins_pkey PRIMARY KEY (tenant_id, pending_id);

ALTER TABLE ONLY public.pending_sign_ins
    ADD CONSTRAINT pending_sign_ins_tenant_id_token_hash_key UNIQUE (tenant_id, token_hash);

ALTER TABLE ONLY public.policies
    ADD CONSTRAINT policies_pkey PRIMARY KEY (tenant_id, site_id, version);

ALTER TABLE ONLY public.recovery_codes
    ADD CONSTRAINT recovery_codes_pkey PRIMARY KEY (tenant_id, user_id, code_hash);

ALTER TABLE ONLY public.retention_forecasts
    ADD CONSTRAINT retention_forecasts_pkey PRIMARY KEY (tenant_id, day);

ALTER TABLE ONLY public.role_grants
    ADD CONSTRAINT role_grants_pkey PRIMARY KEY (tenant_id, grant_id);

ALTER TABLE ONLY public.roles
    ADD CONSTRAINT roles_pkey PRIMARY KEY (tenant_id, role_id);

ALTER TABLE ONLY public.saml_assertions
    ADD CONSTRAINT saml_assertions_pkey PRIMARY KEY (tenant_id, assertion_hash);

ALTER TABLE ONLY public.saml_configurations
    ADD CONSTRAINT saml_configurations_pkey PRIMARY KEY (tenant_id, version);

ALTER TABLE ONLY public.saml_keys
    ADD CONSTRAINT saml_keys_pkey PRIMARY KEY (tenant_id, key_id);

ALTER TABLE ONLY public.saml_requests
    ADD CONSTRAINT saml_requests_pkey PRIMARY KEY (tenant_id, request_id);

ALTER TABLE ONLY public.saml_requests
    ADD CONSTRAINT saml_requests_tenant_id_relay_state_key UNIQUE (tenant_id, relay_state);

ALTER TABLE ONLY public.saml_tests
    ADD CONSTRAINT saml_tests_pkey PRIMARY KEY (tenant_id, test_id);

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.scim_users
    ADD CONSTRAINT scim_users_pkey PRIMARY KEY (tenant_id, user_id);

ALTER TABLE ONLY public.session_use
    ADD CONSTRAINT session_use_pkey PRIMARY KEY (tenant_id, session_id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (tenant_id, session_id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY public.sign_in_failures
    ADD CONSTRAINT sign_in_failures_pkey PRIMARY KEY (tenant_id, source);

ALTER TABLE ONLY public.sign_in_links
    ADD CONSTRAINT sign_in_links_pkey PRIMARY KEY (tenant_id, link_id);

ALTER TABLE ONLY public.sign_in_links
    ADD CONSTRAINT sign_in_links_tenant_id_token_hash_key UNIQUE (tenant_id, token_hash);

ALTER TABLE ONLY public.sign_in_tries
    ADD CONSTRAINT sign_in_tries_pkey PRIMARY KEY (tenant_id, name_hash);

ALTER TABLE ONLY public.site_days
    ADD CONSTRAINT site_days_pkey PRIMARY KEY (tenant_id, site_id, day);

ALTER TABLE ONLY public.site_hours
    ADD CONSTRAINT site_hours_pkey PRIMARY KEY (tenant_id, site_id, slot);

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT sites_pkey PRIMARY KEY (tenant_id, site_id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_pkey PRIMARY KEY (tenant_id, task_id);

ALTER TABLE ONLY public.tenant_keys
    ADD CONSTRAINT tenant_keys_pkey PRIMARY KEY (tenant_id, purpose, version);

ALTER TABLE ONLY public.tenant_usage
    ADD CONSTRAINT tenant_usage_pkey PRIMARY KEY (tenant_id, day);

ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_slug_key UNIQUE (slug);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (tenant_id, user_id);

CREATE INDEX openings_subjects ON ledger.openings USING btree (tenant_id) WHERE (subjects <> '{}'::bytea[]);

CREATE INDEX rows_action ON ledger.rows USING btree (tenant_id, action, seq);

CREATE INDEX rows_actor ON ledger.rows USING btree (tenant_id, actor_type, actor_id, seq) WHERE ((actor_type)::text <> ALL (ARRAY['system'::text, 'device'::text]));

CREATE INDEX rows_at ON ledger.rows USING btree (tenant_id, at, seq);

CREATE INDEX rows_entity ON ledger.rows USING btree (tenant_id, entity_type, entity_id, seq);

CREATE INDEX rows_via ON ledger.rows USING btree (tenant_id, via, seq) WHERE ((via)::text <> ALL (ARRAY['mqtt'::text, 'edge'::text]));

CREATE INDEX anomalies_last ON public.anomalies USING btree (tenant_id, last_at, anomaly_id);

CREATE INDEX api_keys_person ON public.api_keys USING btree (tenant_id, person_id) WHERE (revoked_at IS NULL);

CREATE INDEX approvals_kept ON public.approvals USING btree (tenant_id, decided_at) WHERE ((request IS NOT NULL) AND (state <> 'pending'::text));

CREATE INDEX approvals_newest ON public.approvals USING btree (tenant_id, seq DESC);

CREATE INDEX approvals_pending ON public.approvals USING btree (tenant_id, expires_at) WHERE (state = 'pending'::text);

CREATE INDEX chain_checks_newest ON public.chain_checks USING btree (tenant_id, asked_at, check_id);

CREATE INDEX dead_letters_received ON public.dead_letters USING btree (tenant_id, received DESC);

CREATE UNIQUE INDEX device_certificates_common_name ON public.device_certificates USING btree (common_name) WHERE ((common_name IS NOT NULL) AND (revoked_at IS NULL));

CREATE INDEX device_certificates_device ON public.device_certificates USING btree (tenant_id, device_id);

CREATE UNIQUE INDEX device_certificates_fingerprint ON public.device_certificates USING btree (fingerprint);

CREATE UNIQUE INDEX device_certificates_san ON public.device_certificates USING btree (san) WHERE ((san IS NOT NULL) AND (revoked_at IS NULL));

CREATE INDEX devices_site ON public.devices USING btree (tenant_id, site_id);

CREATE UNIQUE INDEX directory_links_subject ON public.directory_links USING btree (tenant_id, kind, issuer, subject) WHERE (unlinked_at IS NULL);

CREATE INDEX directory_links_user ON public.directory_links USING btree (tenant_id, user_id) WHERE (unlinked_at IS NULL);

CREATE INDEX enrolment_codes_device ON public.enrolment_codes USING btree (tenant_id, device_id);

CREATE INDEX erasure_cases_newest ON public.erasure_cases USING btree (tenant_id, received_at, case_id);

CREATE INDEX erasure_cases_open ON public.erasure_cases USING btree (tenant_id, due_on) WHERE (closed_at IS NULL);

CREATE INDEX erasure_requests_case ON public.erasure_requests USING btree (tenant_id, case_id) WHERE (case_id IS NOT NULL);

CREATE INDEX erasures_seq ON public.erasures USING btree (tenant_id, seq);

CREATE INDEX erasures_unproven ON public.erasures USING btree (tenant_id, seq) WHERE (journalled_at IS NULL);

CREATE INDEX events_kind ON ONLY public.events USING btree (tenant_id, kind, received DESC, event_id DESC);

CREATE INDEX events_site ON ONLY public.events USING btree (tenant_id, site_id, received DESC, event_id DESC, kind);

CREATE INDEX exports_created ON public.exports USING btree (tenant_id, created_at DESC);

CREATE INDEX factor_challenges_expiry ON public.factor_challenges USING btree (tenant_id, expires_at);

CREATE INDEX factor_challenges_user ON public.factor_challenges USING btree (tenant_id, user_id);

CREATE UNIQUE INDEX factors_credential ON public.factors USING btree (tenant_id, credential_id) WHERE (credential_id IS NOT NULL);

CREATE UNIQUE INDEX factors_email ON public.factors USING btree (tenant_id, user_id) WHERE (kind = 'email'::text);

CREATE INDEX factors_user ON public.factors USING btree (tenant_id, user_id);

CREATE INDEX group_members_user ON public.group_members USING btree (tenant_id, user_id);

CREATE UNIQUE INDEX groups_name ON public.groups USING btree (tenant_id, lower(name));

CREATE INDEX holds_open ON public.holds USING btree (tenant_id) WHERE (released_at IS NULL);

CREATE INDEX idempotency_keys_age ON public.idempotency_keys USING btree (tenant_id, made_at);

CREATE INDEX images_id ON ONLY public.images USING btree (tenant_id, image_id);

CREATE INDEX images_site ON ONLY public.images USING btree (tenant_id, site_id, received DESC);

CREATE INDEX images_without_thumbnail ON ONLY public.images USING btree (tenant_id, received) WHERE ((stored_at IS NOT NULL) AND (has_thumbnail IS NULL));

CREATE INDEX mails_about ON public.mails USING btree (tenant_id, about) WHERE (about IS NOT NULL);

CREATE INDEX notices_about ON public.notices USING btree (tenant_id, about) WHERE (about IS NOT NULL);

CREATE INDEX notices_user ON public.notices USING btree (tenant_id, user_id, made_at, notice_id);

CREATE INDEX pending_sign_ins_expiry ON public.pending_sign_ins USING btree (tenant_id, expires_at);

CREATE INDEX pending_sign_ins_user ON public.pending_sign_ins USING btree (tenant_id, user_id);

CREATE INDEX role_grants_expiry ON public.role_grants USING btree (tenant_id, expires_at) WHERE ((expires_at IS NOT NULL) AND (revoked_at IS NULL) AND (NOT expiry_told));

CREATE INDEX role_grants_group ON public.role_grants USING btree (tenant_id, group_id) WHERE (revoked_at IS NULL);

CREATE INDEX role_grants_user ON public.role_grants USING btree (tenant_id, user_id) WHERE (revoked_at IS NULL);

CREATE UNIQUE INDEX roles_name ON public.roles USING btree (tenant_id, lower(name));

CREATE INDEX saml_assertions_expiry ON public.saml_assertions USING btree (tenant_id, expires_at);

CREATE UNIQUE INDEX saml_keys_state ON public.saml_keys USING btree (tenant_id, state) WHERE (state <> 'retired'::text);

CREATE INDEX saml_requests_expiry ON public.saml_requests USING btree (tenant_id, expires_at);

CREATE INDEX sessions_ended ON public.sessions USING btree (tenant_id, ended_at) WHERE (ended_at IS NOT NULL);

CREATE INDEX sessions_open ON public.sessions USING btree (tenant_id, user_id) WHERE (ended_at IS NULL);

CREATE INDEX sessions_person ON public.sessions USING btree (tenant_id, user_id, created_at);

CREATE INDEX sign_in_failures_since ON public.sign_in_failures USING btree (tenant_id, since);

CREATE INDEX sign_in_links_user ON public.sign_in_links USING btree (tenant_id, user_id);

CREATE INDEX sign_in_tries_last ON public.sign_in_tries USING btree (tenant_id, last_at);

CREATE INDEX site_days_day ON public.site_days USING btree (day);

CREATE INDEX tasks_due ON public.tasks USING btree (run_after) WHERE (state = ANY (ARRAY['ready'::text, 'running'::text, 'waiting'::text]));

CREATE UNIQUE INDEX tasks_open_key ON public.tasks USING btree (tenant_id, kind, key) WHERE (state = ANY (ARRAY['ready'::text, 'running'::text, 'waiting'::text]));

CREATE UNIQUE INDEX tenants_appliance ON public.tenants USING btree (is_appliance) WHERE is_appliance;

CREATE UNIQUE INDEX users_external ON public.users USING btree (tenant_id, source, external_id) WHERE (external_id IS NOT NULL);

CREATE INDEX users_made ON public.users USING btree (tenant_id, created_at, user_id);

CREATE UNIQUE INDEX users_name ON public.users USING btree (tenant_id, lower(user_name));

CREATE INDEX users_name_key ON public.users USING btree (tenant_id, user_name_key);

CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger.checkpoints FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_rewrite();

ALTER TABLE ledger.checkpoints ENABLE ALWAYS TRIGGER insert_only;

CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger.rows FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_rewrite();

ALTER TABLE ledger.rows ENABLE ALWAYS TRIGGER insert_only;

CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger.tiles FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_rewrite();

ALTER TABLE ledger.tiles ENABLE ALWAYS TRIGGER insert_only;

CREATE TRIGGER no_rewrite BEFORE UPDATE OR TRUNCATE ON ledger.openings FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_rewrite();

ALTER TABLE ledger.openings ENABLE ALWAYS TRIGGER no_rewrite;

CREATE TRIGGER note_delete AFTER DELETE ON ledger.openings REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE ledger.openings ENABLE ALWAYS TRIGGER note_delete;

CREATE CONSTRAINT TRIGGER require_row AFTER INSERT ON ledger.pending DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger.require_row();

ALTER TABLE ledger.pending ENABLE ALWAYS TRIGGER require_row;

CREATE TRIGGER forget_answers AFTER INSERT ON public.erasures FOR EACH ROW WHEN ((new.basis = 'request'::text)) EXECUTE FUNCTION app.forget_answers();

CREATE TRIGGER forget_approvals AFTER INSERT ON public.erasures FOR EACH ROW WHEN ((new.basis = 'request'::text)) EXECUTE FUNCTION app.forget_approvals();

CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.policies FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_rewrite();

CREATE TRIGGER keep_decision BEFORE UPDATE ON public.approvals FOR EACH ROW EXECUTE FUNCTION app.keep_decision();

ALTER TABLE public.approvals ENABLE ALWAYS TRIGGER keep_decision;

CREATE TRIGGER keep_operator_apart BEFORE INSERT ON public.role_grants FOR EACH ROW EXECUTE FUNCTION app.keep_operator_apart();

ALTER TABLE public.role_grants ENABLE ALWAYS TRIGGER keep_operator_apart;

CREATE TRIGGER key_once BEFORE UPDATE ON public.images FOR EACH ROW WHEN (((old.wrapped_key IS NOT NULL) AND ((new.wrapped_key IS DISTINCT FROM old.wrapped_key) OR (new.key_version IS DISTINCT FROM old.key_version)))) EXECUTE FUNCTION ledger.refuse_key_change();

CREATE TRIGGER no_rewrite BEFORE UPDATE ON public.batches FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_rewrite();

CREATE TRIGGER no_rewrite BEFORE UPDATE ON public.events FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_rewrite();

CREATE TRIGGER note_delete AFTER DELETE ON public.api_keys REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.api_keys ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.approval_rules REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.approval_rules ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.approvals REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.approvals ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.batch_sites REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.batch_sites ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.chain_checks REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.chain_checks ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.dead_letters REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.dead_letters ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.device_certificates REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.device_certificates ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.device_passwords REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.device_passwords ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.devices REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.devices ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.directory_grants REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.directory_grants ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.directory_links REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.directory_links ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.directory_mappings REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.directory_mappings ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.enrolment_codes REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.enrolment_codes ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.erasure_cases REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.erasure_cases ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.erasure_requests REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.erasure_requests ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.event_subjects REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.event_subjects ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.events REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.events ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.exports REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.exports ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.factors REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.factors ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.group_members REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.group_members ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.groups REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.groups ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.holds REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.holds ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.images REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.images ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.ldap_directories REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.ldap_directories ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.local_passwords REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.local_passwords ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.notice_settings REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.notice_settings ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.notices REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.notices ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.policies REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.policies ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.recovery_codes REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.recovery_codes ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.role_grants REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.role_grants ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.roles REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.roles ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.saml_configurations REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.saml_configurations ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.saml_keys REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.saml_keys ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.scim_users REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.scim_users ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.sessions REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.sessions ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.sign_in_links REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.sign_in_links ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.sites REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.sites ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.tenant_keys REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.tenant_keys ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.tenants REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.tenants ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_delete AFTER DELETE ON public.users REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.users ENABLE ALWAYS TRIGGER note_delete;

CREATE TRIGGER note_insert AFTER INSERT ON public.api_keys REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.api_keys ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.approval_rules REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.approval_rules ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.approvals REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.approvals ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.batch_sites REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.batch_sites ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.chain_checks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.chain_checks ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.dead_letters REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.dead_letters ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.device_certificates REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.device_certificates ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.device_passwords REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.device_passwords ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.devices REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.devices ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.directory_grants REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.directory_grants ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.directory_links REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.directory_links ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.directory_mappings REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.directory_mappings ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.enrolment_codes REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.enrolment_codes ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.erasure_cases REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.erasure_cases ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.erasure_requests REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.erasure_requests ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.event_subjects REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.event_subjects ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.events REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.events ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.exports REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.exports ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.factors REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.factors ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.group_members REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.group_members ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.groups REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.groups ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.holds REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.holds ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.images REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.images ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.ldap_directories REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.ldap_directories ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.local_passwords REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.local_passwords ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.notice_settings REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.notice_settings ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.notices REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.notices ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.policies REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.policies ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.recovery_codes REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.recovery_codes ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.role_grants REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.role_grants ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.roles REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.roles ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.saml_configurations REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.saml_configurations ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.saml_keys REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.saml_keys ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.scim_users REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.scim_users ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.sessions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.sessions ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.sign_in_links REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.sign_in_links ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.sites REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.sites ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.tenant_keys REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.tenant_keys ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.tenants REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.tenants ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_insert AFTER INSERT ON public.users REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.users ENABLE ALWAYS TRIGGER note_insert;

CREATE TRIGGER note_update AFTER UPDATE ON public.api_keys REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.api_keys ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.approval_rules REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.approval_rules ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.approvals REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.approvals ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.batch_sites REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.batch_sites ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.chain_checks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.chain_checks ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.dead_letters REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.dead_letters ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.device_certificates REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.device_certificates ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.device_passwords REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.device_passwords ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.devices REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.devices ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.directory_grants REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.directory_grants ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.directory_links REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.directory_links ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.directory_mappings REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.directory_mappings ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.enrolment_codes REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.enrolment_codes ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.erasure_cases REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.erasure_cases ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.erasure_requests REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.erasure_requests ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.event_subjects REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.event_subjects ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.events REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.events ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.exports REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.exports ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.factors REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.factors ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.group_members REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.group_members ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.groups REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.groups ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.holds REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.holds ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.images REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.images ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.ldap_directories REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.ldap_directories ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.local_passwords REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.local_passwords ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.notice_settings REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.notice_settings ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.notices REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.notices ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.policies REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.policies ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.recovery_codes REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.recovery_codes ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.role_grants REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.role_grants ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.roles REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.roles ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.saml_configurations REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.saml_configurations ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.saml_keys REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.saml_keys ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.scim_users REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.scim_users ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.sessions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.sessions ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.sign_in_links REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.sign_in_links ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.sites REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.sites ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.tenant_keys REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.tenant_keys ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.tenants REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.tenants ENABLE ALWAYS TRIGGER note_update;

CREATE TRIGGER note_update AFTER UPDATE ON public.users REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_change();

ALTER TABLE public.users ENABLE ALWAYS TRIGGER note_update;

ALTER TABLE ONLY ledger.chain_heads
    ADD CONSTRAINT chain_heads_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY ledger.checkpoints
    ADD CONSTRAINT checkpoints_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY ledger.checkpoints
    ADD CONSTRAINT checkpoints_tenant_id_size_fkey FOREIGN KEY (tenant_id, size) REFERENCES ledger.rows(tenant_id, seq);

ALTER TABLE ONLY ledger.row_hmacs
    ADD CONSTRAINT row_hmacs_tenant_id_seq_fkey FOREIGN KEY (tenant_id, seq) REFERENCES ledger.rows(tenant_id, seq);

ALTER TABLE ONLY ledger.tiles
    ADD CONSTRAINT tiles_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.anomalies
    ADD CONSTRAINT anomalies_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.api_key_use
    ADD CONSTRAINT api_key_use_tenant_id_key_id_fkey FOREIGN KEY (tenant_id, key_id) REFERENCES public.api_keys(tenant_id, key_id);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_tenant_id_person_id_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES public.users(tenant_id, user_id);

ALTER TABLE ONLY public.approval_answers
    ADD CONSTRAINT approval_answers_tenant_id_approval_id_fkey FOREIGN KEY (tenant_id, approval_id) REFERENCES public.approvals(tenant_id, approval_id);

ALTER TABLE ONLY public.approval_rules
    ADD CONSTRAINT approval_rules_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.approval_rules
    ADD CONSTRAINT approval_rules_tenant_id_role_id_fkey FOREIGN KEY (tenant_id, role_id) REFERENCES public.roles(tenant_id, role_id);

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_tenant_id_decided_by_fkey FOREIGN KEY (tenant_id, decided_by) REFERENCES public.users(tenant_id, user_id);

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_tenant_id_person_fkey FOREIGN KEY (tenant_id, person) REFERENCES public.users(tenant_id, user_id);

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_tenant_id_seq_fkey FOREIGN KEY (tenant_id, seq) REFERENCES ledger.rows(tenant_id, seq);

ALTER TABLE ONLY public.chain_checks
    ADD CONSTRAINT chain_checks_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.dead_letters
    ADD CONSTRAINT dead_letters_tenant_id_site_id_fkey FOREIGN KEY (tenant_id, site_id) REFERENCES public.sites(tenant_id, site_id);

ALTER TABLE ONLY public.device_certificates
    ADD CONSTRAINT device_certificates_tenant_id_device_id_fkey FOREIGN KEY (tenant_id, device_id) REFERENCES public.devices(tenant_id, device_id);

ALTER TABLE ONLY public.device_outboxes
    ADD CONSTRAINT device_outboxes_tenant_id_device_id_fkey FOREIGN KEY (tenant_id, device_id) REFERENCES public.devices(tenant_id, device_id);

ALTER TABLE ONLY public.device_passwords
    ADD CONSTRAINT device_passwords_tenant_id_device_id_fkey FOREIGN KEY (tenant_id, device_id) REFERENCES public.devices(tenant_id, device_id);

ALTER TABLE ONLY public.device_status
    ADD CONSTRAINT device_status_tenant_id_device_id_fkey FOREIGN KEY (tenant_id, device_id) REFERENCES public.devices(tenant_id, device_id);

ALTER TABLE ONLY public.device_status
    ADD CONSTRAINT device_status_tenant_id_site_id_fkey FOREIGN KEY (tenant_id, site_id) REFERENCES public.sites(tenant_id, site_id);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT devices_tenant_id_site_id_fkey FOREIGN KEY (tenant_id, site_id) REFERENCES public.sites(tenant_id, site_id);

ALTER TABLE ONLY public.directory_grants
    ADD CONSTRAINT directory_grants_tenant_id_grant_id_fkey FOREIGN KEY (tenant_id, grant_id) REFERENCES public.role_grants(tenant_id, grant_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.directory_links
    ADD CONSTRAINT directory_links_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, user_id);

ALTER TABLE ONLY public.directory_mappings
    ADD CONSTRAINT directory_mappings_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.directory_memberships
    ADD CONSTRAINT directory_memberships_tenant_id_group_id_fkey FOREIGN KEY (tenant_id, group_id) REFERENCES public.groups(tenant_id, group_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.directory_memberships
    ADD CONSTRAINT directory_memberships_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, user_id);

ALTER TABLE ONLY public.enrolment_codes
    ADD CONSTRAINT enrolment_codes_tenant_id_device_id_fkey FOREIGN KEY (tenant_id, device_id) REFERENCES public.devices(tenant_id, device_id);

ALTER TABLE ONLY public.erasure_cases
    ADD CONSTRAINT erasure_cases_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.erasure_requests
    ADD CONSTRAINT erasure_requests_tenant_id_case_id_fkey FOREIGN KEY (tenant_id, case_id) REFERENCES public.erasure_cases(tenant_id, case_id);

ALTER TABLE ONLY public.erasure_requests
    ADD CONSTRAINT erasure_requests_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.erasure_requests
    ADD CONSTRAINT erasure_requests_tenant_id_seq_fkey FOREIGN KEY (tenant_id, seq) REFERENCES ledger.rows(tenant_id, seq);

ALTER TABLE ONLY public.erasure_requests
    ADD CONSTRAINT erasure_requests_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, user_id);

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_tenant_id_request_id_fkey FOREIGN KEY (tenant_id, request_id) REFERENCES public.erasure_requests(tenant_id, request_id);

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_tenant_id_seq_fkey FOREIGN KEY (tenant_id, seq) REFERENCES ledger.rows(tenant_id, seq);

ALTER TABLE ONLY public.exports
    ADD CONSTRAINT exports_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.factor_challenges
    ADD CONSTRAINT factor_challenges_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, user_id);

ALTER TABLE ONLY public.factors
    ADD CONSTRAINT factors_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, user_id);

ALTER TABLE ONLY public.group_members
    ADD CONSTRAINT group_members_tenant_id_group_id_fkey FOREIGN KEY (tenant_id, group_id) REFERENCES public.groups(tenant_id, group_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.group_members
    ADD CONSTRAINT group_members_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, user_id);

ALTER TABLE ONLY public.groups
    ADD CONSTRAINT groups_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.holds
    ADD CONSTRAINT holds_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.holds
    ADD CONSTRAINT holds_tenant_id_placed_seq_fkey FOREIGN KEY (tenant_id, placed_seq) REFERENCES ledger.rows(tenant_id, seq);

ALTER TABLE ONLY public.holds
    ADD CONSTRAINT holds_tenant_id_site_id_fkey FOREIGN KEY (tenant_id, site_id) REFERENCES public.sites(tenant_id, site_id);

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.image_views
    ADD CONSTRAINT image_views_tenant_id_site_id_fkey FOREIGN KEY (tenant_id, site_id) REFERENCES public.sites(tenant_id, site_id);

ALTER TABLE ONLY public.known_places
    ADD CONSTRAINT known_places_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, user_id);

ALTER TABLE ONLY public.ldap_directories
    ADD CONSTRAINT ldap_directories_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.local_passwords
    ADD CONSTRAINT local_passwords_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, user_id);

ALTER TABLE ONLY public.mails
    ADD CONSTRAINT mails_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.notice_settings
    ADD CONSTRAINT notice_settings_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, user_id);

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, user_id);

ALTER TABLE ONLY public.object_garbage
    ADD CONSTRAINT object_garbage_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.pending_sign_ins
    ADD CONSTRAINT pending_sign_ins_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, user_id);

ALTER TABLE ONLY public.policies
    ADD CONSTRAINT policies_tenant_id_seq_fkey FOREIGN KEY (tenant_id, seq) REFERENCES ledger.rows(tenant_id, seq);

ALTER TABLE ONLY public.policies
    ADD CONSTRAINT policies_tenant_id_site_id_fkey FOREIGN KEY (tenant_id, site_id) REFERENCES public.sites(tenant_id, site_id);

ALTER TABLE ONLY public.recovery_codes
    ADD CONSTRAINT recovery_codes_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, user_id);

ALTER TABLE ONLY public.retention_forecasts
    ADD CONSTRAINT retention_forecasts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.role_grants
    ADD CONSTRAINT role_grants_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.role_grants
    ADD CONSTRAINT role_grants_tenant_id_group_id_fkey FOREIGN KEY (tenant_id, group_id) REFERENCES public.groups(tenant_id, group_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.role_grants
    ADD CONSTRAINT role_grants_tenant_id_role_id_fkey FOREIGN KEY (tenant_id, role_id) REFERENCES public.roles(tenant_id, role_id);

ALTER TABLE ONLY public.role_grants
    ADD CONSTRAINT role_grants_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, user_id);

ALTER TABLE ONLY public.roles
    ADD CONSTRAINT roles_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.saml_assertions
    ADD CONSTRAINT saml_assertions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.saml_configurations
    ADD CONSTRAINT saml_configurations_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.saml_keys
    ADD CONSTRAINT saml_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.saml_requests
    ADD CONSTRAINT saml_requests_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.saml_tests
    ADD CONSTRAINT saml_tests_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.scim_users
    ADD CONSTRAINT scim_users_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, user_id);

ALTER TABLE ONLY public.session_use
    ADD CONSTRAINT session_use_tenant_id_session_id_fkey FOREIGN KEY (tenant_id, session_id) REFERENCES public.sessions(tenant_id, session_id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, user_id);

ALTER TABLE ONLY public.sign_in_failures
    ADD CONSTRAINT sign_in_failures_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.sign_in_links
    ADD CONSTRAINT sign_in_links_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, user_id);

ALTER TABLE ONLY public.sign_in_tries
    ADD CONSTRAINT sign_in_tries_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.site_days
    ADD CONSTRAINT site_days_tenant_id_site_id_fkey FOREIGN KEY (tenant_id, site_id) REFERENCES public.sites(tenant_id, site_id);

ALTER TABLE ONLY public.site_hours
    ADD CONSTRAINT site_hours_tenant_id_site_id_fkey FOREIGN KEY (tenant_id, site_id) REFERENCES public.sites(tenant_id, site_id);

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT sites_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.tenant_keys
    ADD CONSTRAINT tenant_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.tenant_usage
    ADD CONSTRAINT tenant_usage_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);

ALTER TABLE ledger.chain_heads ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger.checkpoints ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger.openings ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger.row_hmacs ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger.rows ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant_isolation ON ledger.chain_heads TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON ledger.checkpoints TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON ledger.openings TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON ledger.row_hmacs TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON ledger.rows TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON ledger.tiles TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

ALTER TABLE ledger.tiles ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.anomalies ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.api_key_use ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.api_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.approval_answers ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.approval_rules ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.approvals ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.batch_sites ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.batches ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.chain_checks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.dead_letters ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.device_certificates ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.device_outboxes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.device_passwords ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.device_status ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.devices ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.directory_grants ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.directory_links ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.directory_mappings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.directory_memberships ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.enrolment_codes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.erasure_cases ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.erasure_requests ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.erasures ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.event_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.event_subjects ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.events ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.exports ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.factor_challenges ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.factors ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.group_members ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.groups ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.holds ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.idempotency_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.image_views ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.images ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.known_places ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.ldap_directories ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.local_passwords ENABLE ROW LEVEL SECURITY;

CREATE POLICY lookup ON public.api_keys FOR SELECT TO ledgerstone_lookup USING (true);

CREATE POLICY lookup ON public.batch_sites FOR SELECT TO ledgerstone_lookup USING (true);

CREATE POLICY lookup ON public.batches FOR SELECT TO ledgerstone_lookup USING (true);

CREATE POLICY lookup ON public.device_certificates FOR SELECT TO ledgerstone_lookup USING (true);

CREATE POLICY lookup ON public.device_passwords FOR SELECT TO ledgerstone_lookup USING (true);

CREATE POLICY lookup ON public.devices FOR SELECT TO ledgerstone_lookup USING (true);

CREATE POLICY lookup ON public.event_subjects FOR SELECT TO ledgerstone_lookup USING (true);

CREATE POLICY lookup ON public.events FOR SELECT TO ledgerstone_lookup USING (true);

CREATE POLICY lookup ON public.group_members FOR SELECT TO ledgerstone_lookup USING (true);

CREATE POLICY lookup ON public.images FOR SELECT TO ledgerstone_lookup USING (true);

CREATE POLICY lookup ON public.role_grants FOR SELECT TO ledgerstone_lookup USING (true);

CREATE POLICY lookup ON public.roles FOR SELECT TO ledgerstone_lookup USING (true);

CREATE POLICY lookup ON public.sessions FOR SELECT TO ledgerstone_lookup USING (true);

CREATE POLICY lookup ON public.site_days FOR SELECT TO ledgerstone_lookup USING (true);

CREATE POLICY lookup ON public.sites FOR SELECT TO ledgerstone_lookup USING (true);

CREATE POLICY lookup ON public.tasks FOR SELECT TO ledgerstone_lookup USING (true);

CREATE POLICY lookup ON public.tenant_keys FOR SELECT TO ledgerstone_lookup USING (true);

CREATE POLICY lookup ON public.tenant_usage FOR SELECT TO ledgerstone_lookup USING (true);

CREATE POLICY lookup ON public.tenants FOR SELECT TO ledgerstone_lookup USING (true);

CREATE POLICY lookup ON public.users FOR SELECT TO ledgerstone_lookup USING (true);

ALTER TABLE public.mails ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.notice_settings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.notices ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.object_garbage ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.pending_sign_ins ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.policies ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.recovery_codes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.retention_forecasts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.role_grants ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.roles ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.saml_assertions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.saml_configurations ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.saml_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.saml_requests ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.saml_tests ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.scim_users ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.session_use ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sessions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sign_in_failures ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sign_in_links ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sign_in_tries ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.site_days ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.site_hours ENABLE ROW LEVEL SECURITY;

CREATE POLICY site_scope ON public.approvals AS RESTRICTIVE TO ledgerstone_app, ledgerstone_ops USING ((( SELECT app.all_sites() AS all_sites) OR (site_ids <@ (( SELECT app.sites() AS sites))::uuid[]))) WITH CHECK ((( SELECT app.all_sites() AS all_sites) OR (site_ids <@ (( SELECT app.sites() AS sites))::uuid[])));

CREATE POLICY site_scope ON public.batch_sites AS RESTRICTIVE TO ledgerstone_app, ledgerstone_ops USING ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[])))) WITH CHECK ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[]))));

CREATE POLICY site_scope ON public.dead_letters AS RESTRICTIVE TO ledgerstone_app, ledgerstone_ops USING ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[])))) WITH CHECK ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[]))));

CREATE POLICY site_scope ON public.device_status AS RESTRICTIVE TO ledgerstone_app, ledgerstone_ops USING ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[])))) WITH CHECK ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[]))));

CREATE POLICY site_scope ON public.devices AS RESTRICTIVE TO ledgerstone_app, ledgerstone_ops USING ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[])))) WITH CHECK ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[]))));

CREATE POLICY site_scope ON public.erasures AS RESTRICTIVE TO ledgerstone_app, ledgerstone_ops USING ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[])))) WITH CHECK ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[]))));

CREATE POLICY site_scope ON public.event_subjects AS RESTRICTIVE TO ledgerstone_app, ledgerstone_ops USING ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[])))) WITH CHECK ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[]))));

CREATE POLICY site_scope ON public.events AS RESTRICTIVE TO ledgerstone_app, ledgerstone_ops USING ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[])))) WITH CHECK ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[]))));

CREATE POLICY site_scope ON public.holds AS RESTRICTIVE TO ledgerstone_app, ledgerstone_ops USING ((( SELECT app.all_sites() AS all_sites) OR (site_id IS NULL) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[])))) WITH CHECK ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[]))));

CREATE POLICY site_scope ON public.image_views AS RESTRICTIVE TO ledgerstone_app, ledgerstone_ops USING ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[])))) WITH CHECK ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[]))));

CREATE POLICY site_scope ON public.images AS RESTRICTIVE TO ledgerstone_app, ledgerstone_ops USING ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[])))) WITH CHECK ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[]))));

CREATE POLICY site_scope ON public.policies AS RESTRICTIVE TO ledgerstone_app, ledgerstone_ops USING ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[])))) WITH CHECK ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[]))));

CREATE POLICY site_scope ON public.site_days AS RESTRICTIVE TO ledgerstone_app, ledgerstone_ops USING ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[])))) WITH CHECK ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[]))));

CREATE POLICY site_scope ON public.site_hours AS RESTRICTIVE TO ledgerstone_app, ledgerstone_ops USING ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[])))) WITH CHECK ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[]))));

CREATE POLICY site_scope ON public.sites AS RESTRICTIVE TO ledgerstone_app, ledgerstone_ops USING ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[])))) WITH CHECK ((( SELECT app.all_sites() AS all_sites) OR (site_id = ANY ((( SELECT app.sites() AS sites))::uuid[]))));

ALTER TABLE public.sites ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tasks ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant_isolation ON public.anomalies TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.api_key_use TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.api_keys TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.approval_answers TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.approval_rules TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.approvals TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.batch_sites TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.batches TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.chain_checks TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.dead_letters TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.device_certificates TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.device_outboxes TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.device_passwords TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.device_status TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.devices TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.directory_grants TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.directory_links TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.directory_mappings TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.directory_memberships TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.enrolment_codes TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.erasure_cases TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.erasure_requests TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.erasures TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.event_keys TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.event_subjects TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.events TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.exports TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.factor_challenges TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.factors TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.group_members TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.groups TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.holds TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.idempotency_keys TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.image_views TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.images TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.known_places TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.ldap_directories TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.local_passwords TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.mails TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.notice_settings TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.notices TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.object_garbage TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.pending_sign_ins TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.policies TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.recovery_codes TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.retention_forecasts TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.role_grants TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.roles TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.saml_assertions TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.saml_configurations TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.saml_keys TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.saml_requests TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.saml_tests TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.scim_users TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.session_use TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.sessions TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.sign_in_failures TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.sign_in_links TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.sign_in_tries TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.site_days TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.site_hours TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.sites TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.tasks TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.tenant_keys TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.tenant_usage TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.tenants TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

CREATE POLICY tenant_isolation ON public.users TO ledgerstone_app, ledgerstone_executor, ledgerstone_owner, ledgerstone_ops USING ((tenant_id = ( SELECT app.tenant() AS tenant))) WITH CHECK ((tenant_id = ( SELECT app.tenant() AS tenant)));

ALTER TABLE public.tenant_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tenant_usage ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tenants ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA app TO ledgerstone_app;
GRANT USAGE ON SCHEMA app TO ledgerstone_executor;
GRANT USAGE ON SCHEMA app TO ledgerstone_ops;
GRANT USAGE ON SCHEMA app TO ledgerstone_report;
GRANT ALL ON SCHEMA app TO ledgerstone_lookup;

GRANT USAGE ON SCHEMA ledger TO ledgerstone_app;
GRANT USAGE ON SCHEMA ledger TO ledgerstone_executor;
GRANT USAGE ON SCHEMA ledger TO ledgerstone_ops;
GRANT USAGE ON SCHEMA ledger TO ledgerstone_report;
GRANT USAGE ON SCHEMA ledger TO ledgerstone_lookup;

REVOKE USAGE ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO ledgerstone_owner;
GRANT USAGE ON SCHEMA public TO ledgerstone_app;
GRANT USAGE ON SCHEMA public TO ledgerstone_executor;
GRANT USAGE ON SCHEMA public TO ledgerstone_ops;
GRANT USAGE ON SCHEMA public TO ledgerstone_report;
GRANT ALL ON SCHEMA public TO ledgerstone_lookup;

REVOKE ALL ON FUNCTION app.api_keys_for_use(p_fingerprints text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.api_keys_for_use(p_fingerprints text[]) TO ledgerstone_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.tasks TO ledgerstone_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.tasks TO ledgerstone_executor;

GRANT SELECT(tenant_id) ON TABLE public.tasks TO ledgerstone_lookup;

GRANT SELECT(task_id) ON TABLE public.tasks TO ledgerstone_lookup;

GRANT SELECT(kind) ON TABLE public.tasks TO ledgerstone_lookup;

GRANT SELECT(state) ON TABLE public.tasks TO ledgerstone_lookup;

GRANT SELECT(run_after) ON TABLE public.tasks TO ledgerstone_lookup;

GRANT SELECT(lease_until) ON TABLE public.tasks TO ledgerstone_lookup;

GRANT SELECT ON TABLE public.tenants TO ledgerstone_app;
GRANT SELECT ON TABLE public.tenants TO ledgerstone_executor;
GRANT SELECT ON TABLE public.tenants TO ledgerstone_ops;

GRANT SELECT(tenant_id) ON TABLE public.tenants TO ledgerstone_lookup;

GRANT UPDATE(name) ON TABLE public.tenants TO ledgerstone_app;
GRANT UPDATE(name) ON TABLE public.tenants TO ledgerstone_ops;
GRANT SELECT(name) ON TABLE public.tenants TO ledgerstone_lookup;

GRANT SELECT(created_at) ON TABLE public.tenants TO ledgerstone_lookup;

GRANT UPDATE(cooling_off_hours) ON TABLE public.tenants TO ledgerstone_app;
GRANT UPDATE(cooling_off_hours) ON TABLE public.tenants TO ledgerstone_ops;

GRANT UPDATE(plain_mqtt) ON TABLE public.tenants TO ledgerstone_app;
GRANT UPDATE(plain_mqtt) ON TABLE public.tenants TO ledgerstone_ops;
GRANT SELECT(plain_mqtt) ON TABLE public.tenants TO ledgerstone_lookup;

GRANT UPDATE(event_quota_per_day) ON TABLE public.tenants TO ledgerstone_app;
GRANT UPDATE(event_quota_per_day) ON TABLE public.tenants TO ledgerstone_ops;

GRANT UPDATE(byte_quota_per_day) ON TABLE public.tenants TO ledgerstone_app;
GRANT UPDATE(byte_quota_per_day) ON TABLE public.tenants TO ledgerstone_ops;

GRANT UPDATE(export_quota_per_day) ON TABLE public.tenants TO ledgerstone_app;
GRANT UPDATE(export_quota_per_day) ON TABLE public.tenants TO ledgerstone_ops;

GRANT SELECT(closed_at) ON TABLE public.tenants TO ledgerstone_lookup;
GRANT UPDATE(closed_at) ON TABLE public.tenants TO ledgerstone_app;

GRANT UPDATE(slug) ON TABLE public.tenants TO ledgerstone_app;
GRANT UPDATE(slug) ON TABLE public.tenants TO ledgerstone_ops;
GRANT SELECT(slug) ON TABLE public.tenants TO ledgerstone_lookup;

GRANT UPDATE(session_idle_minutes) ON TABLE public.tenants TO ledgerstone_app;
GRANT UPDATE(session_idle_minutes) ON TABLE public.tenants TO ledgerstone_ops;

GRANT UPDATE(session_hours) ON TABLE public.tenants TO ledgerstone_app;
GRANT UPDATE(session_hours) ON TABLE public.tenants TO ledgerstone_ops;

GRANT UPDATE(mfa_required) ON TABLE public.tenants TO ledgerstone_app;
GRANT UPDATE(mfa_required) ON TABLE public.tenants TO ledgerstone_ops;

GRANT UPDATE(session_retention_days) ON TABLE public.tenants TO ledgerstone_app;
GRANT UPDATE(session_retention_days) ON TABLE public.tenants TO ledgerstone_ops;

GRANT UPDATE(approval_hours) ON TABLE public.tenants TO ledgerstone_app;

GRANT UPDATE(solo_cooling_off_hours) ON TABLE public.tenants TO ledgerstone_app;

GRANT SELECT(is_appliance) ON TABLE public.tenants TO ledgerstone_lookup;

GRANT UPDATE(erasure_page) ON TABLE public.tenants TO ledgerstone_app;
GRANT UPDATE(erasure_page) ON TABLE public.tenants TO ledgerstone_ops;
GRANT SELECT(erasure_page) ON TABLE public.tenants TO ledgerstone_lookup;

GRANT UPDATE(erasure_pauses) ON TABLE public.tenants TO ledgerstone_app;
GRANT UPDATE(erasure_pauses) ON TABLE public.tenants TO ledgerstone_ops;

GRANT UPDATE(erasure_case_days) ON TABLE public.tenants TO ledgerstone_app;
GRANT UPDATE(erasure_case_days) ON TABLE public.tenants TO ledgerstone_ops;

GRANT UPDATE(setup_skipped) ON TABLE public.tenants TO ledgerstone_app;

GRANT UPDATE(setup_dismissed) ON TABLE public.tenants TO ledgerstone_app;

REVOKE ALL ON FUNCTION app.appliance_tasks() FROM PUBLIC;
GRANT ALL ON FUNCTION app.appliance_tasks() TO ledgerstone_app;

REVOKE ALL ON FUNCTION app.appliance_tenant() FROM PUBLIC;
GRANT ALL ON FUNCTION app.appliance_tenant() TO ledgerstone_app;
GRANT ALL ON FUNCTION app.appliance_tenant() TO ledgerstone_owner;

REVOKE ALL ON FUNCTION app.bind(p_tenant uuid, p_sites uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.bind(p_tenant uuid, p_sites uuid[]) TO ledgerstone_app;
GRANT ALL ON FUNCTION app.bind(p_tenant uuid, p_sites uuid[]) TO ledgerstone_executor;
GRANT ALL ON FUNCTION app.bind(p_tenant uuid, p_sites uuid[]) TO ledgerstone_ops;

REVOKE ALL ON FUNCTION app.compact_day(p_day date, OUT outcome text, OUT bytes_before bigint, OUT bytes_after bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION app.compact_day(p_day date, OUT outcome text, OUT bytes_before bigint, OUT bytes_after bigint) TO ledgerstone_executor;

GRANT SELECT,INSERT,DELETE ON TABLE public.group_members TO ledgerstone_app;

GRANT SELECT(tenant_id) ON TABLE public.group_members TO ledgerstone_lookup;

GRANT SELECT(group_id) ON TABLE public.group_members TO ledgerstone_lookup;

GRANT SELECT(user_id) ON TABLE public.group_members TO ledgerstone_lookup;

GRANT SELECT,INSERT,DELETE ON TABLE public.role_grants TO ledgerstone_app;

GRANT SELECT(tenant_id) ON TABLE public.role_grants TO ledgerstone_lookup;

GRANT SELECT(grant_id) ON TABLE public.role_grants TO ledgerstone_lookup;

GRANT SELECT(user_id) ON TABLE public.role_grants TO ledgerstone_lookup;

GRANT SELECT(group_id) ON TABLE public.role_grants TO ledgerstone_lookup;

GRANT SELECT(builtin_role) ON TABLE public.role_grants TO ledgerstone_lookup;

GRANT SELECT(role_id) ON TABLE public.role_grants TO ledgerstone_lookup;

GRANT SELECT(site_ids) ON TABLE public.role_grants TO ledgerstone_lookup;

GRANT UPDATE(expires_at) ON TABLE public.role_grants TO ledgerstone_app;
GRANT SELECT(expires_at) ON TABLE public.role_grants TO ledgerstone_lookup;

GRANT UPDATE(revoked_at) ON TABLE public.role_grants TO ledgerstone_app;
GRANT SELECT(revoked_at) ON TABLE public.role_grants TO ledgerstone_lookup;

GRANT UPDATE(expiry_told) ON TABLE public.role_grants TO ledgerstone_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.roles TO ledgerstone_app;

GRANT SELECT(tenant_id) ON TABLE public.roles TO ledgerstone_lookup;

GRANT SELECT(role_id) ON TABLE public.roles TO ledgerstone_lookup;

GRANT UPDATE(name) ON TABLE public.roles TO ledgerstone_app;

GRANT UPDATE(permissions) ON TABLE public.roles TO ledgerstone_app;
GRANT SELECT(permissions) ON TABLE public.roles TO ledgerstone_lookup;

GRANT UPDATE(version) ON TABLE public.roles TO ledgerstone_app;

GRANT UPDATE(changed_at) ON TABLE public.roles TO ledgerstone_app;

GRANT SELECT,INSERT ON TABLE public.users TO ledgerstone_app;

GRANT SELECT(tenant_id) ON TABLE public.users TO ledgerstone_lookup;

GRANT SELECT(user_id) ON TABLE public.users TO ledgerstone_lookup;

GRANT UPDATE(user_name) ON TABLE public.users TO ledgerstone_app;

GRANT UPDATE(display_name) ON TABLE public.users TO ledgerstone_app;

GRANT UPDATE(email) ON TABLE public.users TO ledgerstone_app;

GRANT UPDATE(source) ON TABLE public.users TO ledgerstone_app;

GRANT UPDATE(external_id) ON TABLE public.users TO ledgerstone_app;

GRANT UPDATE(active) ON TABLE public.users TO ledgerstone_app;
GRANT SELECT(active) ON TABLE public.users TO ledgerstone_lookup;

GRANT UPDATE(version) ON TABLE public.users TO ledgerstone_app;

GRANT UPDATE(changed_at) ON TABLE public.users TO ledgerstone_app;

GRANT UPDATE(deactivated_at) ON TABLE public.users TO ledgerstone_app;

GRANT UPDATE(erased_at) ON TABLE public.users TO ledgerstone_app;

REVOKE ALL ON FUNCTION app.deciders() FROM PUBLIC;
GRANT ALL ON FUNCTION app.deciders() TO ledgerstone_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.approval_rules TO ledgerstone_app;

REVOKE ALL ON FUNCTION app.cooling_off_hours() FROM PUBLIC;
GRANT ALL ON FUNCTION app.cooling_off_hours() TO ledgerstone_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.site_days TO ledgerstone_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.site_days TO ledgerstone_executor;
GRANT SELECT ON TABLE public.site_days TO ledgerstone_ops;
GRANT SELECT ON TABLE public.site_days TO ledgerstone_lookup;

REVOKE ALL ON FUNCTION app.day_sites(p_day date) FROM PUBLIC;
GRANT ALL ON FUNCTION app.day_sites(p_day date) TO ledgerstone_executor;
GRANT ALL ON FUNCTION app.day_sites(p_day date) TO ledgerstone_owner;

GRANT SELECT,INSERT ON TABLE public.devices TO ledgerstone_app;
GRANT SELECT ON TABLE public.devices TO ledgerstone_executor;
GRANT SELECT,UPDATE ON TABLE public.devices TO ledgerstone_ops;

GRANT SELECT(tenant_id) ON TABLE public.devices TO ledgerstone_lookup;

GRANT UPDATE(site_id) ON TABLE public.devices TO ledgerstone_app;

GRANT SELECT(device_id) ON TABLE public.devices TO ledgerstone_lookup;

GRANT UPDATE(name) ON TABLE public.devices TO ledgerstone_app;

GRANT SELECT(access) ON TABLE public.devices TO ledgerstone_lookup;

GRANT UPDATE(revoked_at) ON TABLE public.devices TO ledgerstone_app;
GRANT SELECT(revoked_at) ON TABLE public.devices TO ledgerstone_lookup;

REVOKE ALL ON FUNCTION app.device_access(p_device uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.device_access(p_device uuid) TO ledgerstone_app;

REVOKE ALL ON FUNCTION app.drop_day(p_day date) FROM PUBLIC;
GRANT ALL ON FUNCTION app.drop_day(p_day date) TO ledgerstone_executor;

REVOKE ALL ON FUNCTION app.drop_keys_day(p_day date) FROM PUBLIC;
GRANT ALL ON FUNCTION app.drop_keys_day(p_day date) TO ledgerstone_executor;

REVOKE ALL ON FUNCTION app.due_tasks(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.due_tasks(p_limit integer) TO ledgerstone_app;
GRANT ALL ON FUNCTION app.due_tasks(p_limit integer) TO ledgerstone_executor;

GRANT SELECT,INSERT ON TABLE public.api_keys TO ledgerstone_app;

GRANT SELECT(tenant_id) ON TABLE public.api_keys TO ledgerstone_lookup;

GRANT SELECT(key_id) ON TABLE public.api_keys TO ledgerstone_lookup;

GRANT UPDATE(name) ON TABLE public.api_keys TO ledgerstone_app;

GRANT SELECT(fingerprint) ON TABLE public.api_keys TO ledgerstone_lookup;

GRANT SELECT(hash) ON TABLE public.api_keys TO ledgerstone_lookup;

GRANT UPDATE(permissions) ON TABLE public.api_keys TO ledgerstone_app;
GRANT SELECT(permissions) ON TABLE public.api_keys TO ledgerstone_lookup;

GRANT UPDATE(site_ids) ON TABLE public.api_keys TO ledgerstone_app;
GRANT SELECT(site_ids) ON TABLE public.api_keys TO ledgerstone_lookup;

GRANT UPDATE(ip_allowlist) ON TABLE public.api_keys TO ledgerstone_app;
GRANT SELECT(ip_allowlist) ON TABLE public.api_keys TO ledgerstone_lookup;

GRANT UPDATE(cors_origins) ON TABLE public.api_keys TO ledgerstone_app;
GRANT SELECT(cors_origins) ON TABLE public.api_keys TO ledgerstone_lookup;

GRANT UPDATE(version) ON TABLE public.api_keys TO ledgerstone_app;
GRANT SELECT(version) ON TABLE public.api_keys TO ledgerstone_lookup;

GRANT UPDATE(expires_at) ON TABLE public.api_keys TO ledgerstone_app;
GRANT SELECT(expires_at) ON TABLE public.api_keys TO ledgerstone_lookup;

GRANT UPDATE(revoked_at) ON TABLE public.api_keys TO ledgerstone_app;
GRANT SELECT(revoked_at) ON TABLE public.api_keys TO ledgerstone_lookup;

GRANT SELECT(person_id) ON TABLE public.api_keys TO ledgerstone_lookup;

REVOKE ALL ON FUNCTION app.find_api_key(p_fingerprint text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.find_api_key(p_fingerprint text) TO ledgerstone_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.device_certificates TO ledgerstone_app;

GRANT SELECT(tenant_id) ON TABLE public.device_certificates TO ledgerstone_lookup;

GRANT SELECT(device_id) ON TABLE public.device_certificates TO ledgerstone_lookup;

GRANT SELECT(fingerprint) ON TABLE public.device_certificates TO ledgerstone_lookup;

GRANT SELECT(serial) ON TABLE public.device_certificates TO ledgerstone_lookup;

GRANT SELECT(san) ON TABLE public.device_certificates TO ledgerstone_lookup;

GRANT SELECT(not_after) ON TABLE public.device_certificates TO ledgerstone_lookup;

GRANT SELECT(revoked_at) ON TABLE public.device_certificates TO ledgerstone_lookup;

GRANT SELECT(common_name) ON TABLE public.device_certificates TO ledgerstone_lookup;

REVOKE ALL ON FUNCTION app.find_certificate(p_fingerprint bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION app.find_certificate(p_fingerprint bytea) TO ledgerstone_app;

REVOKE ALL ON FUNCTION app.find_common_names(p_names text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.find_common_names(p_names text[]) TO ledgerstone_app;

REVOKE ALL ON FUNCTION app.find_customer_certificate(p_fingerprint bytea, p_sans text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.find_customer_certificate(p_fingerprint bytea, p_sans text[]) TO ledgerstone_app;

REVOKE ALL ON FUNCTION app.find_devices(p_devices uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.find_devices(p_devices uuid[]) TO ledgerstone_app;

REVOKE ALL ON FUNCTION app.find_erasure_page(p_slug text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.find_erasure_page(p_slug text) TO ledgerstone_app;

REVOKE ALL ON FUNCTION app.find_senders(p_names text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.find_senders(p_names text[]) TO ledgerstone_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.sessions TO ledgerstone_app;

GRANT SELECT(tenant_id) ON TABLE public.sessions TO ledgerstone_lookup;

GRANT SELECT(session_id) ON TABLE public.sessions TO ledgerstone_lookup;

GRANT UPDATE(token_hash) ON TABLE public.sessions TO ledgerstone_app;
GRANT SELECT(token_hash) ON TABLE public.sessions TO ledgerstone_lookup;

GRANT UPDATE(strength) ON TABLE public.sessions TO ledgerstone_app;

GRANT UPDATE(stepped_up_at) ON TABLE public.sessions TO ledgerstone_app;

GRANT UPDATE(expires_at) ON TABLE public.sessions TO ledgerstone_app;

GRANT UPDATE(ended_at) ON TABLE public.sessions TO ledgerstone_app;

GRANT UPDATE(ended_reason) ON TABLE public.sessions TO ledgerstone_app;

REVOKE ALL ON FUNCTION app.find_session(p_token_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION app.find_session(p_token_hash bytea) TO ledgerstone_app;

REVOKE ALL ON FUNCTION app.find_tenant(p_slug text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.find_tenant(p_slug text) TO ledgerstone_app;

REVOKE ALL ON FUNCTION app.forget_answers() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.forget_approvals() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.forget_tasks(p_days integer, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.forget_tasks(p_days integer, p_limit integer) TO ledgerstone_executor;

REVOKE ALL ON FUNCTION app.guard_partition(p_parent text, p_day date) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.held_grants(p_tenant uuid, p_user uuid, p_if_active boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION app.held_grants(p_tenant uuid, p_user uuid, p_if_active boolean) TO ledgerstone_app;
GRANT ALL ON FUNCTION app.held_grants(p_tenant uuid, p_user uuid, p_if_active boolean) TO ledgerstone_lookup;

REVOKE ALL ON FUNCTION app.is_cors_origin(p_origin text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.is_cors_origin(p_origin text) TO ledgerstone_app;

REVOKE ALL ON FUNCTION app.is_local_owner(p_user uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.is_local_owner(p_user uuid) TO ledgerstone_app;

REVOKE ALL ON FUNCTION app.isolate(p_table regclass, p_site_column text) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.keep_decision() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.keep_operator_apart() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.make_key_partitions(p_from date, p_to date) FROM PUBLIC;
GRANT ALL ON FUNCTION app.make_key_partitions(p_from date, p_to date) TO ledgerstone_app;
GRANT ALL ON FUNCTION app.make_key_partitions(p_from date, p_to date) TO ledgerstone_executor;

REVOKE ALL ON FUNCTION app.make_partitions(p_from date, p_to date) FROM PUBLIC;
GRANT ALL ON FUNCTION app.make_partitions(p_from date, p_to date) TO ledgerstone_app;
GRANT ALL ON FUNCTION app.make_partitions(p_from date, p_to date) TO ledgerstone_executor;

GRANT SELECT,INSERT ON TABLE public.tenant_keys TO ledgerstone_app;
GRANT SELECT ON TABLE public.tenant_keys TO ledgerstone_executor;

GRANT SELECT(tenant_id) ON TABLE public.tenant_keys TO ledgerstone_lookup;

GRANT UPDATE(wrapped) ON TABLE public.tenant_keys TO ledgerstone_app;

GRANT UPDATE(master_fingerprint) ON TABLE public.tenant_keys TO ledgerstone_app;
GRANT SELECT(master_fingerprint) ON TABLE public.tenant_keys TO ledgerstone_lookup;

REVOKE ALL ON FUNCTION app.master_fingerprints() FROM PUBLIC;
GRANT ALL ON FUNCTION app.master_fingerprints() TO ledgerstone_app;
GRANT ALL ON FUNCTION app.master_fingerprints() TO ledgerstone_executor;

REVOKE ALL ON FUNCTION app.occupants(p_parent text, p_day date) FROM PUBLIC;
GRANT ALL ON FUNCTION app.occupants(p_parent text, p_day date) TO ledgerstone_owner;

GRANT SELECT,INSERT ON TABLE public.events TO ledgerstone_app;
GRANT SELECT ON TABLE public.events TO ledgerstone_executor;
GRANT SELECT ON TABLE public.events TO ledgerstone_ops;

GRANT SELECT(tenant_id) ON TABLE public.events TO ledgerstone_lookup;

GRANT SELECT(site_id) ON TABLE public.events TO ledgerstone_lookup;

GRANT SELECT(received) ON TABLE public.events TO ledgerstone_lookup;

GRANT SELECT,INSERT ON TABLE public.images TO ledgerstone_app;
GRANT SELECT ON TABLE public.images TO ledgerstone_executor;
GRANT SELECT ON TABLE public.images TO ledgerstone_ops;

GRANT SELECT(tenant_id) ON TABLE public.images TO ledgerstone_lookup;

GRANT SELECT(site_id) ON TABLE public.images TO ledgerstone_lookup;

GRANT SELECT(received) ON TABLE public.images TO ledgerstone_lookup;

GRANT UPDATE(wrapped_key) ON TABLE public.images TO ledgerstone_app;

GRANT UPDATE(key_version) ON TABLE public.images TO ledgerstone_app;

GRANT UPDATE(stored_at) ON TABLE public.images TO ledgerstone_app;

GRANT UPDATE(has_thumbnail) ON TABLE public.images TO ledgerstone_app;

REVOKE ALL ON FUNCTION app.occupied_sites(p_day date) FROM PUBLIC;
GRANT ALL ON FUNCTION app.occupied_sites(p_day date) TO ledgerstone_owner;

REVOKE ALL ON FUNCTION app.only_tenant() FROM PUBLIC;
GRANT ALL ON FUNCTION app.only_tenant() TO ledgerstone_app;

REVOKE ALL ON FUNCTION app.partitioned_days() FROM PUBLIC;
GRANT ALL ON FUNCTION app.partitioned_days() TO ledgerstone_executor;

GRANT SELECT,INSERT ON TABLE public.device_passwords TO ledgerstone_app;

GRANT SELECT(tenant_id) ON TABLE public.device_passwords TO ledgerstone_lookup;

GRANT SELECT(device_id) ON TABLE public.device_passwords TO ledgerstone_lookup;

GRANT UPDATE(hash) ON TABLE public.device_passwords TO ledgerstone_app;
GRANT SELECT(hash) ON TABLE public.device_passwords TO ledgerstone_lookup;

GRANT UPDATE(set_at) ON TABLE public.device_passwords TO ledgerstone_app;

REVOKE ALL ON FUNCTION app.plain_passwords() FROM PUBLIC;
GRANT ALL ON FUNCTION app.plain_passwords() TO ledgerstone_app;

REVOKE ALL ON FUNCTION app.revoked_clients(p_since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.revoked_clients(p_since timestamp with time zone) TO ledgerstone_app;

REVOKE ALL ON FUNCTION app.revoked_serials() FROM PUBLIC;
GRANT ALL ON FUNCTION app.revoked_serials() TO ledgerstone_app;

REVOKE ALL ON FUNCTION app.tenant_ids() FROM PUBLIC;
GRANT ALL ON FUNCTION app.tenant_ids() TO ledgerstone_app;
GRANT ALL ON FUNCTION app.tenant_ids() TO ledgerstone_executor;

GRANT SELECT,INSERT ON TABLE public.sites TO ledgerstone_app;
GRANT SELECT ON TABLE public.sites TO ledgerstone_executor;
GRANT SELECT,UPDATE ON TABLE public.sites TO ledgerstone_ops;

GRANT SELECT(tenant_id) ON TABLE public.sites TO ledgerstone_lookup;

GRANT UPDATE(name) ON TABLE public.sites TO ledgerstone_app;

GRANT UPDATE(time_zone) ON TABLE public.sites TO ledgerstone_app;

GRANT UPDATE(offline_window_days) ON TABLE public.sites TO ledgerstone_app;

GRANT UPDATE(closed_at) ON TABLE public.sites TO ledgerstone_app;
GRANT SELECT(closed_at) ON TABLE public.sites TO ledgerstone_lookup;

GRANT SELECT,INSERT,UPDATE ON TABLE public.tenant_usage TO ledgerstone_app;
GRANT SELECT ON TABLE public.tenant_usage TO ledgerstone_executor;
GRANT SELECT ON TABLE public.tenant_usage TO ledgerstone_ops;

GRANT SELECT(tenant_id) ON TABLE public.tenant_usage TO ledgerstone_lookup;

GRANT SELECT(day) ON TABLE public.tenant_usage TO ledgerstone_lookup;

GRANT SELECT(events) ON TABLE public.tenant_usage TO ledgerstone_lookup;

GRANT SELECT(bytes) ON TABLE public.tenant_usage TO ledgerstone_lookup;

GRANT SELECT(exports) ON TABLE public.tenant_usage TO ledgerstone_lookup;

GRANT SELECT(rejected) ON TABLE public.tenant_usage TO ledgerstone_lookup;

REVOKE ALL ON FUNCTION app.tenant_overview() FROM PUBLIC;
GRANT ALL ON FUNCTION app.tenant_overview() TO ledgerstone_app;

REVOKE ALL ON FUNCTION ledger.append(p_actor_type text, p_actor_id text, p_via text, p_action text, p_entity_type text, p_entity_id text, p_correlation uuid, p_commit_names text[], p_commit_hashes bytea[], p_unit_names text[], p_unit_contents text[], p_unit_subjects jsonb, OUT seq bigint, OUT hash bytea, OUT at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.append(p_actor_type text, p_actor_id text, p_via text, p_action text, p_entity_type text, p_entity_id text, p_correlation uuid, p_commit_names text[], p_commit_hashes bytea[], p_unit_names text[], p_unit_contents text[], p_unit_subjects jsonb, OUT seq bigint, OUT hash bytea, OUT at timestamp with time zone) TO ledgerstone_app;
GRANT ALL ON FUNCTION ledger.append(p_actor_type text, p_actor_id text, p_via text, p_action text, p_entity_type text, p_entity_id text, p_correlation uuid, p_commit_names text[], p_commit_hashes bytea[], p_unit_names text[], p_unit_contents text[], p_unit_subjects jsonb, OUT seq bigint, OUT hash bytea, OUT at timestamp with time zone) TO ledgerstone_executor;

REVOKE ALL ON FUNCTION ledger.append_to_appliance(p_actor_type text, p_actor_id text, p_via text, p_action text, p_entity_type text, p_entity_id text, p_correlation uuid, p_detail text, OUT seq bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.append_to_appliance(p_actor_type text, p_actor_id text, p_via text, p_action text, p_entity_type text, p_entity_id text, p_correlation uuid, p_detail text, OUT seq bigint) TO ledgerstone_app;

REVOKE ALL ON FUNCTION ledger.append_unchecked(p_actor_type text, p_actor_id text, p_via text, p_action text, p_entity_type text, p_entity_id text, p_correlation uuid, p_commit_names text[], p_commit_hashes bytea[], p_unit_names text[], p_unit_contents text[], p_unit_subjects jsonb, p_kept_unit_names text[], p_kept_unit_hashes bytea[], p_at timestamp with time zone, OUT seq bigint, OUT hash bytea, OUT at timestamp with time zone) FROM PUBLIC;

GRANT SELECT,INSERT ON TABLE public.erasure_requests TO ledgerstone_app;
GRANT SELECT ON TABLE public.erasure_requests TO ledgerstone_executor;
GRANT SELECT ON TABLE public.erasure_requests TO ledgerstone_ops;

GRANT UPDATE(state) ON TABLE public.erasure_requests TO ledgerstone_app;
GRANT UPDATE(state) ON TABLE public.erasure_requests TO ledgerstone_executor;

GRANT UPDATE(finished_at) ON TABLE public.erasure_requests TO ledgerstone_app;
GRANT UPDATE(finished_at) ON TABLE public.erasure_requests TO ledgerstone_executor;

REVOKE ALL ON FUNCTION ledger.check_request(p_request uuid, p_basis text) FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.count_held(p_hold uuid, OUT events bigint, OUT days bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.count_held(p_hold uuid, OUT events bigint, OUT days bigint) TO ledgerstone_app;

REVOKE ALL ON FUNCTION ledger.count_request(p_request uuid, OUT events bigint, OUT held bigint, OUT held_by uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.count_request(p_request uuid, OUT events bigint, OUT held bigint, OUT held_by uuid[]) TO ledgerstone_app;
GRANT ALL ON FUNCTION ledger.count_request(p_request uuid, OUT events bigint, OUT held bigint, OUT held_by uuid[]) TO ledgerstone_executor;

REVOKE ALL ON FUNCTION ledger.day_lines(p_day date, p_sites uuid[], p_events boolean, p_image_sites uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.discard_images(p_erasure uuid, p_day date, p_images uuid[], p_whole boolean) FROM PUBLIC;

GRANT SELECT,INSERT ON TABLE public.batch_sites TO ledgerstone_app;
GRANT SELECT ON TABLE public.batch_sites TO ledgerstone_executor;
GRANT SELECT ON TABLE public.batch_sites TO ledgerstone_ops;

GRANT SELECT(tenant_id) ON TABLE public.batch_sites TO ledgerstone_lookup;

GRANT SELECT(site_id) ON TABLE public.batch_sites TO ledgerstone_lookup;

GRANT SELECT(received) ON TABLE public.batch_sites TO ledgerstone_lookup;

GRANT SELECT ON TABLE public.batches TO ledgerstone_app;
GRANT SELECT ON TABLE public.batches TO ledgerstone_executor;
GRANT SELECT ON TABLE public.batches TO ledgerstone_ops;

GRANT SELECT(tenant_id) ON TABLE public.batches TO ledgerstone_lookup;

GRANT SELECT(received) ON TABLE public.batches TO ledgerstone_lookup;

REVOKE ALL ON FUNCTION ledger.drop_empty_batches(p_day date) FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.due_version(p_site uuid, p_day date, p_images boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.entomb(p_what text, p_basis text, p_lines text[], p_policies text[], p_request uuid, p_via text, p_correlation uuid, p_site uuid, p_day date, p_events bigint, p_images bigint, p_openings bigint, p_bytes bigint, p_erasure uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.erase_site_part(p_site uuid, p_day date, p_images_only boolean, p_basis text, p_request uuid, p_via text, p_correlation uuid, OUT outcome text, OUT erasure_id uuid, OUT seq bigint, OUT events bigint, OUT images bigint, OUT held_by uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.erase_image_day(p_site uuid, p_day date, p_basis text, p_request uuid, p_via text, p_correlation uuid, OUT outcome text, OUT erasure_id uuid, OUT seq bigint, OUT events bigint, OUT images bigint, OUT held_by uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.erase_image_day(p_site uuid, p_day date, p_basis text, p_request uuid, p_via text, p_correlation uuid, OUT outcome text, OUT erasure_id uuid, OUT seq bigint, OUT events bigint, OUT images bigint, OUT held_by uuid[]) TO ledgerstone_executor;

REVOKE ALL ON FUNCTION ledger.erase_person(p_request uuid, p_tried bytea[], p_via text, p_correlation uuid, OUT outcome text, OUT held_by uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.erase_person(p_request uuid, p_tried bytea[], p_via text, p_correlation uuid, OUT outcome text, OUT held_by uuid[]) TO ledgerstone_executor;

REVOKE ALL ON FUNCTION ledger.erase_request_copies(p_request uuid, p_via text, p_correlation uuid, OUT letters bigint, OUT held bigint, OUT exports uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.erase_request_copies(p_request uuid, p_via text, p_correlation uuid, OUT letters bigint, OUT held bigint, OUT exports uuid[]) TO ledgerstone_executor;

REVOKE ALL ON FUNCTION ledger.erase_request_events(p_request uuid, p_limit integer, p_via text, p_correlation uuid, OUT outcome text, OUT erasure_id uuid, OUT seq bigint, OUT erased bigint, OUT images bigint, OUT held bigint, OUT held_by uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.erase_request_events(p_request uuid, p_limit integer, p_via text, p_correlation uuid, OUT outcome text, OUT erasure_id uuid, OUT seq bigint, OUT erased bigint, OUT images bigint, OUT held bigint, OUT held_by uuid[]) TO ledgerstone_executor;

REVOKE ALL ON FUNCTION ledger.erase_request_openings(p_request uuid, p_limit integer, p_via text, p_correlation uuid, OUT outcome text, OUT erasure_id uuid, OUT seq bigint, OUT erased bigint, OUT held bigint, OUT held_by uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.erase_request_openings(p_request uuid, p_limit integer, p_via text, p_correlation uuid, OUT outcome text, OUT erasure_id uuid, OUT seq bigint, OUT erased bigint, OUT held bigint, OUT held_by uuid[]) TO ledgerstone_executor;

REVOKE ALL ON FUNCTION ledger.erase_site_day(p_site uuid, p_day date, p_basis text, p_request uuid, p_via text, p_correlation uuid, OUT outcome text, OUT erasure_id uuid, OUT seq bigint, OUT events bigint, OUT images bigint, OUT held_by uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.erase_site_day(p_site uuid, p_day date, p_basis text, p_request uuid, p_via text, p_correlation uuid, OUT outcome text, OUT erasure_id uuid, OUT seq bigint, OUT events bigint, OUT images bigint, OUT held_by uuid[]) TO ledgerstone_executor;

REVOKE ALL ON FUNCTION ledger.in_range(p_at timestamp with time zone, p_from timestamp with time zone, p_to timestamp with time zone) FROM PUBLIC;

GRANT SELECT,INSERT ON TABLE public.event_subjects TO ledgerstone_app;
GRANT SELECT ON TABLE public.event_subjects TO ledgerstone_executor;
GRANT SELECT ON TABLE public.event_subjects TO ledgerstone_ops;

GRANT SELECT(tenant_id) ON TABLE public.event_subjects TO ledgerstone_lookup;

GRANT SELECT(site_id) ON TABLE public.event_subjects TO ledgerstone_lookup;

GRANT SELECT(received) ON TABLE public.event_subjects TO ledgerstone_lookup;

GRANT SELECT ON TABLE public.holds TO ledgerstone_app;
GRANT SELECT ON TABLE public.holds TO ledgerstone_executor;
GRANT SELECT ON TABLE public.holds TO ledgerstone_ops;

REVOKE ALL ON FUNCTION ledger.event_holds(p_site uuid, p_event uuid, p_kind text, p_received timestamp with time zone, p_occurred timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.expire_dead_letters(p_limit integer, p_via text, p_correlation uuid, OUT letters bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.expire_dead_letters(p_limit integer, p_via text, p_correlation uuid, OUT letters bigint) TO ledgerstone_executor;

REVOKE ALL ON FUNCTION ledger.genesis(p_tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.genesis(p_tenant uuid) TO ledgerstone_app;
GRANT ALL ON FUNCTION ledger.genesis(p_tenant uuid) TO ledgerstone_executor;
GRANT ALL ON FUNCTION ledger.genesis(p_tenant uuid) TO ledgerstone_ops;

REVOKE ALL ON FUNCTION ledger.guard_truncate() FROM PUBLIC;

GRANT SELECT,INSERT ON TABLE public.dead_letters TO ledgerstone_app;
GRANT SELECT ON TABLE public.dead_letters TO ledgerstone_executor;
GRANT SELECT ON TABLE public.dead_letters TO ledgerstone_ops;

REVOKE ALL ON FUNCTION ledger.holds_of_letter(p_letter public.dead_letters) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.holds_of_letter(p_letter public.dead_letters) TO ledgerstone_app;

REVOKE ALL ON FUNCTION ledger.letter_holds(p_letter public.dead_letters) FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.lock_day(p_day date, p_parents text[], p_mode text) FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.lock_head() FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.lock_head() TO ledgerstone_app;

REVOKE ALL ON FUNCTION ledger.lock_holds(p_tenant uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.lock_holds_briefly(p_tenant uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.mth(p_leaves bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.mth(p_leaves bytea[]) TO ledgerstone_app;
GRANT ALL ON FUNCTION ledger.mth(p_leaves bytea[]) TO ledgerstone_executor;
GRANT ALL ON FUNCTION ledger.mth(p_leaves bytea[]) TO ledgerstone_ops;

REVOKE ALL ON FUNCTION ledger.named_lines(p_key text, p_names text[], p_hashes bytea[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.note_change() FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.open_appliance(p_tenant uuid, p_correlation uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.open_appliance(p_tenant uuid, p_correlation uuid) TO ledgerstone_app;

REVOKE ALL ON FUNCTION ledger.open_chain(p_tenant uuid, p_name text, p_correlation uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.open_chain(p_tenant uuid, p_name text, p_correlation uuid) TO ledgerstone_app;

REVOKE ALL ON FUNCTION ledger.opening_holds(p_subject bytea, p_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.place_hold(p_hold uuid, p_site uuid, p_from timestamp with time zone, p_to timestamp with time zone, p_kind text, p_subject bytea, p_event_ids uuid[], p_case text, p_reason text, p_owner text, p_review_on date, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, OUT seq bigint, OUT placed_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.place_hold(p_hold uuid, p_site uuid, p_from timestamp with time zone, p_to timestamp with time zone, p_kind text, p_subject bytea, p_event_ids uuid[], p_case text, p_reason text, p_owner text, p_review_on date, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, OUT seq bigint, OUT placed_at timestamp with time zone) TO ledgerstone_app;

GRANT SELECT ON TABLE public.policies TO ledgerstone_app;
GRANT SELECT ON TABLE public.policies TO ledgerstone_executor;
GRANT SELECT ON TABLE public.policies TO ledgerstone_ops;

REVOKE ALL ON FUNCTION ledger.policy_in_force(p_site uuid, p_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.record_batch(p_batch uuid, p_received timestamp with time zone, p_sites uuid[], p_counts integer[], p_roots bytea[], p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, p_unit_names text[], p_unit_contents text[], OUT seq bigint, OUT hash bytea, OUT at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.record_batch(p_batch uuid, p_received timestamp with time zone, p_sites uuid[], p_counts integer[], p_roots bytea[], p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, p_unit_names text[], p_unit_contents text[], OUT seq bigint, OUT hash bytea, OUT at timestamp with time zone) TO ledgerstone_app;

REVOKE ALL ON FUNCTION ledger.record_views(p_actor_type text, p_actor_id text, p_via text, p_minute timestamp with time zone, p_correlation uuid, OUT views integer) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.record_views(p_actor_type text, p_actor_id text, p_via text, p_minute timestamp with time zone, p_correlation uuid, OUT views integer) TO ledgerstone_app;

REVOKE ALL ON FUNCTION ledger.refuse_key_change() FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.refuse_rewrite() FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.release_hold(p_hold uuid, p_reason text, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, OUT seq bigint, OUT released_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.release_hold(p_hold uuid, p_reason text, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, OUT seq bigint, OUT released_at timestamp with time zone) TO ledgerstone_app;

REVOKE ALL ON FUNCTION ledger.remove_dead_letter(p_letter uuid, p_as text, p_reason text, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, OUT outcome text, OUT held_by uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.remove_dead_letter(p_letter uuid, p_as text, p_reason text, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, OUT outcome text, OUT held_by uuid[]) TO ledgerstone_app;

GRANT SELECT,INSERT ON TABLE public.event_keys TO ledgerstone_app;
GRANT SELECT ON TABLE public.event_keys TO ledgerstone_executor;
GRANT SELECT ON TABLE public.event_keys TO ledgerstone_ops;

REVOKE ALL ON FUNCTION ledger.request_events(p_request public.erasure_requests) FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.require_row() FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.require_rows_for(p_table regclass) FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.rotate_key(p_key_id text, p_old bytea, p_new bytea, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, OUT seq bigint, OUT at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.rotate_key(p_key_id text, p_old bytea, p_new bytea, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, OUT seq bigint, OUT at timestamp with time zone) TO ledgerstone_app;

REVOKE ALL ON FUNCTION ledger.row_lines(p_tenant uuid, p_epoch integer, p_seq bigint, p_prev bytea, p_at timestamp with time zone, p_actor_type text, p_actor_id text, p_via text, p_action text, p_entity_type text, p_entity_id text, p_correlation uuid, p_control bigint, p_commits text, p_units text) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.row_lines(p_tenant uuid, p_epoch integer, p_seq bigint, p_prev bytea, p_at timestamp with time zone, p_actor_type text, p_actor_id text, p_via text, p_action text, p_entity_type text, p_entity_id text, p_correlation uuid, p_control bigint, p_commits text, p_units text) TO ledgerstone_app;
GRANT ALL ON FUNCTION ledger.row_lines(p_tenant uuid, p_epoch integer, p_seq bigint, p_prev bytea, p_at timestamp with time zone, p_actor_type text, p_actor_id text, p_via text, p_action text, p_entity_type text, p_entity_id text, p_correlation uuid, p_control bigint, p_commits text, p_units text) TO ledgerstone_executor;
GRANT ALL ON FUNCTION ledger.row_lines(p_tenant uuid, p_epoch integer, p_seq bigint, p_prev bytea, p_at timestamp with time zone, p_actor_type text, p_actor_id text, p_via text, p_action text, p_entity_type text, p_entity_id text, p_correlation uuid, p_control bigint, p_commits text, p_units text) TO ledgerstone_ops;

REVOKE ALL ON FUNCTION ledger.set_policy(p_site uuid, p_image_days integer, p_event_days integer, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, p_detail text, OUT version integer, OUT seq bigint, OUT effective_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.set_policy(p_site uuid, p_image_days integer, p_event_days integer, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid, p_detail text, OUT version integer, OUT seq bigint, OUT effective_at timestamp with time zone) TO ledgerstone_app;

REVOKE ALL ON FUNCTION ledger.site_day_holds(p_site uuid, p_day date) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.site_day_holds(p_site uuid, p_day date) TO ledgerstone_app;
GRANT ALL ON FUNCTION ledger.site_day_holds(p_site uuid, p_day date) TO ledgerstone_executor;

REVOKE ALL ON FUNCTION ledger.truncate_partitions(p_day date, p_images_only boolean, p_via text, p_correlation uuid, OUT outcome text, OUT tenants integer, OUT sites integer, OUT events bigint, OUT images bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.truncate_day(p_day date, p_via text, p_correlation uuid, OUT outcome text, OUT tenants integer, OUT sites integer, OUT events bigint, OUT images bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.truncate_day(p_day date, p_via text, p_correlation uuid, OUT outcome text, OUT tenants integer, OUT sites integer, OUT events bigint, OUT images bigint) TO ledgerstone_executor;

REVOKE ALL ON FUNCTION ledger.truncate_images_day(p_day date, p_via text, p_correlation uuid, OUT outcome text, OUT tenants integer, OUT sites integer, OUT events bigint, OUT images bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.truncate_images_day(p_day date, p_via text, p_correlation uuid, OUT outcome text, OUT tenants integer, OUT sites integer, OUT events bigint, OUT images bigint) TO ledgerstone_executor;

REVOKE ALL ON FUNCTION ledger.unit_hash(p_salt bytea, p_name text, p_content text) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.unit_hash(p_salt bytea, p_name text, p_content text) TO ledgerstone_app;
GRANT ALL ON FUNCTION ledger.unit_hash(p_salt bytea, p_name text, p_content text) TO ledgerstone_executor;
GRANT ALL ON FUNCTION ledger.unit_hash(p_salt bytea, p_name text, p_content text) TO ledgerstone_ops;

REVOKE ALL ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION pg_catalog.set_config(text, text, boolean) TO ledgerstone_owner WITH GRANT OPTION;

GRANT SELECT ON TABLE ledger.chain_heads TO ledgerstone_app;
GRANT SELECT ON TABLE ledger.chain_heads TO ledgerstone_executor;
GRANT SELECT ON TABLE ledger.chain_heads TO ledgerstone_ops;

GRANT SELECT,INSERT ON TABLE ledger.checkpoints TO ledgerstone_app;
GRANT SELECT ON TABLE ledger.checkpoints TO ledgerstone_executor;
GRANT SELECT ON TABLE ledger.checkpoints TO ledgerstone_ops;

GRANT SELECT ON TABLE ledger.openings TO ledgerstone_app;
GRANT SELECT ON TABLE ledger.openings TO ledgerstone_executor;
GRANT SELECT ON TABLE ledger.openings TO ledgerstone_ops;

GRANT SELECT,INSERT ON TABLE ledger.row_hmacs TO ledgerstone_app;
GRANT SELECT ON TABLE ledger.row_hmacs TO ledgerstone_executor;
GRANT SELECT ON TABLE ledger.row_hmacs TO ledgerstone_ops;

GRANT SELECT ON TABLE ledger.rows TO ledgerstone_app;
GRANT SELECT ON TABLE ledger.rows TO ledgerstone_executor;
GRANT SELECT ON TABLE ledger.rows TO ledgerstone_ops;

GRANT SELECT,INSERT ON TABLE ledger.tiles TO ledgerstone_app;
GRANT SELECT ON TABLE ledger.tiles TO ledgerstone_executor;
GRANT SELECT ON TABLE ledger.tiles TO ledgerstone_ops;

GRANT SELECT,INSERT,DELETE ON TABLE public.anomalies TO ledgerstone_app;

GRANT UPDATE(last_at) ON TABLE public.anomalies TO ledgerstone_app;

GRANT UPDATE(times) ON TABLE public.anomalies TO ledgerstone_app;

GRANT UPDATE(untold) ON TABLE public.anomalies TO ledgerstone_app;

GRANT UPDATE(told_at) ON TABLE public.anomalies TO ledgerstone_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.api_key_use TO ledgerstone_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.approval_answers TO ledgerstone_app;

GRANT SELECT,INSERT ON TABLE public.approvals TO ledgerstone_app;

GRANT UPDATE(request) ON TABLE public.approvals TO ledgerstone_app;

GRANT UPDATE(state) ON TABLE public.approvals TO ledgerstone_app;

GRANT UPDATE(decided_by) ON TABLE public.approvals TO ledgerstone_app;

GRANT UPDATE(decided_at) ON TABLE public.approvals TO ledgerstone_app;

GRANT SELECT,INSERT ON TABLE public.chain_checks TO ledgerstone_app;

GRANT UPDATE(finished_at) ON TABLE public.chain_checks TO ledgerstone_app;

GRANT UPDATE(report) ON TABLE public.chain_checks TO ledgerstone_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.device_outboxes TO ledgerstone_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.device_status TO ledgerstone_app;

GRANT SELECT,INSERT ON TABLE public.directory_grants TO ledgerstone_app;

GRANT SELECT,INSERT ON TABLE public.directory_links TO ledgerstone_app;

GRANT UPDATE(unlinked_at) ON TABLE public.directory_links TO ledgerstone_app;

GRANT SELECT,INSERT ON TABLE public.directory_mappings TO ledgerstone_app;

GRANT SELECT,INSERT ON TABLE public.directory_memberships TO ledgerstone_app;

GRANT UPDATE(held) ON TABLE public.directory_memberships TO ledgerstone_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.enrolment_codes TO ledgerstone_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.erasure_cases TO ledgerstone_app;

GRANT SELECT ON TABLE public.erasures TO ledgerstone_app;
GRANT SELECT ON TABLE public.erasures TO ledgerstone_executor;
GRANT SELECT ON TABLE public.erasures TO ledgerstone_ops;

GRANT UPDATE(files_pending) ON TABLE public.erasures TO ledgerstone_app;
GRANT UPDATE(files_pending) ON TABLE public.erasures TO ledgerstone_executor;

GRANT UPDATE(files_gone_at) ON TABLE public.erasures TO ledgerstone_app;
GRANT UPDATE(files_gone_at) ON TABLE public.erasures TO ledgerstone_executor;

GRANT UPDATE(journalled_at) ON TABLE public.erasures TO ledgerstone_app;
GRANT UPDATE(journalled_at) ON TABLE public.erasures TO ledgerstone_executor;

GRANT UPDATE(entered_at) ON TABLE public.erasures TO ledgerstone_app;
GRANT UPDATE(entered_at) ON TABLE public.erasures TO ledgerstone_executor;

GRANT SELECT,INSERT,UPDATE ON TABLE public.exports TO ledgerstone_app;
GRANT SELECT ON TABLE public.exports TO ledgerstone_executor;
GRANT SELECT ON TABLE public.exports TO ledgerstone_ops;

GRANT SELECT,INSERT,DELETE ON TABLE public.factor_challenges TO ledgerstone_app;

GRANT UPDATE(tries) ON TABLE public.factor_challenges TO ledgerstone_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.factors TO ledgerstone_app;

GRANT UPDATE(name) ON TABLE public.factors TO ledgerstone_app;

GRANT UPDATE(counter) ON TABLE public.factors TO ledgerstone_app;

GRANT UPDATE(last_used_at) ON TABLE public.factors TO ledgerstone_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.groups TO ledgerstone_app;

GRANT UPDATE(name) ON TABLE public.groups TO ledgerstone_app;

GRANT UPDATE(external_id) ON TABLE public.groups TO ledgerstone_app;

GRANT UPDATE(version) ON TABLE public.groups TO ledgerstone_app;

GRANT UPDATE(changed_at) ON TABLE public.groups TO ledgerstone_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.idempotency_keys TO ledgerstone_app;

GRANT UPDATE(status) ON TABLE public.idempotency_keys TO ledgerstone_app;

GRANT UPDATE(answer) ON TABLE public.idempotency_keys TO ledgerstone_app;

GRANT SELECT,INSERT ON TABLE public.image_views TO ledgerstone_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.known_places TO ledgerstone_app;

GRANT UPDATE(last_at) ON TABLE public.known_places TO ledgerstone_app;

GRANT SELECT,INSERT ON TABLE public.ldap_directories TO ledgerstone_app;

GRANT UPDATE(version) ON TABLE public.ldap_directories TO ledgerstone_app;

GRANT UPDATE(name) ON TABLE public.ldap_directories TO ledgerstone_app;

GRANT UPDATE(enabled) ON TABLE public.ldap_directories TO ledgerstone_app;

GRANT UPDATE(settings) ON TABLE public.ldap_directories TO ledgerstone_app;

GRANT UPDATE(bind_password) ON TABLE public.ldap_directories TO ledgerstone_app;

GRANT UPDATE(changed_at) ON TABLE public.ldap_directories TO ledgerstone_app;

GRANT UPDATE(removed_at) ON TABLE public.ldap_directories TO ledgerstone_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.local_passwords TO ledgerstone_app;

GRANT UPDATE(hash) ON TABLE public.local_passwords TO ledgerstone_app;

GRANT UPDATE(changed_at) ON TABLE public.local_passwords TO ledgerstone_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.mails TO ledgerstone_app;

GRANT UPDATE(attempts) ON TABLE public.mails TO ledgerstone_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.notice_settings TO ledgerstone_app;

GRANT UPDATE(mail) ON TABLE public.notice_settings TO ledgerstone_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.notices TO ledgerstone_app;

GRANT UPDATE(read_at) ON TABLE public.notices TO ledgerstone_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.object_garbage TO ledgerstone_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.object_garbage TO ledgerstone_executor;

GRANT SELECT,INSERT,DELETE ON TABLE public.pending_sign_ins TO ledgerstone_app;

GRANT UPDATE(tries) ON TABLE public.pending_sign_ins TO ledgerstone_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.recovery_codes TO ledgerstone_app;

GRANT UPDATE(used_at) ON TABLE public.recovery_codes TO ledgerstone_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.retention_forecasts TO ledgerstone_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.retention_forecasts TO ledgerstone_executor;

GRANT SELECT,INSERT,DELETE ON TABLE public.saml_assertions TO ledgerstone_app;

GRANT SELECT,INSERT ON TABLE public.saml_configurations TO ledgerstone_app;

GRANT SELECT,INSERT ON TABLE public.saml_keys TO ledgerstone_app;

GRANT UPDATE(state) ON TABLE public.saml_keys TO ledgerstone_app;

GRANT UPDATE(private_key) ON TABLE public.saml_keys TO ledgerstone_app;

GRANT UPDATE(changed_at) ON TABLE public.saml_keys TO ledgerstone_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.saml_requests TO ledgerstone_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.saml_tests TO ledgerstone_app;

GRANT UPDATE(result) ON TABLE public.saml_tests TO ledgerstone_app;

GRANT SELECT ON TABLE public.schema_migrations TO ledgerstone_app;
GRANT SELECT ON TABLE public.schema_migrations TO ledgerstone_executor;

GRANT SELECT,INSERT ON TABLE public.scim_users TO ledgerstone_app;

GRANT UPDATE(attributes) ON TABLE public.scim_users TO ledgerstone_app;

GRANT UPDATE(email_keys) ON TABLE public.scim_users TO ledgerstone_app;

GRANT UPDATE(manager) ON TABLE public.scim_users TO ledgerstone_app;

GRANT UPDATE(removed_at) ON TABLE public.scim_users TO ledgerstone_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.session_use TO ledgerstone_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.sign_in_failures TO ledgerstone_app;

GRANT UPDATE(failures) ON TABLE public.sign_in_failures TO ledgerstone_app;

GRANT UPDATE(since) ON TABLE public.sign_in_failures TO ledgerstone_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.sign_in_links TO ledgerstone_app;

GRANT UPDATE(used_at) ON TABLE public.sign_in_links TO ledgerstone_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.sign_in_tries TO ledgerstone_app;

GRANT UPDATE(tries) ON TABLE public.sign_in_tries TO ledgerstone_app;

GRANT UPDATE(last_at) ON TABLE public.sign_in_tries TO ledgerstone_app;

GRANT UPDATE(not_before) ON TABLE public.sign_in_tries TO ledgerstone_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.site_hours TO ledgerstone_app;

ALTER DEFAULT PRIVILEGES FOR ROLE ledgerstone_owner REVOKE ALL ON FUNCTIONS FROM PUBLIC;
