import { randomUUID } from "node:crypto";
import { commitWithRow } from "../../src/audit/index.ts";
import { createPool } from "../../src/platform/db.ts";
import { chainFixture, changeRow, principalOf } from "../audit/chain-fixture.ts";
import { stopPostgres } from "../support/postgres.ts";
import { rate, report } from "./lib.ts";

// Appends by concurrent clients, against an insert of one row of the same width into a plain table with the same indexes.
const ms = Number(process.argv[2] ?? 5000);
const clients = 16;
const fixture = await chainFixture();
try {
  const pool = await createPool(fixture.database.section as never, "app", { max: clients });
  await fixture.database.superuser.query(`
    create table plain (like ledger.rows including defaults);
    alter table plain add primary key (tenant_id, seq), add unique (tenant_id, prev);
    create index on plain (tenant_id, action, seq);
    create index on plain (tenant_id, entity_type, entity_id, seq);
    create index on plain (tenant_id, at, seq);
    grant insert on plain to ledgerstone_app`);
  const tenants = await Promise.all(Array.from({ length: 32 }, () => fixture.newTenant()));
  let seq = 0;
  const plain = async (client: number): Promise<void> => {
    const connection = await pool.connect();
    const id = randomUUID();
    await connection.query("begin");
    await connection.query(
      `insert into plain values ('${tenants[client % 32]}', 1, ${++seq}, sha256('${id}'), clock_timestamp(), 'user', '${id}', 'api',
         'site.renamed', 'site', '${id}', '${id}', 1, '', 'unit change ' || encode(sha256('${id}'), 'hex') || chr(10), sha256('${id}'));
       commit`,
    );
    connection.release();
  };
  const append = async (tenantId: string): Promise<void> => {
    await commitWithRow(pool, principalOf(tenantId), async () => ({ row: changeRow(), result: null }));
  };
  const inserts = await rate(clients, ms, plain);
  const baseline = { name: "plain insert", value: inserts };
  // A chain is a queue: its rows wait for each other's commits, as a single client's inserts do.
  const alone = { name: "plain insert, 1 client", value: await rate(1, ms, plain) };
  await rate(clients, 1000, () => append(tenants[0]!));
  const one = await rate(clients, ms, () => append(tenants[0]!));
  report({
    name: `append, one tenant, ${clients} clients`,
    value: one,
    unit: "tx/s",
    baseline: alone,
    target: { value: 1500 },
  });
  let turn = 0;
  const many = await rate(clients, ms, () => append(tenants[turn++ % 32]!));
  report({
    name: `append, 32 tenants, ${clients} clients`,
    value: many,
    unit: "tx/s",
    baseline,
    target: { ratio: 0.6 },
  });
  const again = await rate(clients, ms, plain);
  report({ name: "plain insert, after", value: again, unit: "tx/s" });
  await pool.end();
  const verified = await fixture.verify(tenants[0]!);
  if (!verified.ok) throw new Error(`the chain does not verify: ${JSON.stringify(verified.faults[0])}`);
} finally {
  await fixture.stop();
  await stopPostgres();
}
