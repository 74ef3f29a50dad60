import type { TenantTx } from "../../audit/index.ts";

/** A lock's length, and after how many tries it comes. */
export const LOCK_MINUTES = 15;
export const TRIES_TO_LOCK = 10;

/**
 * Counts a try before it is made, so that tries at once are counted one by one. Null when this one may not be made yet. Three are
 * free; then each doubles the wait, 1 s to 32 s; every tenth locks. A day without a try forgets. `userId`: whose browser it counts for.
 */
export async function claimTry(
  tx: TenantTx,
  nameHash: Buffer,
  userId: string | null = null,
): Promise<{ tries: number } | null> {
  const { rows } = await tx.query<{ tries: number }>(
    `insert into sign_in_tries as t (tenant_id, name_hash, tries, last_at, not_before, user_id)
     values (app.tenant(), $1::bytea, 1, clock_timestamp(), clock_timestamp(), $4::uuid)
     on conflict (tenant_id, name_hash) do update
        set tries = case when t.last_at < clock_timestamp() - interval '1 day' then 1 else t.tries + 1 end,
            last_at = clock_timestamp(),
            not_before = clock_timestamp() + case
              when t.last_at < clock_timestamp() - interval '1 day' then interval '0'
              when (t.tries + 1) % $2::int = 0 then make_interval(mins => $3::int)
              when (t.tries + 1) % $2::int > 3 then make_interval(secs => 2 ^ ((t.tries + 1) % $2::int - 4))
              else interval '0' end
      where t.not_before <= clock_timestamp()
     returning tries`,
    [nameHash, TRIES_TO_LOCK, LOCK_MINUTES, userId],
  );
  return rows[0] ?? null;
}

/** Seconds until the next try may be made. */
export async function secondsToWait(tx: TenantTx, nameHash: Buffer): Promise<number> {
  const { rows } = await tx.query<{ seconds: number }>(
    `select ceil(extract(epoch from greatest(not_before - clock_timestamp(), interval '1 second')))::int as seconds
       from sign_in_tries where tenant_id = app.tenant() and name_hash = $1::bytea`,
    [nameHash],
  );
  return rows[0]?.seconds ?? 1;
}

/** The latest end of locks that stand; short waits between tries are none. */
export async function selectLockedUntil(tx: TenantTx, nameHashes: readonly Buffer[]): Promise<string | null> {
  const { rows } = await tx.query<{ until: string | null }>(
    `select ledger.timestamp_text(max(not_before)) as until from sign_in_tries
      where tenant_id = app.tenant() and name_hash = any($1::bytea[]) and tries > 0 and tries % $2::int = 0
        and not_before > clock_timestamp()`,
    [nameHashes, TRIES_TO_LOCK],
  );
  return rows[0]!.until;
}

/** After a success, or to unlock. Forgets what is older than a day besides. */
export async function deleteTries(tx: TenantTx, nameHash: Buffer): Promise<void> {
  await tx.query(
    `delete from sign_in_tries
      where tenant_id = app.tenant()
        and (name_hash = $1::bytea or last_at < clock_timestamp() - interval '1 day')`,
    [nameHash],
  );
}

/** Of all browsers that a person is known by. */
export async function deleteTriesOf(tx: TenantTx, userId: string): Promise<void> {
  await tx.query("delete from sign_in_tries where tenant_id = app.tenant() and user_id = $1::uuid", [userId]);
}
