-- Up Migration
-- Reading the ledger, and verifying it whole on demand.

create table chain_checks (
  tenant_id uuid not null references tenants,
  check_id uuid not null default gen_random_uuid(),
  task_id uuid not null,
  asked_by_type text not null,
  asked_by text not null,
  asked_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  -- Counts, root and the first faults, by row; null until it is done.
  report json,
  primary key (tenant_id, check_id),
  check ((finished_at is null) = (report is null))
);
create index chain_checks_newest on chain_checks (tenant_id, asked_at, check_id);
select app.isolate('chain_checks');
select ledger.require_rows_for('chain_checks');
grant select, insert on chain_checks to ledgerstone_app;
grant update (finished_at, report) on chain_checks to ledgerstone_app;

-- Who did something, and by which channel: among 3 million rows a search took a second for what is rare, and a minute for fifty
-- people. What ingest appends is in neither, so that it pays nothing: the newest of that is never far.
create index rows_actor on ledger.rows (tenant_id, actor_type, actor_id, seq) where actor_type not in ('system', 'device');
create index rows_via on ledger.rows (tenant_id, via, seq) where via not in ('mqtt', 'edge');

-- Down Migration
drop index ledger.rows_via, ledger.rows_actor;
drop table chain_checks;
