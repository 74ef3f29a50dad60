-- Up Migration
-- What came in by hour, for the overview: counting the events themselves would read all of them. A ring of 48 hours a site: an
-- hour takes the slot of the one two days before it, so that the table neither grows nor needs anybody who deletes from it.
create table site_hours (
  tenant_id uuid not null,
  site_id uuid not null,
  slot int not null check (slot between 0 and 47),
  -- Its beginning, UTC.
  hour timestamptz not null,
  events bigint not null,
  bytes bigint not null,
  images bigint not null,
  image_bytes bigint not null,
  primary key (tenant_id, site_id, slot),
  foreign key (tenant_id, site_id) references sites (tenant_id, site_id)
) with (fillfactor = 70);
select app.isolate('site_hours', 'site_id');
grant select, insert, update on site_hours to ledgerstone_app;

-- What somebody chose to leave out of the first steps, and whether the guide to them is put away. What is done is not kept: it
-- follows from what there is.
alter table tenants
  add column setup_skipped text[] not null default '{}'
    check (setup_skipped <@ array['second-factor', 'second-owner', 'certificate', 'saml', 'site', 'device']),
  add column setup_dismissed boolean not null default false;
grant update (setup_skipped, setup_dismissed) on tenants to ledgerstone_app;

-- Down Migration
alter table tenants drop column setup_skipped, drop column setup_dismissed;
drop table site_hours;
