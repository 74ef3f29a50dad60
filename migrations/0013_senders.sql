-- Up Migration
-- Whose topics are whose, apart by authority; and whom the broker may still have connected after a revocation.

-- Names are the topics' first two levels. v1/<device uuid>: certificates of the device CA, and plain firmware.
-- v1x/<common name>: certificates of the customer's own CA, which may bear any name, also another device's uuid; so a name
-- of one root is never looked up among those of the other.
drop function app.find_senders(text[]);
create function app.find_senders(p_names text[]) returns table (name text, tenant_id uuid, device_id uuid, plain boolean)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select n.name, d.tenant_id, d.device_id, d.access = 'plain'
      from unnest(p_names) n(name)
      join public.devices d
        on d.device_id = case when n.name ~ '^v1/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then substr(n.name, 4)::uuid end
    union all
    select n.name, c.tenant_id, c.device_id, false
      from unnest(p_names) n(name)
      join public.device_certificates c on c.common_name = substr(n.name, 5) and c.revoked_at is null
     where starts_with(n.name, 'v1x/');
  end;

-- Client ids of devices revoked since then: their uuid, and the common names of their customer certificates. One whose
-- certificates have all expired cannot be connected any more.
create function app.revoked_clients(p_since timestamptz) returns table (client_id text)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select d.device_id::text
      from public.devices d
     where d.revoked_at >= p_since
       and (d.access = 'plain' or exists (select from public.device_certificates c
                                            where c.tenant_id = d.tenant_id and c.device_id = d.device_id and c.not_after > clock_timestamp()))
    union
    select c.common_name
      from public.device_certificates c
     where c.revoked_at >= p_since and c.not_after > clock_timestamp() and c.common_name is not null
       and not exists (select from public.device_certificates o where o.common_name = c.common_name and o.revoked_at is null);
  end;

revoke execute on function app.find_senders(text[]), app.revoked_clients(timestamptz) from public;
grant execute on function app.find_senders(text[]), app.revoked_clients(timestamptz) to ledgerstone_app;
alter function app.find_senders(text[]) owner to ledgerstone_lookup;
alter function app.revoked_clients(timestamptz) owner to ledgerstone_lookup;

-- Down Migration
drop function app.revoked_clients(timestamptz);
drop function app.find_senders(text[]);
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
