-- Up Migration
-- The chain: rows, openings, heads, checkpoints, tiles, and the rule "no ledger row, no commit".

create table tenants (
  tenant_id uuid primary key default gen_random_uuid(),
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null default clock_timestamp(),
  cooling_off_hours int not null default 24 check (cooling_off_hours between 0 and 720),
  plain_mqtt boolean not null default false,
  event_quota_per_day bigint not null default 20000000 check (event_quota_per_day > 0),
  byte_quota_per_day bigint not null default 1099511627776 check (byte_quota_per_day > 0),
  export_quota_per_day int not null default 100 check (export_quota_per_day > 0),
  closed_at timestamptz
);
select app.isolate('tenants');

create table ledger.chain_heads (
  tenant_id uuid primary key references tenants,
  epoch int not null check (epoch >= 1),
  seq bigint not null check (seq >= 0),
  hash ledger.hash not null,
  at timestamptz not null,
  control bigint not null check (control >= 0),
  -- Written by ledger.append alone: what the commit rule compares with.
  last_xact xid8 not null
) with (fillfactor = 20);
select app.isolate('ledger.chain_heads');

-- Checks of the hot tables are domains: Postgres keeps a domain's check compiled, but reads a table's anew for every statement.
create domain ledger.positive as int check (value >= 1);
create domain ledger.ordinal as bigint check (value >= 1);
create domain ledger.actor_type as text check (value in ('user', 'api-key', 'device', 'scim', 'system', 'ops', 'agent'));
create domain ledger.channel as text
  check (value in ('web', 'api', 'mqtt', 'edge', 'cli', 'cron', 'saml', 'scim', 'ldap', 'webhook', 'mcp', 'assist', 'agent', 'sql'));
create domain ledger.named_hashes as text check (value = '' or value ~ '^((commit|unit) [A-Za-z0-9._:@/+-]+ [0-9a-f]{64}\n)+$');
create domain ledger.salt as bytea check (octet_length(value) = 32);

-- No foreign key to tenants or from openings: the append function alone inserts here, beside the head that has one, and each
-- such check would lock and log another row in every transaction.
create table ledger.rows (
  tenant_id uuid not null,
  epoch ledger.positive not null,
  seq ledger.ordinal not null,
  prev ledger.hash not null,
  at timestamptz not null,
  actor_type ledger.actor_type not null,
  actor_id ledger.token not null,
  via ledger.channel not null,
  action ledger.token not null,
  entity_type ledger.token not null,
  entity_id ledger.token not null,
  correlation uuid not null,
  control bigint not null,
  -- "commit <name> <hash>" and "unit <name> <hash>" lines as hashed, each with its LF, names ascending.
  commits ledger.named_hashes not null,
  units ledger.named_hashes not null,
  row_hash ledger.hash not null,
  primary key (tenant_id, seq),
  unique (tenant_id, prev)
);
create index rows_action on ledger.rows (tenant_id, action, seq);
create index rows_entity on ledger.rows (tenant_id, entity_type, entity_id, seq);
create index rows_at on ledger.rows (tenant_id, at, seq);
select app.isolate('ledger.rows');

create table ledger.openings (
  tenant_id uuid not null,
  seq bigint not null,
  unit ledger.token not null,
  unit_hash ledger.hash not null,
  salt ledger.salt not null,
  content text not null,
  -- HMACs (under the tenant's index key) of the people and things it speaks of: how an erasure request finds it.
  subjects bytea[] not null default '{}',
  primary key (tenant_id, seq, unit)
);
create index openings_subjects on ledger.openings (tenant_id) where subjects <> '{}';
select app.isolate('ledger.openings');

create table ledger.checkpoints (
  tenant_id uuid not null references tenants,
  epoch int not null,
  size bigint not null check (size >= 1),
  root ledger.hash not null,
  sealed_at timestamptz not null,
  note text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, epoch, size, sealed_at),
  foreign key (tenant_id, size) references ledger.rows (tenant_id, seq)
);
select app.isolate('ledger.checkpoints');

-- C2SP tlog-tiles: 256 hashes a full tile; level 0 are leaf hashes over row hashes.
create table ledger.tiles (
  tenant_id uuid not null references tenants,
  level int not null check (level between 0 and 7),
  index bigint not null check (index >= 0),
  hashes bytea not null check (octet_length(hashes) = 8192),
  primary key (tenant_id, level, index)
);
select app.isolate('ledger.tiles');

-- Optional HMAC over a row's lines, made by the sealer outside the database (AUDIT_SIGNING_KEY_FILE).
create table ledger.row_hmacs (
  tenant_id uuid not null,
  seq bigint not null,
  hmac ledger.hash not null,
  primary key (tenant_id, seq),
  foreign key (tenant_id, seq) references ledger.rows (tenant_id, seq)
);
select app.isolate('ledger.row_hmacs');

