import assert from "node:assert/strict";
import { invite, withLink } from "../../../src/identity/local/administer.ts";
import { setPasswordByLink } from "../../../src/identity/local/links.ts";
import { signInByPassword, signInBySecondFactor } from "../../../src/identity/local/sign-in.ts";
import { mailSignInCode } from "../../../src/identity/local/sign-in-routes.ts";
import { sendCode } from "../../../src/identity/mfa/email-code.ts";
import { beginEmail, confirmEmail } from "../../../src/identity/mfa/factors.ts";
import { createMailer } from "../../../src/platform/mail.ts";
import { type SmtpServer, startSmtp } from "../../support/smtp.ts";
import { isCode, type LocalWorld, localWorld, makeAccount, password } from "../local/world.ts";

describe("identity: links and codes by e-mail, through a real SMTP server", function () {
  this.timeout(60_000);
  let smtp: SmtpServer;
  let world: LocalWorld;
  const address = "anna@example.org";
  const invitation = {
    ...{ userName: "anna", displayName: "Anna Muster", email: address },
    ...({ role: "viewer", siteIds: null, expiresAt: null } as const),
  };
  const make = (userName: string, email: string | null) =>
    withLink(world.deps, world.tenant.principal, async (tx) => ({
      ...(await invite(world.deps, tx, { giver: null, invitation: { ...invitation, userName, email } })),
      organisation: "Müller & Söhne AG",
    }));

  before(async () => {
    smtp = await startSmtp();
    world = await localWorld({ mailer: await createMailer(smtp.section) });
  });
  after(async () => {
    await world?.stop();
    await smtp?.stop();
  });

  it("an invitation's link reaches the person alone", async () => {
    const invited = await make("anna", address);
    assert.deepEqual([invited.link, invited.mailedTo], [null, address]);
    const { text, tls } = await smtp.mailTo(address);
    assert.ok(tls);
    const token = /\/setup\/[\w-]+#([\w-]{43})/.exec(text)![1]!;
    const entered = await setPasswordByLink(world.deps, world.knock, { token, password });
    assert.equal(entered.state, "signed-in");
  });

  it("without an address, or with a server that does not take it, the link is shown to be handed over", async () => {
    for (const email of [null, "somebody@refused.example", "somebody@later.example"]) {
      const { link, mailedTo } = await make(`guest-${crypto.randomUUID()}`, email);
      assert.match(link!.url, /#[\w-]{43}$/);
      assert.equal(mailedTo, null);
    }
  });

  it("a code that was mailed is the second factor of the sign-in that asked for it", async () => {
    const to = "bea@example.org";
    const { userId } = await makeAccount(world, "bea", { email: to });
    const held = { holder: crypto.randomUUID(), userId };
    const named = { userId, userName: "bea", displayName: "Bea", email: to };
    await sendCode(world.deps, await world.admin((tx) => beginEmail(world.deps, tx, held.holder, named)));
    const enrolled = await newestCode(to, []);
    assert.ok(await world.admin((tx) => confirmEmail(world.deps, tx, held, { name: "E-mail", code: enrolled })));

    const begin = async (): Promise<string> => {
      const entered = await signInByPassword(world.deps, world.knock, { userName: "bea", password });
      assert.ok(entered.state === "second-factor");
      assert.deepEqual(entered.methods, ["email", "recovery"]);
      return entered.token;
    };
    const [token, other] = [await begin(), await begin()];
    await mailSignInCode(world.deps, world.knock, token);
    const code = await newestCode(to, [enrolled]);
    const show = (by: string) =>
      signInBySecondFactor(world.deps, world.knock, { token: by, proof: { kind: "email", code } });
    await assert.rejects(show(other), isCode("sign-in-refused"), "another sign-in's");
    assert.equal((await show(token)).session.strength, 2);
  });

  it("a server that is away is said, and no code counts as sent", async () => {
    const { userId } = await makeAccount(world, "carl");
    const named = { userId, userName: "carl", displayName: "Carl", email: "carl@example.org" };
    const mail = await world.admin((tx) => beginEmail(world.deps, tx, crypto.randomUUID(), named));
    await smtp.kill();
    await assert.rejects(sendCode(world.deps, mail), isCode("mail-failed"));
    await smtp.start();
  });

  async function newestCode(to: string, known: readonly string[]): Promise<string> {
    const codeIn = (subject: string | undefined) => /^(\d{6}) is your/.exec(subject ?? "")?.[1];
    const mail = await smtp.mailTo(to, ({ headers }) => {
      const code = codeIn(headers.subject);
      return code !== undefined && !known.includes(code);
    });
    return codeIn(mail.headers.subject)!;
  }
});
