-- Up Migration
-- An event is found by its id through event_keys: detail, images, holds, erasure by id, bundles of an incident. A day of keys
-- stays while an events partition stands that one of its ids may be in, also long after no new event could have such an id.

create or replace function app.drop_keys_day(p_day date) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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

-- Down Migration
-- The older body is in 0009; nothing calls for it.
