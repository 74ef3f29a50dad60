import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { RowWalker, walkFromGenesis } from "../../src/audit/row-walker.ts";
import { bindTenant } from "../../src/audit/store.ts";
import { readRowChunks } from "../../src/audit/store-chain.ts";
import { asTx } from "../../src/platform/db.ts";
import { rowLines } from "../../src/record/row.ts";
import { type ChainFixture, chainFixture, tamper } from "./chain-fixture.ts";

const vectors = JSON.parse(readFileSync(new URL("../ledger-vectors.json", import.meta.url), "utf8"));
type Named = [name: string, hash: string];
const lines = (key: string, list: Named[]) => list.map(([name, hash]) => `${key} ${name} ${hash}\n`).join("");
const hex = (hashes: string[]) => hashes.map((hash) => Buffer.from(hash, "hex"));

/** The SQL side; test/record/ shows the same vectors for TypeScript. */
describe("the ledger's test vectors in SQL", () => {
  let fixture: ChainFixture;
  before(async () => {
    fixture = await chainFixture();
  });
  after(() => fixture.stop());

  const value = async (sql: string, params: unknown[]): Promise<unknown> =>
    (await fixture.pool.query(sql, params)).rows[0].value;
  const hash = async (sql: string, params: unknown[]): Promise<string> =>
    ((await value(sql, params)) as Buffer).toString("hex");

  it("genesis", async () => {
    assert.equal(await hash("select ledger.genesis($1) as value", [vectors.genesis.tenant]), vectors.genesis.hash);
  });

  it("units, also with text beyond ASCII", async () => {
    const openings = vectors.events.flatMap((event: { openings: object[]; units: Named[] }) =>
      event.openings.map((opening) => ({ ...opening, hashes: new Map(event.units) })),
    );
    const all = [...vectors.units, vectors.batch.unit, vectors.tombstone.unit];
    for (const { name, salt, content, hash: expected } of all) {
      assert.equal(
        await hash("select ledger.unit_hash($1, $2, $3) as value", [Buffer.from(salt, "hex"), name, content]),
        expected,
      );
    }
    for (const { unit, salt, content, hashes } of openings) {
      const found = await hash("select ledger.unit_hash($1, $2, $3) as value", [
        Buffer.from(salt, "hex"),
        unit,
        content,
      ]);
      assert.equal(found, hashes.get(unit));
    }
  });

  it("rows: lines and hashes", async () => {
    for (const row of vectors.rows) {
      const params = [
        ...[row.tenant, row.epoch, row.seq, Buffer.from(row.prev, "hex"), row.at, ...row.actor, row.via, row.action],
        ...[...row.entity, row.correlation, row.control, lines("commit", row.commits), lines("unit", row.units)],
      ];
      const places = params.map((_, i) => `$${i + 1}`).join(", ");
      assert.equal(await value(`select ledger.row_lines(${places}) as value`, params), row.lines);
      assert.equal(
        await hash(`select sha256(convert_to(ledger.row_lines(${places}), 'UTF8')) as value`, params),
        row.hash,
      );
    }
  });

  it("trees over bytes, rows and lines", async () => {
    const mth = (leaves: Buffer[]) => hash("select ledger.mth($1::bytea[]) as value", [leaves]);
    for (const [size, root] of Object.entries(vectors.rfc6962.roots)) {
      assert.equal(await mth(Array.from({ length: Number(size) }, (_, i) => Buffer.of(i))), root);
    }
    const rowHashes = hex(vectors.rows.map((row: { hash: string }) => row.hash));
    for (const [size, root] of Object.entries(vectors.tree.roots))
      assert.equal(await mth(rowHashes.slice(0, Number(size))), root);
    assert.equal(await mth(vectors.batch.site_lines.map((line: string) => Buffer.from(line))), vectors.batch.commit);
    const listed = vectors.tombstone.unit.content.split("\n").slice(0, -1);
    assert.equal(await mth(listed.map((line: string) => Buffer.from(`${line}\n`))), vectors.tombstone.commit);
  });

  it("stored as rows, they walk without a fault and give the same lines", async () => {
    const { tenant } = vectors.genesis;
    await fixture.pool.query("select ledger.open_chain($1, 'Vectors', gen_random_uuid())", [tenant]);
    await tamper(fixture.database, ["delete from ledger.rows"]);
    for (const row of vectors.rows) {
      const columns = [
        ...[
          row.tenant,
          row.epoch,
          row.seq,
          Buffer.from(row.prev, "hex"),
          row.at,
          ...row.actor,
          row.via,
          row.action,
          ...row.entity,
        ],
        ...[
          row.correlation,
          row.control,
          lines("commit", row.commits),
          lines("unit", row.units),
          Buffer.from(row.hash, "hex"),
        ],
      ];
      const places = columns.map((_, i) => `$${i + 1}`).join(", ");
      await fixture.database.superuser.query(`insert into ledger.rows values (${places})`, columns);
    }
    const client = await fixture.pool.connect();
    try {
      await client.query("begin");
      const tx = asTx(client);
      await bindTenant(tx, tenant, "all");
      const walked: string[] = [];
      const walker = new RowWalker(tenant, walkFromGenesis(tenant), (fault) => assert.fail(JSON.stringify(fault)));
      for (const chunk of await readRowChunks(tx, tenant, 1, 100)) walker.take(chunk, (row) => walked.push(row.lines));
      assert.deepEqual(
        walked,
        vectors.rows.map((row: { lines: string }) => row.lines),
      );
      await client.query("rollback");
    } finally {
      client.release();
    }
    const named = (list: Named[]) => list.map(([name, hash]) => ({ name, hash }));
    for (const { lines: expected, hash: _, ...row } of vectors.rows) {
      const [actor, entity] = [row.actor, row.entity].map(([type, id]: [string, string]) => ({ type, id }));
      assert.equal(rowLines({ ...row, actor, entity, commits: named(row.commits), units: named(row.units) }), expected);
    }
  });
});
