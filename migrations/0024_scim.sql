-- Up Migration
-- What a directory says of a person over SCIM beyond the account itself, and whether it has taken the person back.

create table scim_users (
  tenant_id uuid not null,
  user_id uuid not null,
  -- Attributes of RFC 7643 that users has no column for, as they came; "displayName" too, since an account always has one.
  attributes json not null,
  -- What filters look at: "<type><tab><address>" and "<tab><address>" in lower case, and the manager's id.
  email_keys text[] not null,
  manager text,
  -- Since DELETE: hidden from SCIM. The account stays, without its name, for what the ledger says of it.
  removed_at timestamptz,
  primary key (tenant_id, user_id),
  foreign key (tenant_id, user_id) references users (tenant_id, user_id)
);
select app.isolate('scim_users');
select ledger.require_rows_for('scim_users');
grant select, insert on scim_users to ledgerstone_app;
grant update (attributes, email_keys, manager, removed_at) on scim_users to ledgerstone_app;

-- SCIM lists in the order of making, page by page.
create index users_made on users (tenant_id, created_at, user_id);
-- A column, since lower() is not leakproof: under row policies no index on lower(user_name) is used for finding.
alter table users add column user_name_key text not null generated always as (lower(user_name)) stored;
create index users_name_key on users (tenant_id, user_name_key);

-- Down Migration
drop index users_made;
alter table users drop column user_name_key;
drop table scim_users;
