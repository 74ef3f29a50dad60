-- Up Migration
-- What the API keeps of requests: Idempotency-Keys and the answers that they give again. An API key is found in one round trip.

-- One row for each key that a caller named, for 24 hours. Written in the transaction of the act that it stands for, so that the
-- act cannot be done twice; the answer comes after, from the process that has just sent it.
create table idempotency_keys (
  tenant_id uuid not null references tenants,
  actor_type ledger.actor_type not null,
  actor_id text not null,
  -- SHA-256 of what the caller sent: a client may put anything into it.
  key_hash bytea not null check (octet_length(key_hash) = 32),
  -- HMAC under the tenant's index key of method, path, query and body: nobody else can test a guess of what was in them.
  request bytea not null check (octet_length(request) = 32),
  made_at timestamptz not null default clock_timestamp(),
  status int check (status between 200 and 299),
  -- Headers and body, sealed under the tenant's data key. Null: on its way, lost in a crash, or a secret that is shown once.
  answer bytea,
  secret boolean not null default false,
  primary key (tenant_id, actor_type, actor_id, key_hash)
);
create index idempotency_keys_age on idempotency_keys (tenant_id, made_at);
select app.isolate('idempotency_keys');
grant select, insert, delete on idempotency_keys to ledgerstone_app;
grant update (status, answer) on idempotency_keys to ledgerstone_app;

-- A kept answer may speak of whom an erasure request takes out: all of the tenant's go with it, and a repetition is told so.
create function app.forget_answers() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.idempotency_keys k set status = null, answer = null
   where k.tenant_id = new.tenant_id and k.answer is not null;
  return null;
end $$;
create trigger forget_answers after insert on erasures
  for each row when (new.basis = 'request') execute function app.forget_answers();

-- The whole rows of the keys with these fingerprints, which only who has the key and the appliance's pepper can name: read on every
-- request, so that whatever changes them holds at once.
grant select (tenant_id, key_id, fingerprint, hash, version, permissions, site_ids, ip_allowlist, cors_origins, revoked_at, expires_at)
  on api_keys to ledgerstone_lookup;
create function app.api_keys_for_use(p_fingerprints text[]) returns table (
    tenant_id uuid, key_id uuid, fingerprint text, hash text, version int, permissions text[], site_ids uuid[],
    ip_allowlist text[], cors_origins text[], revoked boolean, expired boolean)
-- Not sql: that plans its statement anew for every call.
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return query
    select k.tenant_id, k.key_id, k.fingerprint, k.hash, k.version, k.permissions, k.site_ids, k.ip_allowlist::text[],
           k.cors_origins, k.revoked_at is not null, coalesce(k.expires_at <= clock_timestamp(), false)
      from public.api_keys k where k.fingerprint = any (p_fingerprints);
end $$;

-- Whether pages of this origin may ask at all: a browser asks before it sends the key.
create function app.is_cors_origin(p_origin text) returns boolean
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select exists (
      select 1 from public.api_keys k
       where p_origin = any (k.cors_origins) and k.revoked_at is null and coalesce(k.expires_at > clock_timestamp(), true));
  end;

-- Holds the chain's head until the commit: every act of the tenant appends, so none can come between a check and this commit.
create function ledger.lock_head() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform 1 from ledger.chain_heads h where h.tenant_id = app.tenant() for no key update;
end $$;
grant execute on function ledger.lock_head() to ledgerstone_app;

revoke execute on function app.api_keys_for_use(text[]), app.is_cors_origin(text) from public;
grant execute on function app.api_keys_for_use(text[]), app.is_cors_origin(text) to ledgerstone_app;
alter function app.api_keys_for_use(text[]) owner to ledgerstone_lookup;
alter function app.is_cors_origin(text) owner to ledgerstone_lookup;

-- Down Migration
drop function ledger.lock_head(), app.api_keys_for_use(text[]), app.is_cors_origin(text);
revoke select (hash, version, permissions, site_ids, ip_allowlist, cors_origins, revoked_at, expires_at) on api_keys from ledgerstone_lookup;
drop trigger forget_answers on erasures;
drop function app.forget_answers();
drop table idempotency_keys;
