import assert from "node:assert/strict";
import { type CheckDeps, sealChain } from "../../src/audit/index.ts";
import { listChecks, requestCheck } from "../../src/ledger/index.ts";
import { ledgerHandlers } from "../../src/ledger/jobs.ts";
import { bindHandlers, findDueTasks, runTask } from "../../src/tasks/index.ts";
import { type ChainFixture, chainFixture, principalOf, tamper } from "../audit/chain-fixture.ts";

describe("verifying the ledger on demand", () => {
  let fixture: ChainFixture;
  let deps: CheckDeps;

  before(async () => {
    fixture = await chainFixture();
    deps = { ...fixture.deps, publicKeys: [fixture.signer.publicKey] };
  });
  after(() => fixture.stop());

  async function sealedTenant(rows: number): Promise<string> {
    const tenantId = await fixture.newTenant();
    await fixture.append(tenantId, rows - 1);
    await sealChain(fixture.deps, tenantId);
    return tenantId;
  }

  async function work(): Promise<void> {
    for (const ref of await findDueTasks(fixture.pool, 10)) {
      await runTask(fixture.pool, ref, bindHandlers(deps, ledgerHandlers));
    }
  }

  const ask = (tenantId: string) => requestCheck(fixture.pool, principalOf(tenantId));
  const newest = async (tenantId: string) =>
    (await listChecks(fixture.pool, principalOf(tenantId), { limit: 10 })).checks[0]!;
  const actions = async (tenantId: string): Promise<string[]> => {
    const { rows } = await fixture.database.superuser.query(
      "select action from ledger.rows where tenant_id = $1 and entity_type = 'verification' order by seq",
      [tenantId],
    );
    return rows.map(({ action }) => action);
  };

  it("is one check at a time, whose result stays and stands in the ledger", async () => {
    const tenantId = await sealedTenant(20);
    const first = await ask(tenantId);
    assert.equal(first.state, "waiting");
    assert.equal((await ask(tenantId)).checkId, first.checkId, "the one under way is answered");
    await work();
    const { state, report } = await newest(tenantId);
    assert.equal(state, "done");
    assert.deepEqual([report!.ok, report!.rows, report!.checkpoints, report!.firstBad], [true, 21, 1, null]);
    assert.match(report!.root, /^[0-9a-f]{64}$/);
    assert.deepEqual(await actions(tenantId), ["verification.requested", "verification.passed"]);
    assert.notEqual((await ask(tenantId)).checkId, first.checkId, "another one may begin now");
    await work();
    assert.equal((await fixture.verify(tenantId)).ok, true);
  });

  it("names the row that a superuser changed, and the openings that are not the row's", async () => {
    const tenantId = await sealedTenant(30);
    await tamper(fixture.database, [
      `update ledger.rows set actor_id = 'somebody-else' where tenant_id = '${tenantId}' and seq = 12`,
      `update ledger.openings set content = '{"n":99}' where tenant_id = '${tenantId}' and seq = 17`,
    ]);
    await ask(tenantId);
    await work();
    const { report } = await newest(tenantId);
    assert.deepEqual([report!.ok, report!.firstBad, report!.faultCount], [false, 12, 2]);
    assert.deepEqual(
      report!.faults.map(({ seq, check }) => [seq, check]),
      [
        [12, "row hash"],
        [17, "opening"],
      ],
    );
    assert.deepEqual(await actions(tenantId), ["verification.requested", "verification.failed"]);
  });

  it("names rows that are gone, although the chain ends in them", async () => {
    const tenantId = await sealedTenant(15);
    await tamper(fixture.database, [
      `delete from ledger.openings where tenant_id = '${tenantId}' and seq > 12`,
      `delete from ledger.checkpoints where tenant_id = '${tenantId}'`,
      `delete from ledger.rows where tenant_id = '${tenantId}' and seq > 12`,
      `update ledger.chain_heads set seq = 12, hash = (select row_hash from ledger.rows where tenant_id = '${tenantId}' and seq = 12)
        where tenant_id = '${tenantId}'`,
    ]);
    await ask(tenantId);
    await work();
    const { report } = await newest(tenantId);
    assert.equal(report!.ok, false);
    assert.ok(
      report!.faults.some(({ check }) => /witness/.test(check)),
      JSON.stringify(report!.faults),
    );
  });

  it("cut off, begins anew and ends once", async () => {
    const tenantId = await sealedTenant(5);
    const { taskId } = await ask(tenantId);
    const stopped = AbortSignal.abort(new Error("the worker stops"));
    await assert.rejects(
      runTask(fixture.pool, { tenantId, taskId }, bindHandlers(deps, ledgerHandlers), { signal: stopped }),
    );
    assert.notEqual((await newest(tenantId)).state, "done");
    await fixture.database.superuser.query("update tasks set run_after = now() where task_id = $1", [taskId]);
    await work();
    assert.equal((await newest(tenantId)).report!.ok, true);
    assert.deepEqual(await actions(tenantId), ["verification.requested", "verification.passed"]);
  });
});
