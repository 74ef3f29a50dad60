import type { TenantTx } from "../../audit/index.ts";

export type PlaceKind = "network" | "device";

/** Notes that a person was there. `isNew`: not seen before; `isFirst`: nothing of this kind was ever seen of them. */
export async function notePlaceSeen(
  tx: TenantTx,
  { userId, kind, place }: { userId: string; kind: PlaceKind; place: Buffer },
): Promise<{ isNew: boolean; isFirst: boolean }> {
  const { rows: before } = await tx.query<{ others: boolean }>(
    `select exists (select from known_places
                     where tenant_id = app.tenant() and user_id = $1::uuid and kind = $2::text) as others`,
    [userId, kind],
  );
  const { rows } = await tx.query<{ isNew: boolean }>(
    `insert into known_places as k (tenant_id, user_id, kind, place)
     values (app.tenant(), $1::uuid, $2::text, $3::bytea)
     on conflict (tenant_id, user_id, kind, place) do update set last_at = clock_timestamp()
     returning xmax = 0 as "isNew"`,
    [userId, kind, place],
  );
  return { isNew: rows[0]!.isNew, isFirst: !before[0]!.others };
}

/** The person of this name or id, if they have come with this browser. */
export async function selectKnownBrowser(
  tx: TenantTx,
  who: { userName: string } | { userId: string },
  place: Buffer,
): Promise<string | undefined> {
  const { rows } = await tx.query<{ userId: string }>(
    `select u.user_id as "userId"
       from users u
       join known_places k on k.tenant_id = u.tenant_id and k.user_id = u.user_id and k.kind = 'device' and k.place = $3::bytea
      where u.tenant_id = app.tenant() and (u.user_name_key = lower($1::text) or u.user_id = $2::uuid)`,
    ["userName" in who ? who.userName : null, "userId" in who ? who.userId : null, place],
  );
  return rows[0]?.userId;
}

export async function deletePlacesOf(tx: TenantTx, userId: string): Promise<void> {
  await tx.query("delete from known_places where tenant_id = app.tenant() and user_id = $1::uuid", [userId]);
}

export async function deleteOldPlaces(tx: TenantTx): Promise<void> {
  await tx.query(
    "delete from known_places where tenant_id = app.tenant() and last_at < clock_timestamp() - interval '365 days'",
  );
}

/** One more failure of a source; how many within the window that began with the first of them. */
export async function countFailure(tx: TenantTx, source: Buffer, windowSeconds: number): Promise<number> {
  const isOver = "f.since + make_interval(secs => $2::float8) <= excluded.since";
  const { rows } = await tx.query<{ failures: number }>(
    `insert into sign_in_failures as f (tenant_id, source)
     values (app.tenant(), $1::bytea)
     on conflict (tenant_id, source) do update
        set failures = case when ${isOver} then 1 else f.failures + 1 end,
            since = case when ${isOver} then excluded.since else f.since end
     returning failures`,
    [source, windowSeconds],
  );
  return rows[0]!.failures;
}

export async function deleteOldFailures(tx: TenantTx): Promise<void> {
  await tx.query(
    "delete from sign_in_failures where tenant_id = app.tenant() and since < clock_timestamp() - interval '1 day'",
  );
}
