import type { Queryable } from "../platform/db.ts";

/** Whether this session alone now works in the named folder of exports; until `releasePlaceLock`, or its connection's end. */
export async function tryPlaceLock(session: Queryable, name: string): Promise<boolean> {
  const { rows } = await session.query<{ locked: boolean }>(
    `select pg_try_advisory_lock(hashtext('ledgerstone.export-place'), hashtext($1::text)) as locked`,
    [name],
  );
  return rows[0]!.locked;
}

export async function releasePlaceLock(session: Queryable, name: string): Promise<void> {
  await session.query("select pg_advisory_unlock(hashtext('ledgerstone.export-place'), hashtext($1::text))", [name]);
}
