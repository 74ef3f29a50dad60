import type { TenantTx } from "../../audit/index.ts";

/** Marks sessions that ran out, idle or in all, as ended when they did. How many there were, at most `limit`. */
export async function endRunOut(tx: TenantTx, limit: number): Promise<number> {
  const { rowCount } = await tx.query(
    `with open as (
       select x.session_id,
              least(x.expires_at, coalesce(u.last_seen_at, x.created_at) + make_interval(mins => x.idle_minutes)) as until
         from sessions x
         left join session_use u on u.tenant_id = x.tenant_id and u.session_id = x.session_id
        where x.tenant_id = app.tenant() and x.ended_at is null),
     over as (select o.session_id, o.until from open o where o.until <= clock_timestamp() limit $1::int)
     update sessions s set ended_reason = 'ran-out', ended_at = o.until
       from over o
      where s.tenant_id = app.tenant() and s.session_id = o.session_id and s.ended_at is null`,
    [limit],
  );
  return rowCount ?? 0;
}

/** Ended sessions that are older than the tenant keeps them, with their last use. How many, at most `limit`. */
export async function deleteOldSessions(tx: TenantTx, limit: number): Promise<number> {
  return deleteSessions(
    tx,
    `s.ended_at < clock_timestamp() - make_interval(days => (select t.session_retention_days from tenants t
                                                               where t.tenant_id = app.tenant()))`,
    [limit],
  );
}

/** All of a person's, open ones too. */
export async function deleteSessionsOf(tx: TenantTx, userId: string): Promise<number> {
  return deleteSessions(tx, "s.user_id = $2::uuid", [1_000_000, userId]);
}

async function deleteSessions(tx: TenantTx, where: string, values: readonly unknown[]): Promise<number> {
  const { rows } = await tx.query<{ id: string }>(
    `select s.session_id as id from sessions s where s.tenant_id = app.tenant() and ${where}
      order by s.ended_at limit $1::int for update`,
    values,
  );
  if (rows.length === 0) return 0;
  const ids = [rows.map(({ id }) => id)];
  await tx.query("delete from session_use where tenant_id = app.tenant() and session_id = any($1::uuid[])", ids);
  await tx.query("delete from sessions where tenant_id = app.tenant() and session_id = any($1::uuid[])", ids);
  return rows.length;
}
