import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { int4Array, timestampArray, uuidArray } from "../../src/ingest/binary-arrays.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";

describe("arrays in Postgres' binary form", () => {
  let database: TestDatabase;
  before(async () => {
    database = await testDatabase();
  });
  after(() => database.stop());

  const back = async (type: string, bytes: Buffer): Promise<unknown> => {
    const { rows } = await database.superuser.query(
      `select coalesce(array_agg(${type === "timestamptz" ? "ledger.timestamp_text(v)" : "v::text"} order by n), '{}') as "values"
         from unnest($1::${type}[]) with ordinality t(v, n)`,
      [bytes],
    );
    return rows[0].values;
  };

  it("Postgres reads what was written", async () => {
    const uuids = ["00000000-0000-0000-0000-000000000000", "01934a5b-0c7d-7e8f-9abc-def012345678", randomUUID()];
    assert.deepEqual(await back("uuid", uuidArray(uuids)), uuids);
    const numbers = [0, 1, 255, 256, 65_536, 2_147_483_647, -1];
    assert.deepEqual(await back("int4", int4Array(numbers)), numbers.map(String));
    const times = [
      "1999-12-31T23:59:59.999999Z",
      "2000-01-01T00:00:00.000000Z",
      "2026-11-22T00:41:32.123456Z",
      "2096-02-29T23:59:59.000001Z",
      "1716-01-01T00:00:00.000000Z",
    ];
    assert.deepEqual(await back("timestamptz", timestampArray(times)), times);
  });

  it("an empty array is one", async () => {
    assert.deepEqual(await back("uuid", uuidArray([])), []);
    assert.deepEqual(await back("int4", int4Array([])), []);
    assert.deepEqual(await back("timestamptz", timestampArray([])), []);
  });
});
