import assert from "node:assert/strict";
import { appendRow, readTenant, withTenant } from "../../src/audit/index.ts";
import { type ChainFixture, chainFixture, changeRow, principalOf } from "./chain-fixture.ts";

describe("audit: transactions whose first statement does not wait", () => {
  let fixture: ChainFixture;
  let tenantId: string;
  let other: string;
  const heads = "select tenant_id as id from ledger.chain_heads";

  before(async () => {
    fixture = await chainFixture();
    [tenantId, other] = [await fixture.newTenant(), await fixture.newTenant()];
  });
  after(() => fixture.stop());

  it("see their own tenant alone, also many at once on few connections", async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, n) => {
        const id = n % 2 ? tenantId : other;
        const run = n % 3 ? readTenant : withTenant;
        const { rows } = await run(fixture.pool, principalOf(id), (tx) => tx.query<{ id: string }>(heads));
        return rows.length === 1 && rows[0]!.id === id;
      }),
    );
    assert.ok(answers.every(Boolean));
    const unbound = await fixture.pool.query(heads);
    assert.equal(unbound.rows.length, 0, "nothing stays bound");
  });

  it("run nothing when the binding fails, and say why it failed", async () => {
    const nobody = principalOf("00000000-0000-0000-0000-00000000000x");
    for (const run of [readTenant, withTenant]) {
      let ran = false;
      const work = run(fixture.pool, nobody, async (tx) => {
        await tx.query("select set_config('app.tenant', $1, false)", [tenantId]);
        ran = true;
        await appendRow(tx, changeRow());
      });
      await assert.rejects(work, /invalid input syntax for type uuid/);
      assert.equal(ran, false);
    }
    const { rows } = await fixture.pool.query("select current_setting('app.tenant', true) as bound");
    assert.ok(!rows[0].bound);
    assert.ok((await fixture.verify(tenantId)).ok);
  });

  it("a read that asks again, or late, is refused instead of finding nothing", async () => {
    const principal = principalOf(tenantId);
    const twice = readTenant(fixture.pool, principal, async (tx) => {
      await tx.query(heads);
      return tx.query(heads);
    });
    await assert.rejects(twice, /a second one/);
    const late = readTenant(fixture.pool, principal, async (tx) => {
      await Promise.resolve();
      return tx.query(heads);
    });
    await assert.rejects(late, /a second one/);
    const failed = readTenant(fixture.pool, principal, (tx) => tx.query("select 1 / 0"));
    await assert.rejects(failed, /division by zero/);
    const { rows } = await readTenant(fixture.pool, principal, (tx) => tx.query(heads));
    assert.equal(rows.length, 1, "the connection is fit for the next");
  });
});
