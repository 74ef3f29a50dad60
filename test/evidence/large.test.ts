import assert from "node:assert/strict";
import { withTenant } from "../../src/audit/index.ts";
import { type EvidenceDeps, getExport, requestExport } from "../../src/evidence/index.ts";
import { evidenceHandlers } from "../../src/evidence/jobs.ts";
import { createUser, grantRole } from "../../src/identity/index.ts";
import { listNotices } from "../../src/identity/notices/inbox.ts";
import { bindHandlers, findDueTasks, runTask } from "../../src/tasks/index.ts";
import { quietNotices } from "../support/notices.ts";
import { type SeededTenant, seedBatch, seedTenant } from "../support/seed.ts";
import { evidenceFixture, type Fixture } from "./fixture.ts";

const always = { from: "2020-01-01T00:00:00Z", to: "2100-01-01T00:00:00Z" };

describe("evidence: an export that is large for its tenant", () => {
  let fixture: Fixture;
  let deps: EvidenceDeps;
  before(async () => {
    fixture = await evidenceFixture();
    const notices = quietNotices(fixture.seed.keyring);
    deps = { ...fixture.exporter, directory: fixture.path("exports"), keepDays: 7, notices };
  });
  after(() => fixture.stop());

  /** A tenant with an owner, events, and exports of before that were as large as told. */
  async function tenantWith(eventCount: number, earlier: number[]): Promise<{ tenant: SeededTenant; owner: string }> {
    const tenant = await seedTenant(fixture.seed, { sites: ["Gate"] });
    const events = Array.from({ length: eventCount }, () => ({ ...tenant.sites[0]! }));
    await seedBatch(fixture.seed, tenant.principal, events);
    for (const size of earlier) {
      await fixture.database.superuser.query(
        `insert into exports (tenant_id, scope, state, made_by_type, made_by, events, bytes, finished_at)
         values ($1, '{}', 'expired', 'user', 'x', $2, 1000000000, now())`,
        [tenant.tenantId, size],
      );
    }
    const owner = await withTenant(deps.pool, tenant.principal, async (tx) => {
      const named = {
        userName: "owner",
        displayName: "Owner",
        email: null,
        source: "local",
        externalId: null,
      } as const;
      const { userId } = await createUser(deps.notices!, tx, named);
      await grantRole(tx, null, { to: { userId }, role: { builtin: "owner" }, siteIds: null, expiresAt: null });
      return userId;
    });
    return { tenant, owner };
  }

  async function exported({ tenant, owner }: { tenant: SeededTenant; owner: string }): Promise<string[]> {
    const { exportId } = await requestExport(deps, tenant.principal, always);
    const handlers = bindHandlers(deps, evidenceHandlers);
    for (const ref of await findDueTasks(deps.pool, 100))
      if (handlers.has(ref.kind)) await runTask(deps.pool, ref, handlers);
    const done = await getExport(deps.pool, tenant.principal, exportId);
    assert.equal(done.state, "done", done.error ?? "");
    const page = { limit: 10, unread: false };
    const { notices } = await withTenant(deps.pool, tenant.principal, (tx) => listNotices(tx, owner, page));
    assert.ok(notices.every(({ entity }) => entity.id === exportId));
    return notices.map(({ text }) => text);
  }

  it("is told to the owners before anybody can have it, and one as usual is not", async () => {
    const [told] = await exported(await tenantWith(1_300, [300, 400, 200]));
    assert.match(told!, /1300 events/);
    assert.deepEqual(await exported(await tenantWith(1_300, [300, 500, 200])), [], "less than three times the largest");
    assert.deepEqual(await exported(await tenantWith(1_300, [300, 400])), [], "two exports are no history");
  });
});
