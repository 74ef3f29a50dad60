import assert from "node:assert/strict";
import {
  createSessionVerifier,
  endSessionsOf,
  type StartedSession,
  startSession,
  tidyIdentity,
  tidyTenant,
  type User,
} from "../../../src/identity/index.ts";
import { endSessionOf, listSessions } from "../../../src/identity/sessions/list.ts";
import { createLogger } from "../../../src/platform/logger.ts";
import type { SeededTenant } from "../../support/seed.ts";
import { type Lab, startLab } from "./fixture.ts";

describe("identity: sessions, listed and ended", () => {
  let lab: Lab;
  before(async () => {
    lab = await startLab();
  });
  after(() => lab?.stop());

  const begin = (tenant: SeededTenant, { userId }: User): Promise<StartedSession> =>
    lab.as(tenant, (tx) =>
      startSession(lab.deps, tx, { userId, address: "10.1.2.3", userAgent: "curl/8", via: "web", strength: 1 }),
    );
  const isAlive = async ({ token }: StartedSession) =>
    (await createSessionVerifier(lab.seeds).verify(token, {
      address: "10.1.2.3",
      correlation: crypto.randomUUID(),
    })) !== undefined;
  const age = (tenant: SeededTenant, change: string) =>
    lab.database.superuser.query(`update sessions set ${change} where tenant_id = $1`, [tenant.tenantId]);

  it("lists one's own, marks the one that asks, and ends all but that one", async () => {
    const tenant = await lab.tenant();
    const [vera, olga] = [await lab.person(tenant, "vera", "viewer"), await lab.person(tenant, "olga", "owner")];
    const [first, second, third] = [await begin(tenant, vera), await begin(tenant, vera), await begin(tenant, olga)];
    const { sessions } = await lab.as(tenant, (tx) => listSessions(tx, vera.userId, first.session.sessionId));
    assert.deepEqual(
      sessions.map(({ sessionId, current }) => [sessionId, current]),
      [
        [second.session.sessionId, false],
        [first.session.sessionId, true],
      ],
    );
    const ended = await lab.as(tenant, (tx) =>
      endSessionsOf(tx, vera.userId, "signed-out-everywhere", first.session.sessionId),
    );
    assert.equal(ended, 1);
    assert.deepEqual([await isAlive(first), await isAlive(second), await isAlive(third)], [true, false, true]);
  });

  it("nobody ends another person's session by its id, nor another tenant's", async () => {
    const [alder, birch] = [await lab.tenant("Alder"), await lab.tenant("Birch")];
    const [vera, olga] = [await lab.person(alder, "vera", "viewer"), await lab.person(alder, "olga", "owner")];
    const started = await begin(alder, olga);
    const end = (tenant: SeededTenant, { userId }: User) =>
      lab.as(tenant, (tx) => endSessionOf(tx, userId, started.session.sessionId, "admin"));
    await assert.rejects(end(alder, vera), { code: "not-found" });
    await assert.rejects(end(birch, olga), { code: "not-found" });
    assert.equal(await isAlive(started), true);
    await end(alder, olga);
    assert.equal(await isAlive(started), false);
  });

  it("marks what ran out as ended when it did, removes it when its time is over, with one row of counts", async () => {
    const [tenant, other] = [await lab.tenant(), await lab.tenant("Other")];
    const vera = await lab.person(tenant, "vera", "viewer");
    const running = await begin(other, await lab.person(other, "otto", "viewer"));
    for (let n = 0; n < 3; n++) await begin(tenant, vera);
    await age(tenant, "created_at = created_at - interval '2 hours', expires_at = expires_at - interval '2 hours'");
    const current = await begin(tenant, vera);
    assert.equal(await tidyTenant({ pool: lab.seeds.pool }, tenant.tenantId), false);
    const ended = () =>
      lab.database.superuser.query(
        "select ended_reason, ended_at <= now() - interval '80 minutes' as past from sessions where tenant_id = $1 and ended_at is not null",
        [tenant.tenantId],
      );
    assert.deepEqual((await ended()).rows, Array(3).fill({ ended_reason: "ran-out", past: true }));
    assert.equal(await isAlive(current), true);

    await lab.database.superuser.query(
      "update sessions set ended_at = ended_at - interval '91 days' where tenant_id = $1 and ended_at is not null",
      [tenant.tenantId],
    );
    await lab.database.superuser.query(
      "insert into session_use select tenant_id, session_id, now(), address from sessions where tenant_id = $1 on conflict do nothing",
      [tenant.tenantId],
    );
    const rowsBefore = (await lab.actions(tenant)).length;
    await tidyIdentity({ pool: lab.seeds.pool, log: createLogger("test", "silent") }, new AbortController().signal);
    assert.equal((await ended()).rowCount, 0);
    const left = await lab.database.superuser.query("select from session_use where tenant_id = $1", [tenant.tenantId]);
    assert.equal(left.rowCount, 1);
    assert.deepEqual((await lab.actions(tenant)).slice(rowsBefore), ["sessions.tidied"]);
    const { rows } = await lab.database.superuser.query(
      `select o.content from ledger.openings o join ledger.rows r using (tenant_id, seq)
        where o.tenant_id = $1 and r.action = 'sessions.tidied' order by seq`,
      [tenant.tenantId],
    );
    assert.deepEqual(
      rows.map(({ content }) => JSON.parse(content)),
      [
        { ranOut: 3, removed: 0, notices: 0 },
        { ranOut: 0, removed: 3, notices: 0 },
      ],
    );
    assert.equal(await isAlive(running), true);
    await lab.verify(tenant);
  });

  it("nothing to tidy writes nothing; a removal without its row does not commit", async () => {
    const tenant = await lab.tenant();
    await begin(tenant, await lab.person(tenant, "vera", "viewer"));
    const before = await lab.actions(tenant);
    await tidyTenant({ pool: lab.seeds.pool }, tenant.tenantId);
    assert.deepEqual(await lab.actions(tenant), before);
    const removal = lab.as(tenant, (tx) => tx.query("delete from sessions where tenant_id = app.tenant()"));
    await assert.rejects(removal, /without a ledger row/);
  });
});
