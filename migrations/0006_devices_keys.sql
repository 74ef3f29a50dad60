-- Up Migration
-- Passwords of plain devices, certificates that the customer's own CA issued, and the boot check of the master key.

-- Username and password for the plain listener. What Mosquitto's password file needs; the password itself is shown once.
create table device_passwords (
  tenant_id uuid not null,
  device_id uuid not null,
  hash text not null check (hash ~ '^\$7\$[0-9]+\$[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+$'),
  set_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, device_id),
  foreign key (tenant_id, device_id) references devices (tenant_id, device_id)
);
select app.isolate('device_passwords');
select ledger.require_rows_for('device_passwords');
grant select, insert on device_passwords to ledgerstone_app;
grant update (hash, set_at) on device_passwords to ledgerstone_app;

-- A certificate from the customer's CA (pem is null) is known by its fingerprint, or, when san is set, by that name in any
-- later certificate too. The broker shows its common name alone: one name, one device.
alter table device_certificates add column common_name text check (length(common_name) between 1 and 200);
create unique index device_certificates_san on device_certificates (san) where san is not null and revoked_at is null;
create unique index device_certificates_common_name on device_certificates (common_name) where common_name is not null and revoked_at is null;
grant select (san, common_name) on device_certificates to ledgerstone_lookup;

create function app.find_customer_certificate(p_fingerprint bytea, p_sans text[]) returns table (tenant_id uuid, device_id uuid)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select c.tenant_id, c.device_id from public.device_certificates c
     where c.revoked_at is null and c.common_name is not null and (c.fingerprint = p_fingerprint or c.san = any(p_sans))
     order by c.fingerprint = p_fingerprint desc limit 1;
  end;
create function app.find_common_names(p_names text[]) returns table (common_name text, tenant_id uuid, device_id uuid)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select c.common_name, c.tenant_id, c.device_id from public.device_certificates c
     where c.revoked_at is null and c.common_name = any(p_names);
  end;

-- Everything that Mosquitto's password file holds: plain devices that are not revoked, of tenants that allow them.
create policy lookup on device_passwords as permissive for select to ledgerstone_lookup using (true);
grant select (tenant_id, device_id, hash) on device_passwords to ledgerstone_lookup;
grant select (plain_mqtt) on tenants to ledgerstone_lookup;
create function app.plain_passwords() returns table (device_id uuid, hash text)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select p.device_id, p.hash
      from public.device_passwords p
      join public.devices d on d.tenant_id = p.tenant_id and d.device_id = p.device_id
      join public.tenants t on t.tenant_id = p.tenant_id
     where d.access = 'plain' and d.revoked_at is null and t.plain_mqtt and t.closed_at is null
     order by p.device_id;
  end;

-- Which of these names the broker must not serve: what the session watch asks when a client connects.
create function app.device_access(p_device uuid) returns table (tenant_id uuid, access text, revoked boolean)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic select d.tenant_id, d.access, d.revoked_at is not null from public.devices d where d.device_id = p_device; end;

create policy lookup on tenant_keys as permissive for select to ledgerstone_lookup using (true);
grant select (tenant_id, master_fingerprint) on tenant_keys to ledgerstone_lookup;
create function app.master_fingerprints() returns table (fingerprint text, keys bigint)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic select k.master_fingerprint, count(*) from public.tenant_keys k group by k.master_fingerprint; end;

revoke execute on function app.find_customer_certificate(bytea, text[]), app.find_common_names(text[]), app.plain_passwords(),
  app.device_access(uuid), app.master_fingerprints() from public;
grant execute on function app.find_customer_certificate(bytea, text[]), app.find_common_names(text[]), app.plain_passwords(),
  app.device_access(uuid), app.master_fingerprints() to ledgerstone_app;
grant execute on function app.master_fingerprints() to ledgerstone_executor;

-- Last: a function's grants are its owner's to give.
alter function app.find_customer_certificate(bytea, text[]) owner to ledgerstone_lookup;
alter function app.find_common_names(text[]) owner to ledgerstone_lookup;
alter function app.plain_passwords() owner to ledgerstone_lookup;
alter function app.device_access(uuid) owner to ledgerstone_lookup;
alter function app.master_fingerprints() owner to ledgerstone_lookup;

-- Down Migration
drop function app.find_customer_certificate(bytea, text[]), app.find_common_names(text[]), app.plain_passwords(), app.device_access(uuid), app.master_fingerprints();
alter table device_certificates drop column common_name;
drop table device_passwords;
