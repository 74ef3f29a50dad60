import assert from "node:assert/strict";
import type pg from "pg";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import {
  deletable,
  globallyUnique,
  notTenantTables,
  openGrants,
  operational,
  publicFunctions,
} from "./catalogue-reviewed.ts";
import { isolationRules } from "./catalogue-rules.ts";
import { plantedViolations } from "./planted-violations.ts";

type Finding = { rule: string; object: string; found: string };

async function findBrokenIsolation(client: pg.ClientBase): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, sql, params } of isolationRules()) {
    const { rows } = await client.query<{ object: string; found: string }>(sql, params);
    findings.push(...rows.map((row) => ({ rule: name, ...row })));
  }
  return findings;
}

describe("isolation: the catalogue", () => {
  let database: TestDatabase;
  let client: pg.PoolClient;
  before(async () => {
    database = await testDatabase();
    client = await database.superuser.connect();
    await client.query("select app.make_partitions('2001-02-03', '2001-02-04')");
    await client.query("select app.make_key_partitions('2001-02-03', '2001-02-04')");
  });
  after(async () => {
    client.release();
    await database.stop();
  });

  it("every table, view, function, key, grant and partition keeps the rules", async () => {
    assert.deepEqual(await findBrokenIsolation(client), []);
  });

  it("every reviewed exception still exists", async () => {
    const exists = async (name: string, what: "relation" | "function") => {
      const check = what === "relation" ? "to_regclass($1) is not null" : "to_regproc($1) is not null";
      const { rows } = await client.query<{ known: boolean }>(`select ${check} as known`, [name]);
      assert.ok(rows[0]?.known, `${name} is excepted from a rule but does not exist: remove the entry`);
    };
    for (const list of [notTenantTables, openGrants, globallyUnique, operational]) {
      for (const name of Object.keys(list)) await exists(name, "relation");
    }
    for (const name of Object.keys(deletable)) await exists(name.replace(/ DELETE$/, ""), "relation");
    for (const name of Object.keys(publicFunctions)) await exists(name, "function");
  });

  for (const { plant, rule, object } of plantedViolations) {
    it(`finds "${rule}": ${plant.split(";")[0]}`, async () => {
      await client.query("begin");
      try {
        await client.query(plant);
        const findings = await findBrokenIsolation(client);
        const hit = findings.some((finding) => finding.rule === rule && finding.object.startsWith(object));
        assert.ok(hit, `expected ${rule} on ${object}, found ${JSON.stringify(findings)}`);
      } finally {
        await client.query("rollback");
      }
    });
  }

  it("has a planted violation for every rule", () => {
    const planted = new Set(plantedViolations.map((violation) => violation.rule));
    const unproven = isolationRules().filter((rule) => !planted.has(rule.name));
    assert.deepEqual(unproven, []);
  });
});