-- Who on the database itself a pseudonym stands for. Not tenant data.
create table ledger.ops_people (
  role_name name primary key,
  actor_id uuid not null unique default gen_random_uuid()
);

-- Insert-only, for everyone: also for the owner, and (enable always) for a superuser in replica mode.
-- What remains to a superuser (disable trigger, alter column using) is detected by witnessed checkpoints alone.
create function ledger.refuse_rewrite() returns trigger language plpgsql as $$
begin
  raise exception '% on %.% refused: the ledger is insert-only', tg_op, tg_table_schema, tg_table_name
    using errcode = 'LS002', hint = 'content is erased through its openings, with a tombstone';
end $$;
create trigger insert_only before update or delete or truncate on ledger.rows for each statement execute function ledger.refuse_rewrite();
alter table ledger.rows enable always trigger insert_only;
create trigger insert_only before update or delete or truncate on ledger.checkpoints for each statement execute function ledger.refuse_rewrite();
alter table ledger.checkpoints enable always trigger insert_only;
create trigger insert_only before update or delete or truncate on ledger.tiles for each statement execute function ledger.refuse_rewrite();
alter table ledger.tiles enable always trigger insert_only;
create trigger no_rewrite before update or truncate on ledger.openings for each statement execute function ledger.refuse_rewrite();
alter table ledger.openings enable always trigger no_rewrite;

-- The hashed lines of a row, to the byte (ledger.md "Row").
create function ledger.row_lines(
  p_tenant uuid, p_epoch int, p_seq bigint, p_prev bytea, p_at timestamptz, p_actor_type text, p_actor_id text, p_via text,
  p_action text, p_entity_type text, p_entity_id text, p_correlation uuid, p_control bigint, p_commits text, p_units text
) returns text language sql stable parallel safe
  return 'ledgerstone/row/v1' || chr(10)
    || 'tenant ' || p_tenant || chr(10)
    || 'epoch ' || p_epoch || chr(10)
    || 'seq ' || p_seq || chr(10)
    || 'prev ' || encode(p_prev, 'hex') || chr(10)
    || 'at ' || to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || chr(10)
    || 'actor ' || p_actor_type || ' ' || p_actor_id || chr(10)
    || 'via ' || p_via || chr(10)
    || 'action ' || p_action || chr(10)
    || 'entity ' || p_entity_type || ' ' || p_entity_id || chr(10)
    || 'correlation ' || p_correlation || chr(10)
    || 'control ' || p_control || chr(10)
    || p_commits || p_units;

-- Stable, not immutable: convert_to is stable, and a function that claims more than its body is not inlined.
create function ledger.genesis(p_tenant uuid) returns bytea language sql stable parallel safe
  return sha256(convert_to('ledgerstone/genesis/v1' || chr(10) || 'tenant ' || p_tenant || chr(10), 'UTF8'));

create function ledger.unit_hash(p_salt bytea, p_name text, p_content text) returns bytea language sql stable parallel safe
  return public.hmac(convert_to('ledgerstone/unit/v1' || chr(10) || p_name || chr(10) || p_content, 'UTF8'), p_salt, 'sha256');

-- RFC 6962 section 2.1 Merkle Tree Hash; each element is one leaf's data.
create function ledger.mth(p_leaves bytea[]) returns bytea language plpgsql immutable parallel safe as $$
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

-- "<key> <name> <hash>" lines, names ascending bytewise.
create function ledger.named_lines(p_key text, p_names text[], p_hashes bytea[]) returns text
language plpgsql immutable parallel safe as $$
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

create unlogged table ledger.pending (
  backend int not null,
  tenant_id uuid not null,
  xact xid8 not null,
  primary key (backend, tenant_id, xact)
);
-- Not readable or writable by anyone but the owner's definer functions.

-- Appends one row to the bound tenant's chain. Takes the head's lock, so call it last.
-- Granted to nobody, and with the caller's rights and search_path: only definer functions that fix their own search_path call it.
-- The hot path of everything: loops over expressions, which plpgsql evaluates without a query each.
create function ledger.append_unchecked(
  p_actor_type text, p_actor_id text, p_via text, p_action text, p_entity_type text, p_entity_id text, p_correlation uuid,
  p_commit_names text[], p_commit_hashes bytea[], p_unit_names text[], p_unit_contents text[], p_unit_subjects jsonb,
  -- Units whose salt and content are kept elsewhere (a batch): only the hash goes into the row.
  p_kept_unit_names text[], p_kept_unit_hashes bytea[],
  -- The clock as the caller read it while holding the head's lock; null reads it here.
  p_at timestamptz default null,
  out seq bigint, out hash bytea, out at timestamptz
) language plpgsql as $$
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

