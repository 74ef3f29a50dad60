import assert from "node:assert/strict";
import { createServer } from "node:net";
import { createMailer, type Mail } from "../../src/platform/mail.ts";
import { isMailAddress, parseSender } from "../../src/platform/mail-address.ts";
import { freePort } from "../support/ports.ts";
import { startSmtp } from "../support/smtp.ts";

const mail: Mail = { to: "jo@site.example", subject: "Grüße – 測試", text: "Guten Tag,\n\n.\nein Punkt.\n" };

describe("platform: mail over SMTP", () => {
  for (const tls of ["starttls", "tls", "none"] as const) {
    it(`a text mail arrives whole over ${tls}`, async () => {
      const smtp = await startSmtp({ tls });
      try {
        await (await createMailer(smtp.section)).send({ ...mail, messageId: "m-1" });
        const [taken] = await smtp.mails();
        assert.deepEqual([taken!.from, taken!.to], ["ledgerstone@site.example", ["jo@site.example"]]);
        assert.equal(taken!.headers.subject, mail.subject);
        assert.equal(taken!.headers["message-id"], "<m-1@site.example>");
        assert.equal(taken!.headers["auto-submitted"], "auto-generated");
        assert.match(taken!.headers["content-type"]!, /^text\/plain/);
        assert.equal(taken!.text.trim(), mail.text.trim());
        assert.equal(taken!.tls, tls !== "none");
      } finally {
        await smtp.stop();
      }
    });
  }

  it("logs in, and a wrong password is a failure that may pass, told without the recipient", async () => {
    const smtp = await startSmtp({ login: { user: "ledgerstone", password: "correct horse" } });
    const other = await startSmtp({ login: { user: "ledgerstone", password: "battery staple" } });
    try {
      await (await createMailer(smtp.section)).send(mail);
      assert.equal((await smtp.mails())[0]!.user, "ledgerstone");
      const wrong = await createMailer({ ...smtp.section, passwordFile: other.section.passwordFile! });
      await assert.rejects(wrong.send(mail), (error: Error & { code: string }) => {
        assert.equal(error.code, "mail-failed");
        assert.doesNotMatch(JSON.stringify(error) + error.message, /jo@site/);
        return true;
      });
    } finally {
      await smtp.stop();
      await other.stop();
    }
  });

  it("does not fall back: no STARTTLS, a strange CA and a wrong name all refuse, and each would pass without the check", async () => {
    const plain = await startSmtp({ tls: "none" });
    const other = await startSmtp({ certificateFor: "mail.elsewhere.example" });
    const good = await startSmtp();
    try {
      const fails = async (section: typeof plain.section) =>
        assert.rejects((await createMailer(section)).send(mail), { code: "mail-failed" });
      await fails({ ...plain.section, tls: "starttls" });
      await fails({ ...good.section, caFile: other.section.caFile });
      await fails(other.section);
      assert.deepEqual([...(await plain.mails()), ...(await other.mails()), ...(await good.mails())], []);
      await (await createMailer(plain.section)).send(mail);
      await (await createMailer(good.section)).send(mail);
    } finally {
      for (const each of [plain, other, good]) await each.stop();
    }
  });

  it("tells what is refused for good from what may pass, and a dead or silent server from both", async () => {
    const smtp = await startSmtp();
    const mute = createServer(() => {}).listen(await freePort(), "127.0.0.1");
    try {
      const mailer = await createMailer(smtp.section);
      await assert.rejects(mailer.send({ ...mail, to: "x@refused.example" }), { code: "mail-refused" });
      await assert.rejects(mailer.send({ ...mail, to: "x@later.example" }), { code: "mail-failed" });
      await smtp.kill();
      await assert.rejects(mailer.send(mail), { code: "mail-failed" });
      const { port } = mute.address() as { port: number };
      const silent = await createMailer({ ...smtp.section, port });
      const begun = Date.now();
      await assert.rejects(silent.send(mail), { code: "mail-failed" });
      assert.ok(Date.now() - begun < 31_000);
    } finally {
      mute.close();
      await smtp.stop();
    }
  }).timeout(60_000);

  it("refuses what would be another header, another recipient or another mail", async () => {
    const smtp = await startSmtp({ tls: "none" });
    try {
      const mailer = await createMailer(smtp.section);
      const hostile: Partial<Mail>[] = [
        { to: "jo@site.example\r\nBcc: eve@evil.example" },
        { to: "jo@site.example, eve@evil.example" },
        { to: "jo@site.example eve@evil.example" },
        { to: "Jo <jo@site.example>" },
        { to: '"jo@site.example\u0000"@evil.example' },
        { to: "jo@site.example>\r\nRCPT TO:<eve@evil.example" },
        { subject: "Hello\r\nBcc: eve@evil.example" },
        { subject: "Hello\nX: y" },
        { subject: "Hello\u2028X\u0085\u0000" },
        { subject: "" },
        { messageId: "a>\r\nBcc: eve@evil.example" },
      ];
      for (const change of hostile) await assert.rejects(mailer.send({ ...mail, ...change }), { code: "invalid" });
      // The body may say anything: it stays the body.
      await mailer.send({ ...mail, text: "Bcc: eve@evil.example\r\n.\r\nMAIL FROM:<eve@evil.example>\r\n" });
      const [only, ...more] = await smtp.mails();
      assert.deepEqual([only!.to, only!.headers.bcc, more], [["jo@site.example"], undefined, []]);
    } finally {
      await smtp.stop();
    }
  });

  it("an address is one mailbox, a sender an address with a name at most", () => {
    for (const good of ["a@b", "first.last+tag@mail.b.example", "o'neil@b.example"])
      assert.ok(isMailAddress(good), good);
    for (const bad of [
      "",
      "a",
      "@b",
      "a@",
      "a@b@c",
      ".a@b",
      "a..b@c",
      "a@-b",
      "a@b-",
      "a b@c",
      "a@b.",
      `${"x".repeat(65)}@b`,
    ])
      assert.ok(!isMailAddress(bad), bad);
    assert.deepEqual(parseSender("Lot 7 <a@b.example>"), { name: "Lot 7", address: "a@b.example" });
    assert.deepEqual(parseSender("a@b.example"), { name: "", address: "a@b.example" });
    for (const bad of ["a@b, c@d", "X <a@b>, Y <c@d>", "X\r\nBcc: e@f <a@b>", '"X" <a@b>', "<a@b> x"])
      assert.equal(parseSender(bad), undefined, bad);
  });
});
