import assert from "node:assert/strict";
import {
  appendRow,
  type Condition,
  commitWithRow,
  newConditions,
  type Principal,
  type TenantTx,
  withTenant,
} from "../../src/audit/index.ts";
import { takeKey } from "../../src/http/store-idempotency.ts";
import { conflict } from "../../src/platform/errors.ts";
import { type ChainFixture, chainFixture, changeRow, principalOf } from "./chain-fixture.ts";

const keyHash = Buffer.alloc(32, 7);
const request = Buffer.alloc(32, 9);

describe("audit: conditions of an act", () => {
  let fixture: ChainFixture;
  let tenantId: string;
  let settled: number;
  /** A thing that can be used up once. */
  const once: Condition = {
    async settle(tx) {
      settled++;
      if (!(await takeKey(tx, { keyHash, request, secret: false }))) throw conflict("used up");
    },
  };
  const principal = (...list: Condition[]): Principal => ({
    ...principalOf(tenantId),
    conditions: newConditions(list),
  });
  const act = (tx: TenantTx) => appendRow(tx, changeRow());
  const taken = async () =>
    (await fixture.database.superuser.query("select 1 from idempotency_keys where tenant_id = $1", [tenantId]))
      .rowCount;
  const rows = async () =>
    (await fixture.database.superuser.query("select 1 from ledger.rows where tenant_id = $1", [tenantId])).rowCount! -
    1;

  before(async () => {
    fixture = await chainFixture();
  });
  beforeEach(async () => {
    tenantId = await fixture.newTenant();
    settled = 0;
  });
  afterEach(async () => {
    const verified = await fixture.verify(tenantId);
    assert.ok(verified.ok, JSON.stringify(verified.faults));
  });
  after(() => fixture.stop());

  it("what only reads uses nothing up; the first transaction that appends does, and none after it", async () => {
    const caller = principal(once);
    await withTenant(fixture.pool, caller, (tx) => tx.query("select seq from ledger.chain_heads"));
    await withTenant(fixture.pool, caller, (tx) => tx.query("delete from idempotency_keys"));
    assert.deepEqual([settled, await taken()], [0, 0]);
    await withTenant(fixture.pool, { ...caller, sites: [] }, act);
    assert.deepEqual([settled, await taken(), await rows()], [1, 1, 1]);
    await withTenant(fixture.pool, caller, act);
    assert.deepEqual([settled, await rows()], [1, 2]);
  });

  it("an act that appends and commits in one message settles in the same transaction", async () => {
    await commitWithRow(fixture.pool, principal(once), async () => ({ row: changeRow(), result: null }));
    assert.deepEqual([settled, await taken(), await rows()], [1, 1, 1]);
    const again = commitWithRow(fixture.pool, principal(once), async () => ({ row: changeRow(), result: null }));
    await assert.rejects(again, /used up/);
    assert.equal(await rows(), 1);
  });

  it("a row that a function of the database appends is an act too", async () => {
    await withTenant(fixture.pool, principal(once), (tx) =>
      tx.query("select ledger.rotate_key($1, $2, $3, 'system', 'test', 'cli', gen_random_uuid())", [
        "00000001",
        Buffer.alloc(32, 1),
        Buffer.alloc(32, 2),
      ]),
    );
    assert.deepEqual([settled, await taken()], [1, 1]);
  });

  it("when a condition refuses, nothing of the act is kept; when the act fails, nothing is used up", async () => {
    const refuse: Condition = { settle: async () => Promise.reject(conflict("refused")) };
    await assert.rejects(withTenant(fixture.pool, principal(once, refuse), act), /refused/);
    assert.deepEqual([await taken(), await rows()], [0, 0]);
    const caller = principal(once);
    const fails = async (tx: TenantTx) => {
      await act(tx);
      throw new Error("at the end");
    };
    await assert.rejects(withTenant(fixture.pool, caller, fails), /at the end/);
    const dies = async (tx: TenantTx) => {
      await act(tx);
      await tx.query("select pg_terminate_backend(pg_backend_pid())");
    };
    await assert.rejects(withTenant(fixture.pool, caller, dies));
    assert.deepEqual([await taken(), await rows()], [0, 0]);
    await withTenant(fixture.pool, caller, act);
    assert.deepEqual([await taken(), await rows()], [1, 1]);
  });

  it("of ten acts at once that use up the same thing one happens; without the condition all ten do", async () => {
    const run = (caller: () => Principal) =>
      Promise.allSettled(Array.from({ length: 10 }, () => withTenant(fixture.pool, caller(), act)));
    const outcomes = await run(() => principal(once));
    assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
    assert.deepEqual([await taken(), await rows()], [1, 1]);
    await run(() => principal());
    assert.equal(await rows(), 11);
  });

  it("what must hold before the act is asked before its work, until the act is done", async () => {
    const order: string[] = [];
    const condition: Condition = {
      before: async () => void order.push("before"),
      settle: async () => void order.push("settle"),
    };
    const caller = principal(condition);
    await withTenant(fixture.pool, caller, async () => order.push("read"));
    await withTenant(fixture.pool, caller, async (tx) => {
      order.push("act");
      await act(tx);
    });
    await withTenant(fixture.pool, caller, async () => order.push("after"));
    assert.deepEqual(order, ["before", "read", "before", "act", "settle", "after"]);
    const closed: Condition = { before: async () => Promise.reject(conflict("too late")) };
    await assert.rejects(withTenant(fixture.pool, principal(closed), act), /too late/);
    assert.equal(await rows(), 1);
  });
});
