import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { commitmentOf } from "../../../src/identity/approvals/commitment.ts";
import { selectApproval } from "../../../src/identity/approvals/store.ts";
import { makeUuidv7 } from "../../../src/record/uuidv7.ts";
import { waitUntil } from "../../support/process.ts";
import { type Alder, is, openAlder, type Person } from "../persons.ts";

type Approval = { approvalId: string; state: string; decidedBy: string | null; aloneFrom: string | null };

describe("approvals: two owners over HTTP", function () {
  this.timeout(180_000);
  let appliance: Alder["appliance"];
  let persons: Alder["persons"];
  let tenant: Alder["tenant"];
  let stop: Alder["stop"] | undefined;
  let siteId: string;
  let ada: Person;
  let ben: Person;

  before(async () => {
    ({ appliance, persons, tenant, ada, stop } = await openAlder());
    siteId = (await key("POST", "/sites", { name: "Gate" })).json<{ siteId: string }>().siteId;
    ben = await persons.make(tenant.tenantId, "ben", [{ role: "owner" }]);
  });
  after(() => stop?.());

  const key = (method: string, path: string, body?: unknown) =>
    appliance.call(tenant.apiKey, method, `/api/v1${path}`, body);

  async function placeHold(caseNumber = "1"): Promise<string> {
    const hold = { siteId, caseNumber, reason: "test", owner: "somebody", reviewOn: "2099-01-01" };
    return is<{ holdId: string }>(await key("POST", "/holds", hold), 201).holdId;
  }

  /** Ada asks for the release of a fresh hold. */
  async function askRelease(as: Person = ada): Promise<{ holdId: string; approvalId: string }> {
    const holdId = await placeHold();
    const { approval } = is<{ approval: Approval }>(
      await as.call("POST", `/api/v1/holds/${holdId}/release`, { reason: "the case is over" }),
      202,
    );
    assert.equal(approval.state, "pending");
    return { holdId, approvalId: approval.approvalId };
  }

  const approve = (by: Person, approvalId: string) => by.call("POST", `/api/v1/approvals/${approvalId}/approve`);
  const released = async (holdId: string): Promise<boolean> => {
    const { holds } = is<{ holds: { holdId: string; releasedAt: string | null }[] }>(
      await key("GET", "/holds?open=false&limit=500"),
      200,
    );
    return holds.find((hold) => hold.holdId === holdId)?.releasedAt !== null;
  };
  const rows = async (entityId: string): Promise<string[]> => {
    const { rows: found } = await appliance.superuser.query(
      "select actor_type || ' ' || actor_id || ' ' || action as row from ledger.rows where tenant_id = $1 and entity_id = $2 order by seq",
      [tenant.tenantId, entityId],
    );
    return found.map(({ row }) => row);
  };
  const verify = () => appliance.cli(["verify", "--tenant", tenant.tenantId]);

  it("the act waits, another owner sees what would happen and approves, and it is done once by who asked", async () => {
    const { holdId, approvalId } = await askRelease();
    assert.equal(await released(holdId), false);
    const shown = is<{ title: string; request: { params: object; body: object } }>(
      await ben.call("GET", `/api/v1/approvals/${approvalId}`),
      200,
    );
    assert.match(shown.title, /Release a legal hold/);
    assert.deepEqual(shown.request, { params: { holdId }, query: {}, body: { reason: "the case is over" } });
    const done = is<{ approval: Approval; answer: { status: number; body: { holdId: string } } }>(
      await approve(ben, approvalId),
      200,
    );
    assert.equal(done.approval.state, "executed");
    assert.equal(done.approval.decidedBy, ben.userId);
    assert.deepEqual([done.answer.status, done.answer.body.holdId], [200, holdId]);
    assert.equal(await released(holdId), true);
    assert.deepEqual(await rows(approvalId), [
      `user ${ada.userId} approval.requested`,
      `user ${ben.userId} approval.approved`,
      `user ${ada.userId} approval.executed`,
    ]);
    assert.deepEqual((await rows(holdId)).at(-1), `user ${ada.userId} ledger.hold.released`);
    is(await approve(ben, approvalId), 409);
    const after = is<{ answer: { body: { holdId: string } } }>(
      await ada.call("GET", `/api/v1/approvals/${approvalId}`),
      200,
    );
    assert.equal(after.answer.body.holdId, holdId);
    await verify();
  });

  it("who asked cannot approve: not by a second session, nor by a key he made, nor what such a key asked", async () => {
    const { holdId, approvalId } = await askRelease();
    is(await approve(ada, approvalId), 403);
    is(await approve(await ada.again(), approvalId), 403);
    const wanted = { name: "mine", permissions: ["approvals:read", "approvals:decide", "holds:release"] };
    const made = is<{ key: string }>(await ada.call("POST", "/api/v1/api-keys", wanted), 201);
    is(await appliance.call(made.key, "POST", `/api/v1/approvals/${approvalId}/approve`), 403);
    // A key of hers asks: then it is she who asked.
    const other = await placeHold();
    const asked = await appliance.call(made.key, "POST", `/api/v1/holds/${other}/release`, { reason: "by key" });
    const { approval } = is<{ approval: Approval & { person: string } }>(asked, 202);
    assert.equal(approval.person, ada.userId);
    is(await approve(ada, approval.approvalId), 403);
    assert.equal(await released(holdId), false);
    assert.equal(await released(other), false);
    is(await approve(ben, approval.approvalId), 200);
    assert.equal(await released(other), true);
  });

  it("a person without the permission of the act, the right to decide or a fresh second factor decides nothing", async () => {
    const { approvalId } = await askRelease();
    const admin = await persons.make(tenant.tenantId, "adam", [{ role: "admin" }]);
    is(await approve(admin, approvalId), 403);
    const role = { name: "Deciders", permissions: ["approvals:read", "approvals:decide"] };
    const { roleId } = is<{ roleId: string }>(await ada.call("POST", "/api/v1/roles", role), 201);
    const decider = await persons.make(tenant.tenantId, "dora", [{ role: { roleId } }]);
    is(await approve(decider, approvalId), 403);
    const site = await persons.make(tenant.tenantId, "sue", [{ role: "owner", sites: [siteId] }]);
    // Her sites are not all that the request runs over: for her it is not there.
    is(await approve(site, approvalId), 404);
    const weak = await ben.again(1);
    const answer = await approve(weak, approvalId);
    is(answer, 403);
    assert.match(answer.body, /second factor/);
    is(await approve(ben, approvalId), 200);
  });

  it("who reads a request is told how they stand to it, as deciding itself would", async () => {
    const { approvalId } = await askRelease();
    const auditor = await persons.make(tenant.tenantId, "anna", [{ role: "auditor" }]);
    const standing = async (by: Person): Promise<string[]> => {
      const { approvals } = is<{ approvals: { approvalId: string; standing: string }[] }>(
        await by.call("GET", "/api/v1/approvals"),
        200,
      );
      const one = is<{ standing: string }>(await by.call("GET", `/api/v1/approvals/${approvalId}`), 200);
      return [approvals.find((each) => each.approvalId === approvalId)!.standing, one.standing];
    };
    assert.deepEqual(await standing(ada), ["asked", "asked"]);
    assert.deepEqual(await standing(ben), ["may-decide", "may-decide"]);
    assert.deepEqual(await standing(auditor), ["not-entitled", "not-entitled"]);
    const byKey = is<{ standing: string }>(await key("GET", `/approvals/${approvalId}`), 200);
    assert.equal(byKey.standing, "not-entitled", "a key with every permission is no person");
    is(await ben.call("POST", `/api/v1/approvals/${approvalId}/refuse`, { reason: "no" }), 200);
    assert.deepEqual(await standing(ben), ["ended", "ended"]);
  });

  it("two approvals at once do it once", async () => {
    const cleo = await persons.make(tenant.tenantId, "cleo", [{ role: "owner" }]);
    for (let round = 0; round < 5; round++) {
      const { holdId, approvalId } = await askRelease();
      const answers = await Promise.all([ben, cleo, ben, cleo].map((by) => approve(by, approvalId)));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409, 409]);
      assert.equal((await rows(holdId)).filter((row) => row.endsWith("ledger.hold.released")).length, 1);
      assert.equal((await rows(approvalId)).length, 3);
    }
    await persons.deactivate(tenant.tenantId, cleo.userId);
  });

  it("refused, withdrawn and expired requests do nothing, ever", async () => {
    const first = await askRelease();
    is(await ben.call("POST", `/api/v1/approvals/${first.approvalId}/refuse`, { reason: "the case is open" }), 200);
    is(await approve(ben, first.approvalId), 409);
    const second = await askRelease();
    is(await ben.call("DELETE", `/api/v1/approvals/${second.approvalId}`), 403);
    is(await ada.call("DELETE", `/api/v1/approvals/${second.approvalId}`), 200);
    is(await approve(ben, second.approvalId), 409);
    const third = await askRelease();
    await tamper("update approvals set expires_at = now() where approval_id = $1", [third.approvalId]);
    const answer = await approve(ben, third.approvalId);
    is(answer, 409);
    assert.match(answer.body, /expired/);
    for (const { holdId } of [first, second, third]) assert.equal(await released(holdId), false);
    const { approvals } = is<{ approvals: Approval[] }>(await ben.call("GET", "/api/v1/approvals?state=expired"), 200);
    assert.ok(approvals.some(({ approvalId }) => approvalId === third.approvalId));
  });

  it("the request of somebody who is gone, or lost the right, is not done", async () => {
    const eve = await persons.make(tenant.tenantId, "eve", [{ role: "owner" }]);
    const gone = await askRelease(eve);
    await persons.deactivate(tenant.tenantId, eve.userId);
    const answer = await approve(ben, gone.approvalId);
    is(answer, 409);
    assert.match(answer.body, /may no longer/);
    assert.equal(await released(gone.holdId), false);
    const fay = await persons.make(tenant.tenantId, "fay", [{ role: "owner" }]);
    const less = await askRelease(fay);
    const { grants } = is<{ grants: { grantId: string }[] }>(
      await ada.call("GET", `/api/v1/grants?userId=${fay.userId}`),
      200,
    );
    is(await ada.call("DELETE", `/api/v1/grants/${grants[0]!.grantId}`), 204);
    is(await approve(ben, less.approvalId), 409);
    assert.equal(await released(less.holdId), false);
  });

  it("content changed in the database is noticed; were the ledger's row not asked, it would run", async () => {
    const birch = await appliance.createTenant("Birch");
    const eve = await persons.make(birch.tenantId, "eve", [{ role: "owner" }]);
    const max = await persons.make(birch.tenantId, "max", [{ role: "owner" }]);
    const rule = { approvalHours: 24, rules: [{ act: "evidence.export", secondPerson: "on" }] };
    is(await eve.call("PATCH", "/api/v1/approval-rules", rule), 200);
    const ask = async (): Promise<string> => {
      const wanted = { from: "2026-11-01T00:00:00Z", to: "2026-11-02T00:00:00Z" };
      return is<{ approval: Approval }>(await eve.call("POST", "/api/v1/exports", wanted), 202).approval.approvalId;
    };
    const [first, second] = [await ask(), await ask()];
    // Somebody with hands on the database says that the other had asked: then Eve could approve her own.
    await tamper("update approvals set person = $2::uuid, requested_by = $2::uuid::text where approval_id = $1", [
      first,
      max.userId,
    ]);
    const answer = await approve(eve, first);
    is(answer, 409);
    assert.match(answer.body, /not what was asked/);
    // Another request's sealed content does not fit either.
    await tamper(
      "update approvals a set request = b.request from approvals b where a.approval_id = $1 and b.approval_id = $2",
      [second, first],
    );
    is(await approve(max, second), 409);
    // The row alone stood against it: once that was rewritten too, Eve approves alone; and the chain tells.
    const changed = await persons.inTenant(birch.tenantId, (tx) => selectApproval(tx, first));
    const commits = `commit request ${commitmentOf(changed!).toString("hex")}\n`;
    const place = [birch.tenantId, changed!.seq];
    const rewrite = "update ledger.rows set commits = $3 where tenant_id = $1 and seq = $2";
    const { rows: before } = await appliance.superuser.query<{ commits: string }>(
      "select commits from ledger.rows where tenant_id = $1 and seq = $2",
      place,
    );
    await tamper(rewrite, [...place, commits]);
    is(await approve(eve, first), 200);
    await assert.rejects(appliance.cli(["verify", "--tenant", birch.tenantId]));
    // With the chain as it is, no app starts again.
    await tamper(rewrite, [...place, before[0]!.commits]);
  });

  /** As a superuser who switches off what would record him. */
  async function tamper(sql: string, params: unknown[]): Promise<void> {
    const client = await appliance.superuser.connect();
    try {
      await client.query("alter table approvals disable trigger user");
      await client.query("alter table ledger.rows disable trigger user");
      await client.query(sql, params);
    } finally {
      for (const each of ["note_insert", "note_update", "note_delete", "keep_decision"]) {
        await client.query(`alter table approvals enable always trigger ${each}`);
      }
      await client.query("alter table ledger.rows enable always trigger insert_only");
      client.release(true);
    }
  }

  it("an app killed at any moment of an approval has done all of it or nothing", async () => {
    let done = 0;
    for (const delayMs of [3, 8, 15, 30, 60]) {
      const { holdId, approvalId } = await askRelease();
      const answer = approve(ben, approvalId).then(
        ({ status }) => status,
        () => "cut",
      );
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      await appliance.app.kill();
      await answer;
      await appliance.app.start();
      const state = is<Approval>(await ben.call("GET", `/api/v1/approvals/${approvalId}`), 200).state;
      assert.equal(state === "executed", await released(holdId), `after ${delayMs} ms: ${state}`);
      if (state === "executed") done++;
      else is(await approve(ben, approvalId), 200);
      assert.equal((await rows(holdId)).filter((row) => row.endsWith("ledger.hold.released")).length, 1);
    }
    assert.ok(done <= 5);
    await verify();
  });

  it("shortening waits for a second person, lengthening does not; then the cooling-off begins", async () => {
    const path = `/api/v1/sites/${siteId}/retention`;
    is(await ada.call("PUT", path, { imageDays: 40, eventDays: 400 }), 200);
    const { approval } = is<{ approval: Approval }>(await ada.call("PUT", path, { imageDays: 5, eventDays: 10 }), 202);
    const before = is<{ pending: unknown }>(await ada.call("GET", path), 200);
    assert.equal(before.pending, null);
    is(await approve(ben, approval.approvalId), 200);
    const after = is<{ pending: { eventDays: number; effectiveAt: string } }>(await ada.call("GET", path), 200);
    assert.equal(after.pending.eventDays, 10);
    const hours = (Date.parse(after.pending.effectiveAt) - Date.now()) / 3_600_000;
    assert.ok(hours > 23 && hours < 25, `${hours} h`);
  });

  it("an erasure that was approved names its approver in the tombstone's reason", async () => {
    const event = {
      id: makeUuidv7(Date.now(), randomBytes(10)),
      kind: "x",
      occurred: new Date().toISOString(),
      body: {},
    };
    // A site of its own: holds that were not released stand on the other.
    const free = (await key("POST", "/sites", { name: "Yard" })).json<{ siteId: string }>().siteId;
    is(await key("POST", `/events?site=${free}`, [{ ...event, subjects: ["plate:AB12CDE"] }]), 200);
    const { approval } = is<{ approval: Approval }>(
      await ada.call("POST", "/api/v1/erasure-requests", { subject: "plate:AB12CDE", reason: "asked by the driver" }),
      202,
    );
    const { answer } = is<{ answer: { body: { requestId: string } } }>(await approve(ben, approval.approvalId), 200);
    const { rows: found } = await appliance.superuser.query(
      "select requested_by, approved_by_type, approved_by from erasure_requests where request_id = $1",
      [answer.body.requestId],
    );
    assert.deepEqual(found[0], { requested_by: ada.userId, approved_by_type: "user", approved_by: ben.userId });
    const reason = async () => {
      const { rows: openings } = await appliance.superuser.query(
        "select content from ledger.openings where tenant_id = $1 and unit = 'reason'",
        [tenant.tenantId],
      );
      return openings.map(({ content }) => content as string).find((each) => each.includes("basis request"));
    };
    await waitUntil("the tombstone", async () => (await reason()) !== undefined, { timeoutMs: 30_000, everyMs: 200 });
    assert.match((await reason())!, new RegExp(`requester user ${ada.userId}\napprover user ${ben.userId}\n$`));
    // What ended requests still held went with it: they may name whom it is for.
    const cleared = is<{ request: unknown; answer: unknown }>(
      await ada.call("GET", `/api/v1/approvals/${approval.approvalId}`),
      200,
    );
    assert.deepEqual([cleared.request, cleared.answer], [null, null]);
    await verify();
  });

  it("an Idempotency-Key asks once", async () => {
    const holdId = await placeHold();
    const send = () =>
      ada.call("POST", `/api/v1/holds/${holdId}/release`, { reason: "x" }, { "idempotency-key": `ask-${holdId}` });
    const first = is<{ approval: Approval }>(await send(), 202);
    const second = is<{ approval: Approval }>(await send(), 202);
    assert.equal(second.approval.approvalId, first.approval.approvalId);
    is(await approve(ben, first.approval.approvalId), 200);
  });
});
