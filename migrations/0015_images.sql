-- Up Migration
-- Thumbnails that are still to be made, and who saw which image.

-- Null: not tried yet. False: the picture gives none (broken, or too many pixels); the original stays as it came.
-- By rewriting, not by update: no row's meaning changes, so no tenant's ledger has anything to say.
alter table images alter column has_thumbnail drop default;
alter table images alter column has_thumbnail drop not null;
alter table images alter column has_thumbnail type boolean using case when has_thumbnail then true end;
create index images_without_thumbnail on images (tenant_id, received) where stored_at is not null and has_thumbnail is null;

-- What somebody saw and no ledger row says yet: written before the first byte leaves, and taken out by the function that
-- appends one `images.seen` row for a person and minute. No role may delete here.
create table image_views (
  tenant_id uuid not null,
  site_id uuid not null,
  actor_type ledger.actor_type not null,
  actor_id ledger.token not null,
  via ledger.channel not null,
  minute timestamptz not null,
  event_id uuid not null,
  n int not null check (n between 0 and 15),
  thumbnail boolean not null,
  primary key (tenant_id, actor_type, actor_id, via, minute, event_id, n, thumbnail),
  foreign key (tenant_id, site_id) references sites (tenant_id, site_id)
);
select app.isolate('image_views', 'site_id');
grant select, insert on image_views to ledgerstone_app;

-- Takes out what one person saw up to and in the minute, and appends the row that tells it. Returns how many views it were.
create function ledger.record_views(
  p_actor_type text, p_actor_id text, p_via text, p_minute timestamptz, p_correlation uuid, out views int
) language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
revoke execute on function ledger.record_views(text, text, text, timestamptz, uuid) from public;
grant execute on function ledger.record_views(text, text, text, timestamptz, uuid) to ledgerstone_app;

-- Down Migration
drop function ledger.record_views(text, text, text, timestamptz, uuid);
drop table image_views;
drop index images_without_thumbnail;
alter table images alter column has_thumbnail type boolean using coalesce(has_thumbnail, false);
alter table images alter column has_thumbnail set default false;
alter table images alter column has_thumbnail set not null;
