import assert from "node:assert/strict";
import {
  byCount,
  byDay,
  byText,
  byTime,
  byTimeOrNever,
  byYesNo,
  keyset,
  type ListOrder,
  type Placed,
} from "../../src/platform/sorted-list.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";

const order: ListOrder = {
  id: { sql: "id", type: "bigint" },
  keys: {
    name: byText("name"),
    at: byTime("at"),
    endedAt: byTimeOrNever("ended_at"),
    due: byDay("due"),
    tries: byCount("tries"),
    open: byYesNo("open"),
  },
  first: "-at",
};
type Row = { id: number; name: string | null; tries: number | null };

describe("platform: sorted lists", () => {
  let database: TestDatabase;

  before(async () => {
    database = await testDatabase();
    await database.superuser.query(`
      create table things (id bigint primary key, name text, at timestamptz not null, ended_at timestamptz, due date not null,
                           tries int, open boolean not null);
      insert into things
      select n, (array['Straße', 'strasse', 'ÄRGER', null, 'a,"b', ''])[1 + n % 6], '2026-11-22 06:00:00.123456Z'::timestamptz + (n / 4) * interval '1 us',
             case when n % 3 = 0 then '2026-01-01Z'::timestamptz + n * interval '1 day' end, '2026-02-28'::date + (n / 5)::int,
             case when n % 4 > 0 then n % 7 end, n % 2 = 0
        from generate_series(1, 43) n`);
  });
  after(() => database?.stop());

  async function read(page: { sort?: string; after?: string; limit: number }) {
    const { place, after, order: by, values, cut } = keyset(order, page, 1);
    const { rows } = await database.superuser.query<Row & Placed>(
      `select id::int, name, tries, ${place} from things where ${after} order by ${by}`,
      values,
    );
    return cut("things", rows);
  }

  async function readAll(sort: string, limit: number, between: (page: number) => Promise<unknown> = async () => {}) {
    const seen: number[] = [];
    for (let after: string | undefined, n = 0; ; n++) {
      const { things, next } = await read({ sort, limit, ...(after && { after }) });
      seen.push(...things.map(({ id }) => id));
      assert.ok(things.length <= limit && Object.keys(things[0] ?? {}).every((name) => !name.startsWith("place")));
      if (next === null) return seen;
      await between(n);
      after = next;
    }
  }

  const sorts = Object.keys(order.keys).flatMap((name) => [name, `-${name}`]);

  it("pages go through ties and nulls, up and down, and give every row once in one order", async () => {
    for (const sort of sorts) {
      const [whole, paged] = [await readAll(sort, 500), await readAll(sort, 3)];
      assert.equal(whole.length, 43, sort);
      assert.deepEqual(paged, whole, sort);
      assert.equal(new Set(paged).size, 43, sort);
    }
    for (const name of Object.keys(order.keys)) {
      assert.deepEqual(await readAll(`-${name}`, 7), (await readAll(name, 7)).reverse(), name);
    }
  });

  it("rows that come or go meanwhile move no other from its page", async () => {
    const before = await readAll("name", 500);
    const seen = await readAll("name", 4, (n) =>
      database.superuser.query("insert into things select 1000 + $1::int, 'a', now(), null, '2026-02-28', 0, true", [
        n,
      ]),
    );
    await database.superuser.query("delete from things where id >= 1000");
    assert.deepEqual(
      seen.filter((id) => id < 1000),
      before,
    );
    assert.equal(new Set(seen).size, seen.length);
  });

  it("a page that is just full and the last one say that there is no more", async () => {
    assert.equal((await read({ limit: 43 })).next, null);
    assert.notEqual((await read({ limit: 42 })).next, null);
  });

  it("an order that the list has not, and a cursor of another order or none, are refused before the database is asked", async () => {
    const { next } = await read({ sort: "name", limit: 2 });
    for (const sort of ["", "-", "id", "--name", "name desc", "constructor", "__proto__", "name; drop table things"]) {
      await assert.rejects(async () => read({ sort, limit: 2 }), { code: "invalid" }, sort);
    }
    const forge = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString("base64url");
    const forged: [sort: string, after: string][] = [
      ["at", next!],
      ["-name", next!],
      ["name", ""],
      ["name", "x"],
      ["name", forge("name", "a\0", "1")],
      ["name", forge("name", "a", "x")],
      ["name", forge("name", "a", "99999999999999999999")],
      ["at", forge("at", "2026-13-01 00:00:00+00", "1")],
      ["at", forge("at", "2026-02-31 00:00:00+00", "1")],
      ["at", forge("at", "now", "1")],
      ["due", forge("due", "2026-02-30", "1")],
      ["tries", forge("tries", "1e3", "1")],
      ["open", forge("open", "maybe", "1")],
    ];
    for (const [sort, after] of forged) {
      await assert.rejects(async () => read({ sort, after, limit: 2 }), { code: "invalid" }, `${sort} ${after}`);
    }
    assert.equal((await read({ sort: "endedAt", limit: 1 })).things.length, 1);
  });
});
