-- Up Migration
-- A closed tenant's keys are out with their next request, as its people are; and an erasure takes what requests for a second person
-- still hold.

set local role ledgerstone_lookup;
create or replace function app.api_keys_for_use(p_fingerprints text[]) returns table (
    tenant_id uuid, key_id uuid, fingerprint text, hash text, version int, permissions text[], site_ids uuid[],
    ip_allowlist text[], cors_origins text[], revoked boolean, expired boolean)
-- Not sql: that plans its statement anew for every call.
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return query
    select k.tenant_id, k.key_id, k.fingerprint, k.hash, k.version, k.permissions, k.site_ids, k.ip_allowlist::text[],
           k.cors_origins, k.revoked_at is not null, coalesce(k.expires_at <= clock_timestamp(), false)
      from public.api_keys k
      join public.tenants t on t.tenant_id = k.tenant_id
     where k.fingerprint = any (p_fingerprints) and t.closed_at is null;
end $$;
reset role;

-- What ended requests asked and answered may name whom an erasure is for: it goes with the first tombstone of the erasure, not after
-- its 30 days. The erasure's own row stands for the change.
create function app.forget_approvals() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.approvals a set request = null
   where a.tenant_id = new.tenant_id and a.state <> 'pending' and a.request is not null;
  delete from public.approval_answers a where a.tenant_id = new.tenant_id;
  return null;
end $$;
revoke execute on function app.forget_approvals() from public;
create trigger forget_approvals after insert on erasures
  for each row when (new.basis = 'request') execute function app.forget_approvals();

-- Down Migration
drop trigger forget_approvals on erasures;
drop function app.forget_approvals();
