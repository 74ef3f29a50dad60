import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { sealChain } from "../../src/audit/index.ts";
import { type ChainFixture, chainFixture } from "../audit/chain-fixture.ts";

describe("the database cuts connections while chains are sealed", () => {
  let fixture: ChainFixture;
  before(async () => {
    fixture = await chainFixture();
  });
  after(() => fixture?.stop());

  it("a cut is an error of that round alone, never the end of the process, and sealing goes on", async () => {
    const tenantId = await fixture.newTenant();
    await fixture.append(tenantId, 300);
    const uncaught: Error[] = [];
    const catchIt = (error: Error) => uncaught.push(error);
    // Mocha's own handler would blame whichever test runs then.
    const others = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException").on("uncaughtException", catchIt);
    let cutting = true;
    const cut = (async () => {
      while (cutting) {
        await fixture.database.superuser.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'ledgerstone_app' and datname = current_database()",
        );
        await sleep(15);
      }
    })();
    let failed = 0;
    try {
      for (let round = 0; round < 60; round++) {
        const report = await sealChain(fixture.deps, tenantId).catch(() => undefined);
        if (!report?.ok) failed += 1;
      }
    } finally {
      cutting = false;
      await cut;
      process.off("uncaughtException", catchIt);
      for (const other of others) process.on("uncaughtException", other);
    }
    assert.deepEqual(uncaught, []);
    assert.ok(failed > 0, "no connection was cut in time");
    const after = await sealChain(fixture.deps, tenantId);
    assert.equal(after.ok, true);
    assert.equal((await fixture.verify(tenantId)).ok, true);
  });
});
