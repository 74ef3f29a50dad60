import type { TestDatabase } from "../support/postgres.ts";

export type FakeClock = {
  /** Moves the database's clock; never back. */
  advanceDays(days: number): Promise<void>;
  advanceMs(ms: number): Promise<void>;
  /** `2026-11-21`, by the database's clock. */
  today(): Promise<string>;
  /** Milliseconds since the epoch, by the database's clock. */
  now(): Promise<number>;
  dayBefore(days: number): Promise<string>;
};

/**
 * Gives every function of the schemas app and ledger a clock that the test can move, so that days are recorded and erased by
 * the real functions. Starts `startDaysAgo` before now.
 */
export async function fakeClock(database: TestDatabase, startDaysAgo = 40): Promise<FakeClock> {
  await database.superuser.query(`
    create schema test;
    grant usage on schema test to public;
    create table test.clock (behind interval not null);
    insert into test.clock values (make_interval(hours => 24 * ${Number(startDaysAgo)}));
    grant select on test.clock to public;
    create function test.clock_timestamp() returns timestamptz language sql volatile as
      'select pg_catalog.clock_timestamp() - behind from test.clock';
    grant execute on function test.clock_timestamp() to public;
    -- Our sessions name public before pg_catalog: an unqualified clock_timestamp() in a statement is this one.
    create function public.clock_timestamp() returns timestamptz language sql volatile as 'select test.clock_timestamp()';
    grant execute on function public.clock_timestamp() to public;`);
  await database.superuser.query(`
    do $$
    declare f record;
    begin
      for f in select pg_get_functiondef(p.oid) as definition from pg_proc p
                where p.pronamespace in ('app'::regnamespace, 'ledger'::regnamespace) and p.prokind = 'f'
                  and pg_get_functiondef(p.oid) like '%clock_timestamp()%' loop
        execute regexp_replace(f.definition, '(pg_catalog[.])?clock_timestamp[(][)]', 'test.clock_timestamp()', 'g');
      end loop;
    end $$`);
  const advanceMs = async (ms: number) => {
    await database.superuser.query("update test.clock set behind = behind - make_interval(secs => $1::float8 / 1000)", [
      ms,
    ]);
  };
  const dayBefore = async (days: number) => {
    const { rows } = await database.superuser.query(
      "select (ledger.utc_day(test.clock_timestamp()) - $1::int)::text as day",
      [days],
    );
    return rows[0].day as string;
  };
  const now = async () => {
    const { rows } = await database.superuser.query(
      "select (extract(epoch from test.clock_timestamp()) * 1000)::float8 as ms",
    );
    return Math.floor(rows[0].ms as number);
  };
  return { advanceMs, now, advanceDays: (days) => advanceMs(days * 86_400_000), today: () => dayBefore(0), dayBefore };
}
