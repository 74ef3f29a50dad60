import assert from "node:assert/strict";
import { type Fault, verifyChain } from "../../src/audit/index.ts";
import { requestErasure } from "../../src/retention/index.ts";
import { type Estate, startEstate } from "../retention/harness.ts";

const jpeg = { bytes: Buffer.from("ffd8ffe0 a gate".repeat(20)), type: "image/jpeg" as const };

/** Real batches and real erasures of the executor; the harness's fake clock seals with stand-ins, so `checkpoint` is left out. */
describe("verification of events and erasures", () => {
  let estate: Estate;
  before(async () => {
    estate = await startEstate();
  });
  after(() => estate.stop());

  async function verify(
    tenantId: string,
  ): Promise<{ faults: Fault[]; events: number; images: number; erased: number }> {
    const report = await verifyChain(estate.deps.app, tenantId, {
      appliance: crypto.randomUUID(),
      publicKeys: [],
      witnessDirectories: [],
      events: true,
    });
    const faults = report.faults.filter(({ check }) => check !== "checkpoint");
    return { faults, ...report.events, erased: report.openings.erased };
  }
  /** With the triggers off for good: so these cases come last. */
  async function asSuperuser(statement: string): Promise<void> {
    for (const table of ["events", "batches", "batch_sites", "images"]) {
      await estate.database.superuser.query(`alter table ${table} disable trigger user`);
    }
    await estate.database.superuser.query(statement);
  }

  it("what retention erased by day is explained, images before their events", async () => {
    const tenant = await estate.tenant({ imageDays: 2, eventDays: 4 });
    await estate.record(tenant, [{ images: [jpeg] }, {}, { site: 1 }]);
    await estate.record(tenant, [{}]);
    await estate.live(2);
    await estate.work(tenant);
    assert.deepEqual(await verify(tenant.tenantId), { faults: [], events: 4, images: 0, erased: 0 });
    await estate.live(2);
    await estate.work(tenant);
    const after = await verify(tenant.tenantId);
    assert.deepEqual(after, { faults: [], events: 0, images: 0, erased: 2 });
  });

  it("what a request erased one by one is explained", async () => {
    const tenant = await estate.tenant();
    const subjects = ["plate:ZH 123"];
    await estate.record(tenant, [{ subjects, images: [jpeg] }, {}, { site: 1, subjects }]);
    const verbs = { pool: estate.deps.app, keyring: estate.seeds.keyring };
    await requestErasure(verbs, tenant.principal, { subject: "plate:ZH123", reason: "art. 17" });
    await estate.work(tenant);
    const after = await verify(tenant.tenantId);
    assert.deepEqual([after.faults, after.events, after.images], [[], 1, 0]);
  });

  it("batches, bodies and images verify; a changed body, root or image is named by its batch", async () => {
    const tenant = await estate.tenant();
    const { seq } = await estate.record(tenant, [{ images: [jpeg, jpeg] }, {}, { site: 1 }]);
    assert.deepEqual(await verify(tenant.tenantId), { faults: [], events: 3, images: 2, erased: 0 });
    const named = async (statement: string, undo: string): Promise<void> => {
      const of = (text: string) => text.replaceAll("$T", `tenant_id = '${tenant.tenantId}'`);
      await asSuperuser(of(statement));
      assert.equal((await verify(tenant.tenantId)).faults[0]?.seq, seq, statement);
      await asSuperuser(of(undo));
      assert.deepEqual((await verify(tenant.tenantId)).faults, []);
    };
    await named("update events set body = body || ' ' where $T", "update events set body = left(body, -1) where $T");
    await named(
      "update events set kind = kind || '.x' where $T and index = 1",
      "update events set kind = left(kind, -2) where $T and index = 1",
    );
    await named(
      "update images set bytes = bytes + 1 where $T and n = 1",
      "update images set bytes = bytes - 1 where $T and n = 1",
    );
    await named(
      "update batches set received = received + interval '1 microsecond' where $T",
      "update batches set received = received - interval '1 microsecond' where $T",
    );
    await named(
      "update batch_sites set leaves = set_byte(leaves, 0, get_byte(leaves, 0) # 1) where $T",
      "update batch_sites set leaves = set_byte(leaves, 0, get_byte(leaves, 0) # 1) where $T",
    );
  });

  it("an event, an image or a batch dropped without a tombstone is named", async () => {
    for (const statement of [
      "delete from events where $T and index = 0",
      "delete from images where $T",
      "delete from batches where $T",
    ]) {
      const tenant = await estate.tenant();
      const { seq } = await estate.record(tenant, [{ images: [jpeg] }, {}]);
      await asSuperuser(statement.replace("$T", `tenant_id = '${tenant.tenantId}'`));
      assert.equal((await verify(tenant.tenantId)).faults[0]?.seq, seq, statement);
    }
  });
});
