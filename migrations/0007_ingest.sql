-- Up Migration
-- What ingest needs before it can store: the dedup partitions of the past, since ids carry their own time.

-- Makes the event_keys partitions of the days from..to; returns how many were missing. An event that waited in an outbox
-- for weeks has an id of that day, but is received today: it needs a key partition there and no event partition.
create function app.make_key_partitions(p_from date, p_to date) returns int
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
      made := made + 1;
    end if;
  end loop;
  return made;
end $$;
revoke execute on function app.make_key_partitions(date, date) from public;
grant execute on function app.make_key_partitions(date, date) to ledgerstone_app, ledgerstone_executor;

-- Which device a topic's name stands for: its uuid, or the common name of a certificate of the customer's own CA.
create function app.find_senders(p_names text[]) returns table (name text, tenant_id uuid, device_id uuid)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select n.name, d.tenant_id, d.device_id
      from unnest(p_names) n(name)
      join public.devices d on d.device_id = case when n.name ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then n.name::uuid end
    union all
    select c.common_name, c.tenant_id, c.device_id
      from public.device_certificates c
     where c.revoked_at is null and c.common_name = any(p_names);
  end;
revoke execute on function app.find_senders(text[]) from public;
grant execute on function app.find_senders(text[]) to ledgerstone_app;
alter function app.find_senders(text[]) owner to ledgerstone_lookup;

-- Down Migration
drop function app.find_senders(text[]);
drop function app.make_key_partitions(date, date);
