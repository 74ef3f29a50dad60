import assert from "node:assert/strict";
import { cp, rename, rm } from "node:fs/promises";
import pg from "pg";
import { checkChains, commitWithRow, listTenantIds, sealChain, verifyAll } from "../../src/audit/index.ts";
import { createPool, literal } from "../../src/platform/db.ts";
import { tombstoneCommit } from "../../src/record/tombstone.ts";
import { type ChainFixture, chainFixture, principalOf, relinkFunction, tamper } from "../audit/chain-fixture.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const refused = (pattern: RegExp) => (error: { code?: string; message: string; found?: string; remedy?: string }) =>
  error.code === "chain-refused" &&
  pattern.test(`${error.message} ${error.found}`) &&
  /restore/.test(error.remedy ?? "");

/** Each tampering is done by a superuser with the triggers off, after the chain was sealed and witnessed. */
describe("tampering at the database as superuser", () => {
  let fixture: ChainFixture;
  before(async () => {
    fixture = await chainFixture();
  });
  after(() => fixture.stop());
  // A chain once broken stays so: the next test's boot check must not meet it.
  afterEach(() => rm(fixture.witness, { recursive: true, force: true }));
  beforeEach(async () => {
    const fresh = await temporaryDirectory("witness");
    fixture.witness = fresh;
    fixture.deps.witnessDirectories = [fresh];
  });

  const scope = () => ({
    pool: fixture.pool,
    appliance: fixture.appliance,
    publicKeys: [fixture.signer.publicKey],
    witnessDirectories: [fixture.witness],
  });
  async function sealed(rows: number): Promise<string> {
    const tenantId = await fixture.newTenant();
    await fixture.append(tenantId, rows - 1);
    assert.deepEqual(await sealChain(fixture.deps, tenantId), { ok: true, sealed: true, size: rows });
    assert.equal((await fixture.verify(tenantId)).ok, true, "the chain verifies before it is tampered with");
    await checkChains(scope());
    return tenantId;
  }
  /** Relinked: the chain is consistent in itself, and only what was sealed tells. */
  async function verifyNames(tenantId: string, row: number, check: string | RegExp): Promise<void> {
    const report = await fixture.verify(tenantId);
    assert.equal(report.ok, false);
    assert.equal(report.firstBad, row, JSON.stringify(report.faults.slice(0, 5)));
    const checks = report.faults.filter(({ seq }) => seq === row).map((fault) => fault.check);
    assert.ok(
      checks.some((each) => (typeof check === "string" ? each === check : check.test(each))),
      checks.join(),
    );
  }
  const change = (tenantId: string, statements: string[]) =>
    tamper(fixture.database, [relinkFunction, ...statements.map((text) => text.replaceAll("$T", `'${tenantId}'`))]);

  it("a changed header is named by verify, and refused at start", async () => {
    const tenantId = await sealed(20);
    await change(tenantId, ["update ledger.rows set entity_id = 'other' where tenant_id = $T and seq = 7"]);
    await verifyNames(tenantId, 7, "row hash");
    await assert.rejects(checkChains(scope()), refused(new RegExp(`${tenantId}.*row 7: row hash`)));
  });

  it("a header changed deep in a long chain is named, also when its row hash is made to fit", async () => {
    const tenantId = await sealed(600);
    await change(tenantId, ["update ledger.rows set action = 'site.closed' where tenant_id = $T and seq = 100"]);
    await verifyNames(tenantId, 100, "row hash");
    await change(tenantId, ["select pg_temp.relink($T, 100)"]);
    await verifyNames(tenantId, 100, "sealed row");
  });

  it("a changed opening is named", async () => {
    const tenantId = await sealed(20);
    await change(tenantId, [`update ledger.openings set content = '{"n":99}' where tenant_id = $T and seq = 9`]);
    await verifyNames(tenantId, 9, "opening");
  });

  it("an opening replaced together with its unit hash is named", async () => {
    const tenantId = await sealed(20);
    await change(tenantId, [
      "update ledger.openings set content = 'x', unit_hash = ledger.unit_hash(salt, 'change', 'x') where tenant_id = $T and seq = 9",
    ]);
    await verifyNames(tenantId, 9, "opening");
  });

  it("the last 10 rows deleted is named, with and without the head set back", async () => {
    const tenantId = await sealed(30);
    await change(tenantId, [
      "delete from ledger.openings where tenant_id = $T and seq > 20",
      "delete from ledger.checkpoints where tenant_id = $T",
      "delete from ledger.rows where tenant_id = $T and seq > 20",
    ]);
    await verifyNames(tenantId, 21, "head");
    await assert.rejects(checkChains(scope()), refused(new RegExp(`${tenantId}.*no row 21`)));
    await change(tenantId, ["select pg_temp.relink($T, 20)"]);
    await verifyNames(tenantId, 21, "witness");
    await assert.rejects(checkChains(scope()), refused(/shorter.*20 rows/));
    const outcome = await sealChain(fixture.deps, tenantId);
    assert.ok(!outcome.ok && outcome.first === 21, JSON.stringify(outcome));
    const alone = await fixture.verify(tenantId, { witnessDirectories: [] });
    assert.equal(alone.ok, true, "without the witness nothing tells: the attack works when the guard is taken away");
  });

  it("a middle row deleted is a gap; with everything after it linked anew the witness names it", async () => {
    const tenantId = await sealed(40);
    await change(tenantId, [
      "delete from ledger.openings where tenant_id = $T and seq = 15",
      "delete from ledger.checkpoints where tenant_id = $T",
      "delete from ledger.rows where tenant_id = $T and seq = 15",
    ]);
    await verifyNames(tenantId, 15, "gap");
    await change(tenantId, ["select pg_temp.relink($T, 1)"]);
    await fixture.append(tenantId, 5);
    await verifyNames(tenantId, 15, "sealed row");
    await assert.rejects(checkChains(scope()), refused(/different/));
    const outcome = await sealChain(fixture.deps, tenantId);
    assert.ok(!outcome.ok && /another root/.test(outcome.found), JSON.stringify(outcome));
    const alone = await fixture.verify(tenantId, { witnessDirectories: [] });
    assert.equal(alone.ok, true, JSON.stringify(alone.faults));
  });

  it("two swapped rows are named", async () => {
    const tenantId = await sealed(20);
    await change(tenantId, [
      "alter table ledger.rows drop constraint rows_tenant_id_prev_key",
      `with pair as (select seq, prev, row_hash, entity_id, correlation, at, units from ledger.rows where tenant_id = $T and seq in (8, 12))
       update ledger.rows r set entity_id = p.entity_id, correlation = p.correlation, units = p.units, row_hash = p.row_hash
         from pair p where r.tenant_id = $T and r.seq = 20 - p.seq and r.seq in (8, 12)`,
      "alter table ledger.rows add constraint rows_tenant_id_prev_key unique (tenant_id, prev)",
    ]);
    await verifyNames(tenantId, 8, "row hash");
    await assert.rejects(checkChains(scope()), refused(/row 8/));
  });

  it("an opening dropped without a tombstone is named", async () => {
    const tenantId = await sealed(20);
    await change(tenantId, ["delete from ledger.openings where tenant_id = $T and seq = 11"]);
    await verifyNames(tenantId, 11, "opening");
  });

  describe("a forged tombstone is named", () => {
    const list = (line: string) => `${line}\n`;
    /** Drops the opening of row 5, and appends a tombstone that says what the forger likes. */
    async function forge(tenantId: string, forged: { list: string; reason: string; commit?: string }): Promise<void> {
      const commit = forged.commit ?? tombstoneCommit(forged.list);
      await change(tenantId, [
        "select app.bind($T, null)",
        "delete from ledger.openings where tenant_id = $T and seq = 5",
        `select ledger.append_unchecked('system', 'retention', 'cron', 'ledger.erased', 'erasure', gen_random_uuid()::text,
           gen_random_uuid(), array['erased'], array['\\x${commit}'::bytea], array['list', 'reason'],
           array[${literal(forged.list)}, ${literal(forged.reason)}], null, null, null)`,
      ]);
    }
    const unitHash = async (tenantId: string, seq: number): Promise<string> => {
      const client = new pg.Client(fixture.database.config("superuser"));
      await client.connect();
      const { rows } = await client.query(
        "select encode(unit_hash, 'hex') as hash from ledger.openings where tenant_id = $1 and seq = $2",
        [tenantId, seq],
      );
      await client.end();
      return rows[0].hash;
    };

    it("retention never lists openings", async () => {
      const tenantId = await sealed(20);
      await forge(tenantId, {
        list: list(`opening 5 change ${await unitHash(tenantId, 5)}`),
        reason: "basis retention\n",
      });
      await verifyNames(tenantId, 21, "tombstone");
    });

    it("a request that nobody made", async () => {
      const tenantId = await sealed(20);
      const reason = `basis request\nrequest ${crypto.randomUUID()}\n`;
      await forge(tenantId, { list: list(`opening 5 change ${await unitHash(tenantId, 5)}`), reason });
      await verifyNames(tenantId, 21, "tombstone");
    });

    it("a list that is not what the row committed to", async () => {
      const tenantId = await sealed(20);
      const reason = `basis request\nrequest ${crypto.randomUUID()}\n`;
      await forge(tenantId, {
        list: list(`opening 5 change ${await unitHash(tenantId, 5)}`),
        reason,
        commit: "00".repeat(32),
      });
      await verifyNames(tenantId, 21, "tombstone");
    });

    it("a list that names another opening leaves the missing one unexplained", async () => {
      const tenantId = await sealed(20);
      const reason = `basis request\nrequest ${crypto.randomUUID()}\n`;
      await forge(tenantId, { list: list(`opening 6 change ${await unitHash(tenantId, 6)}`), reason });
      await verifyNames(tenantId, 5, "opening");
    });

    it("a list that is altered later no longer opens its unit", async () => {
      const tenantId = await sealed(20);
      const reason = `basis request\nrequest ${crypto.randomUUID()}\n`;
      await forge(tenantId, { list: list(`opening 6 change ${await unitHash(tenantId, 6)}`), reason });
      await change(tenantId, [
        `update ledger.openings set content = ${literal(list(`opening 5 change ${"00".repeat(32)}`))} where tenant_id = $T and seq = 21 and unit = 'list'`,
      ]);
      const report = await fixture.verify(tenantId);
      assert.deepEqual([...new Set(report.faults.map(({ seq, check }) => `${seq} ${check}`))].sort(), [
        "21 opening",
        "21 tombstone",
        "5 opening",
      ]);
    });

    it("a request that was made explains it: the positive case", async () => {
      const tenantId = await sealed(20);
      const request = crypto.randomUUID();
      const row = { action: "erasure.requested", entity: { type: "request", id: request } };
      await commitWithRow(fixture.pool, principalOf(tenantId), async () => ({ row, result: null }));
      const reason = `basis request\nrequest ${request}\n`;
      await forge(tenantId, { list: list(`opening 5 change ${await unitHash(tenantId, 5)}`), reason });
      const report = await fixture.verify(tenantId);
      assert.equal(report.ok, true, JSON.stringify(report.faults));
      assert.equal(report.openings.erased, 1);
    });
  });

  it("a column that holds a separator, or nothing, cannot pass for another", async () => {
    const tenantId = await sealed(20);
    await change(tenantId, [
      "alter table ledger.rows alter actor_id type text, alter actor_id drop not null, alter actor_type type text",
      `update ledger.rows set actor_type = actor_type || E'\\n' || actor_id, actor_id = null where tenant_id = $T and seq = 6`,
    ]);
    await verifyNames(tenantId, 6, /grammar|row hash/);
    await change(tenantId, [
      "update ledger.rows set actor_id = 'test|x', actor_type = 'system' where tenant_id = $T and seq = 6",
    ]);
    await verifyNames(tenantId, 6, /grammar|row hash/);
    await change(tenantId, [
      "update ledger.rows set actor_id = 'test' where tenant_id = $T and seq = 6",
      "alter table ledger.rows alter actor_id type ledger.token, alter actor_id set not null, alter actor_type type ledger.actor_type",
    ]);
    assert.equal((await fixture.verify(tenantId)).ok, true);
  });

  it("a missing and an uninitialised chain refuse the start, naming the tenant", async () => {
    const tenantId = await sealed(5);
    await change(tenantId, ["update ledger.chain_heads set seq = 0 where tenant_id = $T"]);
    await assert.rejects(checkChains(scope()), refused(new RegExp(`${tenantId}.*uninitialised`)));
    await change(tenantId, ["delete from ledger.chain_heads where tenant_id = $T"]);
    await assert.rejects(checkChains(scope()), refused(new RegExp(`${tenantId}.*missing`)));
    assert.equal((await fixture.verify(tenantId)).ok, false);
  });

  it("a tenant that only the witness still knows is found missing", async () => {
    const tenantId = await sealed(3);
    await rename(`${fixture.witness}/${tenantId}`, `${fixture.witness}/${crypto.randomUUID()}`);
    const reports = await verifyAll(fixture.pool, scope());
    const known = new Set(await listTenantIds(fixture.pool as never));
    const [missing, ...more] = reports.filter((report) => !known.has(report.tenantId));
    assert.equal(more.length, 0);
    assert.equal(missing?.faults[0]?.check, "head");
    await assert.rejects(checkChains(scope()), { code: "chain-refused" });
  });

  it("an old copy of the whole database is refused at start, by the sealer and by verify", async () => {
    const tenantId = await sealed(10);
    const { database } = fixture;
    const copy = `${database.name}_old`;
    const admin = new pg.Client({ ...database.config("superuser"), database: "postgres" });
    const reopen = async (name: string) => {
      fixture.pool = await createPool({ ...database.section, database: name } as never, "app", { max: 4 });
      fixture.deps.pool = fixture.pool;
    };
    await admin.connect();
    await fixture.pool.end();
    await admin.query(`create database ${copy} template ${database.name}`);
    await reopen(database.name);
    await fixture.append(tenantId, 15);
    assert.deepEqual(await sealChain(fixture.deps, tenantId), { ok: true, sealed: true, size: 25 });
    await fixture.pool.end();
    await reopen(copy);
    try {
      await admin.query(`grant connect on database ${copy} to ledgerstone_app`);
      await assert.rejects(checkChains(scope()), refused(new RegExp(`${tenantId}.*shorter.*10 rows`)));
      await fixture.append(tenantId, 20);
      await assert.rejects(checkChains(scope()), refused(/different/), "also when it has grown past the witness since");
      const report = await fixture.verify(tenantId);
      assert.equal(report.firstBad, 11, JSON.stringify(report.faults.slice(0, 3)));
      assert.equal((await sealChain(fixture.deps, tenantId)).ok, false);
    } finally {
      await fixture.pool.end();
      await admin.query(`drop database ${copy} with (force)`);
      await admin.end();
      await reopen(database.name);
    }
  });

  it("a witness that was swapped for another appliance's is refused", async () => {
    const tenantId = await sealed(5);
    const other = await fixture.newTenant();
    await cp(`${fixture.witness}/${tenantId}`, `${fixture.witness}/${other}`, { recursive: true });
    await assert.rejects(checkChains(scope()), refused(/a checkpoint of/));
  });
});
