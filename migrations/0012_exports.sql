-- Up Migration
-- A finished export is a file under a key of its own, wrapped by the tenant's data key: without the key it is gone.

alter table exports
  add column wrapped_key bytea,
  -- One entry a file: {"bytes": 1, "sha256": "hex"}, of what a download gives.
  add column parts json,
  add column encrypted boolean not null default false,
  -- Size of the checkpoint that the bundle stands under.
  add column checkpoint_size bigint;
create index exports_created on exports (tenant_id, created_at desc);

-- Down Migration
drop index exports_created;
alter table exports drop column wrapped_key, drop column parts, drop column encrypted, drop column checkpoint_size;
