-- Up Migration
-- Finished tasks are forgotten: nobody may delete them otherwise, and none that is still to be done.
create function app.forget_tasks(p_days int, p_limit int) returns bigint
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  begin atomic
    with old as (
      select k.tenant_id, k.task_id from public.tasks k
       where k.tenant_id = (select app.tenant()) and k.state in ('done', 'failed', 'cancelled')
         and coalesce(k.finished_at, k.updated_at) < clock_timestamp() - make_interval(days => greatest(p_days, 1))
       limit p_limit for update skip locked),
    gone as (
      delete from public.tasks k using old o where k.tenant_id = o.tenant_id and k.task_id = o.task_id returning 1)
    select count(*) from gone;
  end;
revoke execute on function app.forget_tasks(int, int) from public;
grant execute on function app.forget_tasks(int, int) to ledgerstone_executor;

-- Down Migration
drop function app.forget_tasks(int, int);
