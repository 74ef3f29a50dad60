-- Up Migration
-- When a person last signed in: asked for every row of the list of people, whose sessions are kept for months.
create index sessions_person on sessions (tenant_id, user_id, created_at);

-- Down Migration
drop index sessions_person;
