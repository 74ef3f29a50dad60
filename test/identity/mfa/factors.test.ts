import assert from "node:assert/strict";
import {
  beginEmail,
  beginKey,
  confirmEmail,
  confirmKey,
  listFactors,
  removeFactor,
  renameFactor,
  resetFactors,
} from "../../../src/identity/mfa/factors.ts";
import { newRecoveryCodes } from "../../../src/identity/mfa/recovery-codes.ts";
import { askForEmailCode, askForKey, verifyFactor } from "../../../src/identity/mfa/verify-factor.ts";
import { relyingParty, verifyAuthentication } from "../../../src/identity/mfa/webauthn.ts";
import { addTotp, codeOf, isCode, type LocalWorld, localWorld, makeAccount } from "../local/world.ts";
import { type SoftKey, softKey } from "./soft-key.ts";

describe("identity: second factors", () => {
  let world: LocalWorld;
  let held: { holder: string; userId: string };
  before(async () => {
    world = await localWorld();
  });
  after(() => world.stop());
  beforeEach(async () => {
    const userName = `u${crypto.randomUUID().slice(0, 8)}`;
    const { userId } = await makeAccount(world, userName, { setPassword: false });
    held = { holder: crypto.randomUUID(), userId };
  });
  const named = () => ({ ...held, userName: "anna", displayName: "Anna", email: "anna@example.org" });

  describe("security keys", () => {
    async function enrol(key: SoftKey = softKey()): Promise<SoftKey> {
      const { challenge } = await world.admin((tx) => beginKey(world.deps, tx, held.holder, named()));
      const response = key.register({ challenge });
      assert.ok(await world.admin((tx) => confirmKey(world.deps, tx, held, { name: "Key", response })));
      return key;
    }
    const ask = async () => (await world.admin((tx) => askForKey(world.deps, tx, held))).challenge;
    const show = (response: object, by = held) =>
      world.admin(async (tx) => {
        const outcome = await verifyFactor(world.deps, tx, by, { kind: "webauthn", response: response as never });
        // What changed needs its row, as the callers give it.
        if (outcome.ok) await newRecoveryCodes(world.deps, tx, by.userId);
        return outcome;
      });
    const refused = { ok: false, reason: "webauthn" } as const;

    it("a key that was enrolled signs in, counting or not", async () => {
      const key = await enrol();
      assert.ok((await show(key.sign({ challenge: await ask(), counter: 0 }))).ok);
      assert.ok((await show(key.sign({ challenge: await ask(), counter: 7 }))).ok);
      const other = await enrol();
      assert.ok((await show(other.sign({ challenge: await ask(), counter: 1 }))).ok);
      const { factors } = await world.admin((tx) => listFactors(world.deps, tx, named()));
      assert.equal(factors.length, 2);
    });

    it("another origin, another relying party, no user verification, another type: refused", async () => {
      const key = await enrol();
      assert.deepEqual(
        await show(key.sign({ challenge: await ask(), origin: "https://ledgerstone.example.evil" })),
        refused,
      );
      assert.deepEqual(await show(key.sign({ challenge: await ask(), rpId: "evil.example" })), refused);
      assert.deepEqual(await show(key.sign({ challenge: await ask(), userVerified: false })), refused);
      assert.deepEqual(await show(key.register({ challenge: await ask() })), refused);
      assert.deepEqual(await show(softKey().sign({ challenge: await ask() })), refused);
    });

    it("a challenge is good once, also after a wrong answer, and for who asked alone", async () => {
      const key = await enrol();
      const challenge = await ask();
      const response = key.sign({ challenge, counter: 1 });
      assert.deepEqual(await show(key.sign({ challenge, origin: "https://evil.example", counter: 1 })), refused);
      assert.deepEqual(await show(response), refused, "the wrong answer spent it");
      const fresh = key.sign({ challenge: await ask(), counter: 2 });
      assert.deepEqual(await show(fresh, { ...held, holder: crypto.randomUUID() }), refused, "another sign-in's");
      assert.ok((await show(fresh)).ok);
      assert.deepEqual(await show(fresh), refused, "replayed");
      const twice = key.sign({ challenge: await ask(), counter: 9 });
      const both = await Promise.all([show(twice), show(twice)]);
      assert.deepEqual(both.map(({ ok }) => ok).sort(), [false, true]);
    });

    it("a challenge that ran out is none", async () => {
      const key = await enrol();
      const challenge = await ask();
      await world.database.superuser.query("update factor_challenges set expires_at = now() - interval '1 second'");
      assert.deepEqual(await show(key.sign({ challenge, counter: 3 })), refused);
    });

    it("a counter that does not rise tells of a copy of the key", async () => {
      const key = await enrol();
      assert.ok((await show(key.sign({ challenge: await ask(), counter: 5 }))).ok);
      for (const counter of [5, 4, 0]) {
        const outcome = await show(key.sign({ challenge: await ask(), counter }));
        assert.deepEqual(outcome, { ok: false, reason: "webauthn-counter" }, String(counter));
      }
      // Where the newest counter is forgotten, the copy comes in: the guard is what stops it.
      await world.database.superuser.query("update factors set counter = 0 where user_id = $1", [held.userId]);
      assert.ok((await show(key.sign({ challenge: await ask(), counter: 5 }))).ok);
    });

    it("enrolment refuses another origin, an old challenge and a key without user verification", async () => {
      const key = softKey();
      for (const lie of [{ origin: "https://evil.example" }, { rpId: "evil.example" }, { userVerified: false }]) {
        const { challenge } = await world.admin((tx) => beginKey(world.deps, tx, held.holder, named()));
        const response = key.register({ challenge, ...lie });
        const confirm = () => world.admin((tx) => confirmKey(world.deps, tx, held, { name: "Key", response }));
        assert.equal(await confirm(), null);
        await assert.rejects(confirm(), isCode("invalid"), "the challenge is spent");
      }
    });

    it("a key of one account is nothing for another", async () => {
      const key = await enrol();
      const first = held;
      const { userId } = await makeAccount(world, "somebody-else", { setPassword: false });
      held = { holder: crypto.randomUUID(), userId };
      await enrol();
      assert.deepEqual(await show(key.sign({ challenge: await ask(), counter: 1 })), refused);
      held = first;
      assert.ok((await show(key.sign({ challenge: await ask(), counter: 1 }))).ok);
    });

    it("the library alone takes a signature of an old counter: the counter is looked at by us", async () => {
      const party = relyingParty("https://ledgerstone.example");
      const key = await enrol();
      const { rows } = await world.database.superuser.query("select sealed from factors where user_id = $1", [
        held.userId,
      ]);
      const opened = await world.admin((tx) => world.deps.unseal(tx, `webauthn ${held.userId}`, rows[0].sealed));
      const { publicKey } = JSON.parse(opened.toString());
      const challenge = await ask();
      const check = (counter: number) =>
        verifyAuthentication(party, challenge, { id: key.id, publicKey, counter }, key.sign({ challenge, counter: 3 }));
      assert.deepEqual(await check(2), { ok: true, counter: 3 });
      assert.deepEqual(await check(3), { ok: false, reason: "webauthn-counter" });
    });

    it("without a DNS name there are none, and that is said", async () => {
      for (const publicUrl of [undefined, "https://10.1.2.3:8443", "https://[2001:db8::1]"]) {
        const deps = { ...world.deps, publicUrl };
        await assert.rejects(
          world.admin((tx) => beginKey(deps, tx, held.holder, named())),
          /security keys and passkeys need a DNS name/,
        );
        const { possible } = await world.admin((tx) => listFactors(deps, tx, named()));
        assert.deepEqual(possible, ["totp", "email"]);
      }
    });
  });

  describe("codes by e-mail", () => {
    const codeIn = (text: string) => /\b(\d{6})\b/.exec(text)![1]!;
    async function enrol(): Promise<void> {
      const mail = await world.admin((tx) => beginEmail(world.deps, tx, held.holder, named()));
      assert.equal(mail.to, "anna@example.org");
      const code = codeIn(mail.text);
      assert.ok(await world.admin((tx) => confirmEmail(world.deps, tx, held, { name: "E-mail", code })));
    }
    const show = (code: string, by = held) =>
      world.admin(async (tx) => {
        const outcome = await verifyFactor(world.deps, tx, by, { kind: "email", code });
        if (outcome.ok) await newRecoveryCodes(world.deps, tx, by.userId);
        return outcome.ok;
      });
    const other = (code: string) => (code === "123456" ? "654321" : "123456");

    it("a code is good once, for who asked alone, and five wrong ones end it", async () => {
      await enrol();
      const send = async () => codeIn((await world.admin((tx) => askForEmailCode(world.deps, tx, held))).text);
      const code = await send();
      assert.equal(await show(code, { ...held, holder: crypto.randomUUID() }), false);
      assert.equal(await show(other(code)), false);
      assert.equal(await show(code), true);
      assert.equal(await show(code), false);
      const next = await send();
      for (let n = 0; n < 5; n++) assert.equal(await show(other(next)), false);
      assert.equal(await show(next), false, "the right one comes too late");
      const [old, newest] = [await send(), await send()];
      if (old !== newest) assert.equal(await show(old), false);
      assert.equal(await show(newest), true);
    });

    it("goes to the address that was enrolled, whatever an administrator writes into the account", async () => {
      await enrol();
      await world.database.superuser.query("update users set email = 'thief@example.org' where user_id = $1", [
        held.userId,
      ]);
      const mail = await world.admin((tx) => askForEmailCode(world.deps, tx, held));
      assert.equal(mail.to, "anna@example.org");
    });

    it("no code stands in the database to be read", async () => {
      await enrol();
      const mail = await world.admin((tx) => askForEmailCode(world.deps, tx, held));
      const { rows } = await world.database.superuser.query("select sealed from factor_challenges");
      assert.ok(rows.every(({ sealed }) => !sealed.toString("latin1").includes(codeIn(mail.text))));
    });

    it("without an SMTP server there are none", async () => {
      const deps = { ...world.deps, mailer: undefined };
      await assert.rejects(
        world.admin((tx) => beginEmail(deps, tx, held.holder, named())),
        isCode("conflict"),
      );
    });
  });

  it("a seed stands sealed in the database, and opens for its person alone", async () => {
    const { secret } = await addTotp(world, held.userId);
    const { rows } = await world.database.superuser.query("select sealed from factors where user_id = $1", [
      held.userId,
    ]);
    assert.ok(!rows[0].sealed.toString("latin1").includes(secret));
    await assert.rejects(
      world.admin((tx) => world.deps.unseal(tx, `totp ${crypto.randomUUID()}`, rows[0].sealed)),
      isCode("sealed-broken"),
    );
  });

  it("a code, or a recovery code, is no second factor of somebody who has none", async () => {
    const codes = await world.admin((tx) => newRecoveryCodes(world.deps, tx, held.userId));
    const proof = { kind: "recovery", code: codes[0]! } as const;
    assert.equal((await world.admin((tx) => verifyFactor(world.deps, tx, held, proof))).ok, false);
  });

  it("the last factor stays where one is required; the recovery codes go with the last", async () => {
    await addTotp(world, held.userId);
    const { secret } = await addTotp(world, held.userId);
    const list = () => world.admin((tx) => listFactors(world.deps, tx, named()));
    const [first, second] = (await list()).factors;
    const remove = (factorId: string, required: boolean) =>
      world.admin((tx) => removeFactor(world.deps, tx, { userId: held.userId, factorId, required }));
    await remove(first!.factorId, true);
    await assert.rejects(remove(second!.factorId, true), isCode("conflict"));
    const proof = { kind: "totp", code: codeOf(secret, world.clock.now) } as const;
    await remove(second!.factorId, false);
    assert.deepEqual(await list(), { factors: [], recoveryCodesLeft: 0, possible: ["totp", "webauthn", "email"] });
    assert.equal((await world.admin((tx) => verifyFactor(world.deps, tx, held, proof))).ok, false);
  });

  it("two who remove the last two at once leave one", async () => {
    await addTotp(world, held.userId);
    await addTotp(world, held.userId);
    const { factors } = await world.admin((tx) => listFactors(world.deps, tx, named()));
    const both = await Promise.allSettled(
      factors.map(({ factorId }) =>
        world.admin((tx) => removeFactor(world.deps, tx, { userId: held.userId, factorId, required: true })),
      ),
    );
    assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  });

  it("nobody names or removes another's factor", async () => {
    await addTotp(world, held.userId);
    const [factor] = (await world.admin((tx) => listFactors(world.deps, tx, named()))).factors;
    const { factorId } = factor!;
    const thief = crypto.randomUUID();
    await assert.rejects(
      world.admin((tx) => renameFactor(world.deps, tx, thief, { factorId, name: "x" })),
      isCode("not-found"),
    );
    await assert.rejects(
      world.admin((tx) => removeFactor(world.deps, tx, { userId: thief, factorId, required: false })),
      isCode("not-found"),
    );
  });

  it("a reset takes all of a person's factors and codes", async () => {
    await addTotp(world, held.userId);
    assert.equal(await world.admin((tx) => resetFactors(world.deps, tx, held.userId)), 1);
    const { factors, recoveryCodesLeft } = await world.admin((tx) => listFactors(world.deps, tx, named()));
    assert.deepEqual([factors.length, recoveryCodesLeft], [0, 0]);
    assert.equal((await world.actions()).at(-1), "factors.reset");
  });
});
