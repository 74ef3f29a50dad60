import assert from "node:assert/strict";
import { appendRow } from "../../../src/audit/index.ts";
import { queueMail } from "../../../src/identity/index.ts";
import { delayAfter } from "../../../src/identity/notices/send-mail.ts";
import type { SeededTenant } from "../../support/seed.ts";
import { type SmtpServer, startSmtp } from "../../support/smtp.ts";
import { type Lab, startLab } from "./fixture.ts";

describe("identity: mails on their way", () => {
  let smtp: SmtpServer;
  let lab: Lab;
  before(async () => {
    smtp = await startSmtp({ login: { user: "ledgerstone", password: "correct horse" } });
    lab = await startLab(smtp);
  });
  after(async () => {
    await lab?.stop();
    await smtp?.stop();
  });

  const queue = (tenant: SeededTenant, to: string, subject = "Hello") =>
    lab.as(tenant, (tx) => queueMail(lab.deps, tx, { to, subject, text: "the secret text", about: null }));
  const waitingNow = (tenant: SeededTenant) =>
    lab.database.superuser.query(
      "update tasks set run_after = clock_timestamp() where tenant_id = $1 and state = 'waiting'",
      [tenant.tenantId],
    );
  const left = async (tenant: SeededTenant) =>
    (await lab.database.superuser.query("select sealed from mails where tenant_id = $1", [tenant.tenantId])).rows;

  it("a queued mail goes out once, and nothing of it is left", async () => {
    const tenant = await lab.tenant();
    assert.equal(await queue(tenant, "one@site.example"), true);
    const [outcome] = await lab.sendDue(tenant);
    assert.equal(outcome?.ran && outcome.result.state, "done");
    const mail = await smtp.mailTo("one@site.example");
    assert.deepEqual([mail.headers.subject, mail.text.trim(), mail.tls], ["Hello", "the secret text", true]);
    assert.deepEqual(await left(tenant), []);
    assert.deepEqual(await lab.sendDue(tenant), []);
  });

  it("a dead server loses nothing: the mail waits, longer each time, and goes out when the server is back", async () => {
    const tenant = await lab.tenant();
    await smtp.kill();
    await queue(tenant, "two@site.example");
    for (let attempt = 1; attempt <= 3; attempt++) {
      const [outcome] = await lab.sendDue(tenant);
      assert.ok(outcome?.ran && outcome.result.state === "waiting");
      assert.equal(outcome.result.until, delayAfter(attempt));
      assert.deepEqual(await lab.sendDue(tenant), [], "it is not due at once");
      await waitingNow(tenant);
    }
    await smtp.start();
    const [outcome] = await lab.sendDue(tenant);
    assert.equal(outcome?.ran && outcome.result.state, "done");
    await smtp.mailTo("two@site.example");
    assert.equal((await smtp.mails()).filter((mail) => mail.to.includes("two@site.example")).length, 1);
  });

  it("what the server refuses for good is given up, what it defers is tried again", async () => {
    const tenant = await lab.tenant();
    await queue(tenant, "x@refused.example");
    await queue(tenant, "x@later.example");
    await queue(tenant, "not an address");
    const outcomes = await lab.sendDue(tenant);
    const states = outcomes.map(
      (each) => each.ran && [each.result.state, JSON.stringify(each.result).includes("givenUp")],
    );
    assert.deepEqual(states, [
      ["done", true],
      ["waiting", false],
      ["done", true],
    ]);
    assert.equal((await left(tenant)).length, 1);
    await lab.database.superuser.query("update mails set made_at = made_at - interval '8 days'");
    await waitingNow(tenant);
    await lab.sendDue(tenant);
    assert.deepEqual(await left(tenant), []);
  });

  it("lies sealed under its tenant's key: neither the table nor the task tells it, and no other tenant's mail opens", async () => {
    const [alder, birch] = [await lab.tenant("Alder"), await lab.tenant("Birch")];
    await queue(alder, "three@site.example", "Secret subject");
    await queue(birch, "four@site.example");
    const { rows } = await lab.database.superuser.query(
      "select m.sealed, t.arguments::text, t.key from mails m join tasks t on t.key = m.mail_id::text where m.tenant_id = $1",
      [alder.tenantId],
    );
    const stored = JSON.stringify(rows) + rows[0].sealed.toString("latin1");
    assert.doesNotMatch(stored, /three@site|Secret subject|secret text/);
    assert.match(rows[0].arguments, /^\{"mailId":"[0-9a-f-]{36}"\}$/);
    // Another tenant's sealed bytes in this one's place do not open.
    await lab.database.superuser.query(
      "update mails set sealed = (select sealed from mails where tenant_id = $1) where tenant_id = $2",
      [alder.tenantId, birch.tenantId],
    );
    await assert.rejects(lab.sendDue(birch), /does not open/);
    assert.ok(!(await smtp.mails()).some((mail) => mail.to.includes("three@site.example")));
    await lab.as(birch, async (tx) => {
      const { rowCount } = await tx.query("select from mails where tenant_id = $1", [alder.tenantId]);
      assert.equal(rowCount, 0);
    });
  });

  it("is rolled back with the transaction that queued it", async () => {
    const tenant = await lab.tenant();
    const failing = lab.as(tenant, async (tx) => {
      await queueMail(lab.deps, tx, { to: "five@site.example", subject: "x", text: "x", about: null });
      await appendRow(tx, { action: "test.done", entity: { type: "test", id: "1" } });
      throw new Error("changed my mind");
    });
    await assert.rejects(failing, /changed my mind/);
    assert.deepEqual([await lab.sendDue(tenant), await left(tenant)], [[], []]);
  });

  it("without SMTP says so and queues nothing", async () => {
    const tenant = await lab.tenant();
    const queued = await lab.as(tenant, (tx) =>
      queueMail({}, tx, { to: "six@site.example", subject: "x", text: "x", about: null }),
    );
    assert.deepEqual([queued, await left(tenant)], [false, []]);
  });
});
