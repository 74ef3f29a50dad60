import assert from "node:assert/strict";
import { withTenant } from "../../../src/audit/index.ts";
import { createUser, grantRole } from "../../../src/identity/index.ts";
import { listNotices } from "../../../src/identity/notices/inbox.ts";
import {
  acceptCase,
  askIdentity,
  extendCase,
  recordIdentity,
  refuseCase,
} from "../../../src/retention/cases/decide.ts";
import { receiveByPage, recordByStaff } from "../../../src/retention/cases/intake.ts";
import { acceptSchema, newCaseSchema } from "../../../src/retention/cases/schema.ts";
import { tendTenant } from "../../../src/retention/cases/upkeep.ts";
import { getCase, listCases, urgentCases } from "../../../src/retention/cases/view.ts";
import { placeHold, releaseHold } from "../../../src/retention/index.ts";
import type { SeededTenant } from "../../support/seed.ts";
import { count, type Estate, startEstate } from "../harness.ts";

const hold = { caseNumber: "C-9", reason: "claim", owner: "Legal", reviewOn: "2027-01-01" };

describe("retention: cases of people who ask for an erasure", () => {
  let estate: Estate;
  before(async () => {
    estate = await startEstate();
  });
  after(() => estate.stop());

  const deps = () => ({ pool: estate.deps.app, keyring: estate.seeds.keyring, notices: estate.deps.notices });
  const record = ({ principal }: SeededTenant, more: object = {}) =>
    recordByStaff(
      deps(),
      principal,
      newCaseSchema.parse({ about: "plate ZH 123, Erika Muster", name: "Erika Muster", ...more }),
    );
  const check = ({ principal }: SeededTenant, caseId: string) =>
    recordIdentity(deps(), principal, caseId, { method: "document-seen", evidence: "saw the papers of Erika Muster" });
  const accept = ({ principal }: SeededTenant, caseId: string, subjects: string[]) =>
    acceptCase(deps(), principal, { ...acceptSchema.parse({ subjects }), caseId, asker: null });
  const read = ({ principal }: SeededTenant, caseId: string) => getCase(deps(), principal, caseId);
  const actions = async ({ tenantId }: SeededTenant, caseId: string) => {
    const { rows } = await estate.database.superuser.query<{ action: string }>(
      "select action from ledger.rows where tenant_id = $1 and entity_type = 'case' and entity_id = $2 order by seq",
      [tenantId, caseId],
    );
    return rows.map(({ action }) => action.replace("erasure.case.", ""));
  };
  const set = ({ tenantId }: SeededTenant, settings: string) =>
    estate.database.superuser.query(`update tenants set ${settings} where tenant_id = $1`, [tenantId]);

  it("goes from asking to the certificate: checked, accepted, erased, closed; the chain verifies", async () => {
    const tenant = await estate.tenant();
    await estate.record(tenant, [{ subjects: ["plate:ZH 123"] }, {}]);
    const caseId = await record(tenant);
    const received = await read(tenant, caseId);
    assert.deepEqual([received.state, received.overdue, received.paused], ["received", false, false]);
    assert.ok(received.daysLeft! >= 28 && received.daysLeft! <= 31);
    assert.equal(received.content?.name, "Erika Muster");
    await assert.rejects(accept(tenant, caseId, ["plate:ZH123"]), { code: "conflict", found: "state received" });

    const checked = await check(tenant, caseId);
    assert.deepEqual(
      [checked.state, checked.identity?.method, checked.identity?.by.type],
      ["identified", "document-seen", "api-key"],
    );
    const accepted = await accept(tenant, caseId, ["plate:ZH123", "badge:none"]);
    assert.deepEqual(
      [accepted.state, accepted.requests.length, accepted.decision?.by.id],
      ["accepted", 2, tenant.principal.actor.id],
    );
    await estate.work(tenant);
    const done = await read(tenant, caseId);
    assert.deepEqual(
      [done.state, done.daysLeft, done.requests.map(({ state }) => state)],
      ["executed", null, ["done", "done"]],
    );
    assert.equal(await count(estate.database, "events", tenant.tenantId), 1);
    assert.deepEqual(await actions(tenant, caseId), ["received", "identified", "accepted", "executed"]);
    await estate.verify(tenant);
  });

  it("a hold keeps it open; it goes on by itself when the hold is released", async () => {
    const tenant = await estate.tenant();
    await estate.record(tenant, [{ kind: "gate.opened", subjects: ["plate:HELD"] }]);
    const { holdId } = await placeHold(deps(), tenant.principal, { ...hold, kind: "gate.opened" });
    const caseId = await record(tenant);
    await check(tenant, caseId);
    await accept(tenant, caseId, ["plate:HELD"]);
    await estate.work(tenant);
    assert.deepEqual(
      (await read(tenant, caseId)).requests.map(({ state }) => state),
      ["held"],
    );
    await releaseHold(estate.deps.app, tenant.principal, holdId, "settled");
    await estate.work(tenant);
    assert.equal((await read(tenant, caseId)).state, "executed");
    await estate.verify(tenant);
  });

  it("is extended once, in time and with a reason; refused with a reason; closed to all else", async () => {
    const tenant = await estate.tenant();
    const caseId = await record(tenant);
    const before = await read(tenant, caseId);
    const extended = await extendCase(deps(), tenant.principal, { caseId, reason: "three registers to search" });
    assert.ok(extended.daysLeft! >= before.daysLeft! + 58);
    const extend = () => extendCase(deps(), tenant.principal, { caseId, reason: "again" });
    await assert.rejects(extend(), { code: "conflict" });
    const late = await record(tenant, { receivedOn: await estate.clock.dayBefore(40) });
    assert.equal((await read(tenant, late)).overdue, true);
    await assert.rejects(extendCase(deps(), tenant.principal, { caseId: late, reason: "late" }), { code: "conflict" });
    const refused = await refuseCase(deps(), tenant.principal, { caseId, reason: "not the keeper of this car" });
    assert.deepEqual([refused.state, refused.daysLeft], ["refused", null]);
    await assert.rejects(check(tenant, caseId), { code: "conflict", found: "state refused" });
    const open = await listCases(deps(), tenant.principal, { limit: 10, openOnly: true });
    assert.deepEqual(
      open.cases.map((each) => each.caseId),
      [late],
    );
    await estate.verify(tenant);
  });

  it("the clock stands while an identity is asked for, if the tenant has it so, and goes on where it stood", async () => {
    const [pausing, running] = [await estate.tenant(), await estate.tenant()];
    await set(pausing, "erasure_pauses = true");
    const both = [pausing, running].map(async (tenant) => ({ tenant, caseId: await record(tenant) }));
    const [paused, ran] = await Promise.all(both);
    const start = (await read(pausing, paused!.caseId)).daysLeft!;
    for (const { tenant, caseId } of [paused!, ran!]) await askIdentity(deps(), tenant.principal, caseId);
    await estate.clock.advanceDays(5);
    const states = await Promise.all([paused!, ran!].map(({ tenant, caseId }) => read(tenant, caseId)));
    assert.deepEqual(
      states.map(({ paused: is, daysLeft }) => [is, daysLeft]),
      [
        [true, start],
        [false, start - 5],
      ],
    );
    const resumed = await check(pausing, paused!.caseId);
    assert.deepEqual([resumed.paused, resumed.daysLeft], [false, start]);
    await estate.clock.advanceDays(2);
    assert.equal((await read(pausing, paused!.caseId)).daysLeft, start - 2);
    const extended = await extendCase(deps(), pausing.principal, { caseId: paused!.caseId, reason: "much" });
    assert.ok(extended.daysLeft! > start + 55, "the five days count after an extension too");
  });

  it("what is urgent is told in the list's order: a clock that stands puts a case off", async () => {
    const tenant = await estate.tenant();
    await set(tenant, "erasure_pauses = true");
    const paused = await record(tenant);
    await askIdentity(deps(), tenant.principal, paused);
    await estate.clock.advanceDays(5);
    const later = await record(tenant, { receivedOn: await estate.clock.dayBefore(2) });
    const { open, cases } = await urgentCases(deps(), tenant.principal);
    const listed = await listCases(deps(), tenant.principal, { openOnly: true, limit: 5 });
    assert.deepEqual([open, cases], [2, listed.cases]);
    assert.deepEqual(
      cases.map(({ caseId }) => caseId),
      [later, paused],
    );
  });

  it("tells before the last day and after it, once each, with a row", async () => {
    const tenant = await estate.tenant();
    const userId = await withTenant(estate.deps.app, tenant.principal, async (tx) => {
      const { notices } = estate.deps;
      const wanted = { userName: "dpo", displayName: "DPO", email: null, source: "local", externalId: null } as const;
      const user = await createUser(notices, tx, wanted);
      await grantRole(tx, null, {
        to: { userId: user.userId },
        role: { builtin: "admin" },
        siteIds: null,
        expiresAt: null,
      });
      return user.userId;
    });
    const caseId = await record(tenant, { receivedOn: await estate.clock.dayBefore(20) });
    const inbox = async () =>
      (
        await withTenant(estate.deps.app, tenant.principal, (tx) =>
          listNotices(tx, userId, { limit: 10, unread: false }),
        )
      ).notices.map(({ kind }) => kind);
    await tendTenant(deps(), tenant.tenantId);
    assert.deepEqual(await inbox(), []);
    await estate.clock.advanceDays(5);
    for (let again = 0; again < 2; again++) await tendTenant(deps(), tenant.tenantId);
    assert.deepEqual(await inbox(), ["erasure.due-soon"]);
    await estate.clock.advanceDays(8);
    for (let again = 0; again < 2; again++) await tendTenant(deps(), tenant.tenantId);
    assert.deepEqual(await inbox(), ["erasure.overdue", "erasure.due-soon"]);
    assert.deepEqual(await actions(tenant, caseId), ["received", "due-soon", "overdue"]);
    assert.equal((await read(tenant, caseId)).overdue, true);
  });

  it("what the person wrote lies sealed, and goes with what rows tell of them when the case is old", async () => {
    const tenant = await estate.tenant();
    const caseId = await record(tenant);
    await check(tenant, caseId);
    await refuseCase(deps(), tenant.principal, { caseId, reason: "Erika Muster is not the keeper" });
    const openings = () =>
      estate.database.superuser.query("select from ledger.openings where tenant_id = $1 and content like '%Erika%'", [
        tenant.tenantId,
      ]);
    const { rows } = await estate.database.superuser.query("select * from erasure_cases where case_id = $1", [caseId]);
    assert.doesNotMatch(JSON.stringify(rows) + rows[0].sealed.toString("latin1"), /Erika/);
    assert.equal((await openings()).rowCount, 2);
    await estate.clock.advanceDays(29);
    await tendTenant(deps(), tenant.tenantId);
    assert.ok((await read(tenant, caseId)).content);
    await estate.clock.advanceDays(2);
    await tendTenant(deps(), tenant.tenantId);
    await estate.work(tenant);
    assert.equal((await read(tenant, caseId)).content, null);
    assert.equal((await openings()).rowCount, 0);
    assert.equal((await actions(tenant, caseId)).at(-1), "disposed");
    const tombstones = await estate.verify(tenant);
    assert.deepEqual(
      tombstones.map((each) => each.list.map(({ kind }) => kind)),
      [["opening", "opening"]],
    );
  });

  it("the page is closed until it is opened; without SMTP it takes requests at once, one a day of a sender", async () => {
    const tenant = await estate.tenant();
    const { rows } = await estate.database.superuser.query("select slug from tenants where tenant_id = $1", [
      tenant.tenantId,
    ]);
    const asker = { slug: rows[0].slug as string, correlation: crypto.randomUUID() };
    const ask = (email: string, about = "plate X") => receiveByPage(deps(), asker, { email, about, name: undefined });
    await assert.rejects(ask("a@b.example"), { code: "not-found" });
    await set(tenant, "erasure_page = true");
    assert.deepEqual(await ask("a@b.example"), { confirmBy: "nothing" });
    assert.deepEqual(await ask("A@B.example", "again"), { confirmBy: "nothing" });
    // At once, from several places: still one of a sender.
    await Promise.all(Array.from({ length: 6 }, () => ask("c@b.example")));
    const { cases } = await listCases(deps(), tenant.principal, { limit: 10, openOnly: true });
    assert.deepEqual(
      cases.map(({ channel, state }) => [channel, state]),
      Array(2).fill(["page", "received"]),
    );
    await estate.database.superuser.query(
      `insert into erasure_cases (tenant_id, channel, state, received_at, due_on)
       select $1, 'page', 'received', test.clock_timestamp(), current_date from generate_series(1, 200)`,
      [tenant.tenantId],
    );
    await assert.rejects(ask("d@b.example"), { code: "too-many" });
  });

  it("is another tenant's to nobody, and nobody's who has some sites alone", async () => {
    const [alder, birch] = [await estate.tenant(), await estate.tenant()];
    const caseId = await record(alder);
    await assert.rejects(read(birch, caseId), { code: "not-found" });
    await assert.rejects(check(birch, caseId), { code: "not-found" });
    assert.deepEqual((await listCases(deps(), birch.principal, { limit: 10, openOnly: false })).cases, []);
    const some = { ...alder, principal: { ...alder.principal, sites: [alder.sites[0]!.siteId] } };
    await assert.rejects(check(some, caseId), { code: "forbidden" });
    await assert.rejects(record(some), { code: "forbidden" });
  });
});