-- What the application may call: everything but control actions, which have their own functions.
create function ledger.append(
  p_actor_type text, p_actor_id text, p_via text, p_action text, p_entity_type text, p_entity_id text, p_correlation uuid,
  p_commit_names text[] default null, p_commit_hashes bytea[] default null,
  p_unit_names text[] default null, p_unit_contents text[] default null, p_unit_subjects jsonb default null,
  out seq bigint, out hash bytea, out at timestamptz
) language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
grant execute on function ledger.append(text, text, text, text, text, text, uuid, text[], bytea[], text[], text[], jsonb)
  to ledgerstone_app, ledgerstone_executor;
grant execute on function ledger.row_lines(uuid, int, bigint, bytea, timestamptz, text, text, text, text, text, text, uuid, bigint, text, text),
  ledger.genesis(uuid), ledger.unit_hash(bytea, text, text), ledger.mth(bytea[])
  to ledgerstone_app, ledgerstone_executor, ledgerstone_ops;

-- Makes a tenant and opens its chain: the one way to either. Binds the transaction to the new tenant.
create function ledger.open_chain(p_tenant uuid, p_name text, p_correlation uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform app.bind(p_tenant, null);
  insert into public.tenants (tenant_id, name) values (p_tenant, p_name);
  insert into ledger.chain_heads (tenant_id, epoch, seq, hash, at, control, last_xact)
    values (p_tenant, 1, 0, ledger.genesis(p_tenant), '-infinity', 0, pg_current_xact_id());
  perform ledger.append_unchecked('system', 'appliance', 'cli', 'ledger.opened', 'tenant', p_tenant::text, p_correlation,
    null, null, null, null, null, null, null);
end $$;
grant execute on function ledger.open_chain(uuid, text, uuid) to ledgerstone_app;

-- No ledger row, no commit ------------------------------------------------------------------------------------------
-- A changed tenant table leaves a mark here; at COMMIT the mark demands that this very transaction appended.
create function ledger.require_row() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
create constraint trigger require_row after insert on ledger.pending
  deferrable initially deferred for each row execute function ledger.require_row();
alter table ledger.pending enable always trigger require_row;

create function ledger.note_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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

-- Used by migrations: every mutation of this table demands a ledger row.
create function ledger.require_rows_for(p_table regclass) returns void language plpgsql as $$
begin
  execute format('create trigger note_insert after insert on %s referencing new table as changed for each statement execute function ledger.note_change()', p_table);
  execute format('create trigger note_update after update on %s referencing new table as changed for each statement execute function ledger.note_change()', p_table);
  execute format('create trigger note_delete after delete on %s referencing old table as changed for each statement execute function ledger.note_change()', p_table);
  execute format('alter table %s enable always trigger note_insert, enable always trigger note_update, enable always trigger note_delete', p_table);
end $$;
revoke execute on function ledger.require_rows_for(regclass) from public;

select ledger.require_rows_for('tenants');
-- Openings come only with their row; going, they need a tombstone's row.
create trigger note_delete after delete on ledger.openings referencing old table as changed
  for each statement execute function ledger.note_change();
alter table ledger.openings enable always trigger note_delete;

-- Grants: no application role inserts into, updates or deletes from the ledger.
grant select on tenants, ledger.chain_heads, ledger.rows, ledger.openings, ledger.checkpoints, ledger.tiles, ledger.row_hmacs
  to ledgerstone_app, ledgerstone_executor, ledgerstone_ops;
grant update (name, cooling_off_hours, plain_mqtt, event_quota_per_day, byte_quota_per_day, export_quota_per_day) on tenants to ledgerstone_app, ledgerstone_ops;
grant insert on ledger.checkpoints, ledger.tiles, ledger.row_hmacs to ledgerstone_app;

-- The ids alone, for the worker's rounds and the boot check.
create policy lookup on tenants as permissive for select to ledgerstone_lookup using (true);
grant select (tenant_id, closed_at) on tenants to ledgerstone_lookup;
create function app.tenant_ids() returns setof uuid language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic select t.tenant_id from public.tenants t order by t.tenant_id; end;
revoke execute on function app.tenant_ids() from public;
grant execute on function app.tenant_ids() to ledgerstone_app, ledgerstone_executor;

-- Last: a function's grants are its owner's to give.
alter function app.tenant_ids() owner to ledgerstone_lookup;

-- Down Migration
drop table ledger.pending, ledger.row_hmacs, ledger.tiles, ledger.checkpoints, ledger.openings, ledger.rows, ledger.chain_heads, ledger.ops_people, tenants cascade;
