import assert from "node:assert/strict";
import { createPasswordHasher } from "../../../src/identity/index.ts";
import { changePassword } from "../../../src/identity/local/change-password.ts";
import { setPasswordByLink } from "../../../src/identity/local/links.ts";
import { signInByPassword, signInBySecondFactor } from "../../../src/identity/local/sign-in.ts";
import { TooManyTries, takeTry, unlockAccount } from "../../../src/identity/local/tries.ts";
import { createSessionVerifier } from "../../../src/identity/sessions/verify.ts";
import { addTotp, codeOf, isCode, type LocalWorld, localWorld, makeAccount, password, userPrincipal } from "./world.ts";

describe("identity: one-time links", () => {
  let world: LocalWorld;
  before(async () => {
    world = await localWorld();
  });
  after(() => world.stop());

  it("a link sets one password, once", async () => {
    const { token } = await makeAccount(world, "linus", { setPassword: false });
    const entered = await setPasswordByLink(world.deps, world.knock, { token, password });
    assert.equal(entered.state, "signed-in");
    const again = setPasswordByLink(world.deps, world.knock, { token, password });
    await assert.rejects(again, isCode("sign-in-refused"));
    assert.equal((await world.unit("sign-in.refused")).reason, "link");
  });

  it("two who use a link at once: one wins", async () => {
    const { token } = await makeAccount(world, "lina", { setPassword: false });
    const both = await Promise.allSettled(
      [1, 2].map(() => setPasswordByLink(world.deps, world.knock, { token, password })),
    );
    assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  });

  it("a weak password spends no link", async () => {
    const { token } = await makeAccount(world, "lea", { setPassword: false });
    for (const weak of ["short", "password1234", "lea Muster 2026", "qwertyuiop12", "Müller & Söhne 1"]) {
      await assert.rejects(
        setPasswordByLink(world.deps, world.knock, { token, password: weak }),
        isCode("invalid"),
        weak,
      );
    }
    await setPasswordByLink(world.deps, world.knock, { token, password });
  });

  it("72 hours later, or by a newer one, it is dead", async () => {
    const { userId, token } = await makeAccount(world, "leo", { setPassword: false });
    await world.database.superuser.query(
      "update sign_in_links set expires_at = now() - interval '1 second' where user_id = $1",
      [userId],
    );
    const late = setPasswordByLink(world.deps, world.knock, { token, password });
    await assert.rejects(late, isCode("sign-in-refused"));
  });

  it("no token of a link is in the database", async () => {
    const { token } = await makeAccount(world, "luca", { setPassword: false });
    const { rows } = await world.database.superuser.query("select * from sign_in_links");
    assert.ok(rows.length > 0);
    const hex = Buffer.from(token, "base64url").toString("hex");
    for (const row of rows) assert.ok(!JSON.stringify(row).includes(token) && !row.token_hash.includes(hex));
  });
});

describe("identity: sign-in by password", () => {
  let world: LocalWorld;
  const hasher = createPasswordHasher();
  const verified: (string | undefined)[] = [];
  before(async () => {
    world = await localWorld({
      passwords: {
        hash: hasher.hash,
        verify: async (hash, given) => {
          verified.push(hash);
          return hasher.verify(hash, given);
        },
      },
    });
    await makeAccount(world, "anna", { role: "owner" });
  });
  after(() => world.stop());
  const signIn = (userName: string, given = password) =>
    signInByPassword(world.deps, world.knock, { userName, password: given });

  it("the right password begins a session, without case in the name", async () => {
    const entered = await signIn("ANNA");
    assert.equal(entered.state, "signed-in");
  });

  it("a wrong password, a name that nobody has, one without a password and a deactivated one get one answer, and all cost argon2", async () => {
    await makeAccount(world, "unset", { setPassword: false });
    const { userId } = await makeAccount(world, "gone");
    await world.database.superuser.query("update users set active = false where user_id = $1", [userId]);
    const before = verified.length;
    const answers: string[] = [];
    for (const name of ["anna", "nobody", "unset", "gone"]) {
      await assert.rejects(signIn(name, "not the right one at all"), (error: Error & { remedy?: string }) => {
        assert.ok(isCode("sign-in-refused")(error));
        answers.push(`${error.message} ${error.remedy}`);
        return true;
      });
    }
    assert.equal(new Set(answers).size, 1);
    assert.equal(verified.length - before, 4, "argon2 ran for each");
    assert.equal(verified.slice(before).filter((hash) => hash === undefined).length, 3);
    assert.deepEqual((await world.unit("sign-in.refused")).reason, "deactivated");
  });

  it("the names that were typed stand in openings alone", async () => {
    await assert.rejects(signIn("very-secret-name"));
    const { rows } = await world.database.superuser.query<{ entity: string }>(
      "select entity_type || ' ' || entity_id || ' ' || units as entity from ledger.rows where tenant_id = $1",
      [world.tenant.tenantId],
    );
    assert.ok(rows.every(({ entity }) => !entity.includes("very-secret-name")));
    assert.equal((await world.unit("sign-in.refused")).userName, "very-secret-name");
  });

  it("tries at once are counted one by one, then wait; the tenth locks accounts and nobodies alike, and unlocking ends it", async () => {
    const { userId } = await makeAccount(world, "target");
    for (const userName of ["target", "phantom"]) {
      const many = await Promise.allSettled(Array.from({ length: 12 }, () => signIn(userName, "wrong wrong wrong")));
      const looked = many.filter((each) => each.status === "rejected" && isCode("sign-in-refused")(each.reason));
      assert.equal(looked.length, 4, "three are free, the fourth makes the next one wait");
      // The waits pass.
      await world.database.superuser.query("update sign_in_tries set not_before = now(), tries = 9 where tries = 4");
      await assert.rejects(signIn(userName, "wrong wrong wrong"), isCode("sign-in-refused"));
      await assert.rejects(signIn(userName), (error) => {
        assert.ok(error instanceof TooManyTries);
        assert.ok(Number(error.headers["retry-after"]) > 800);
        return true;
      });
    }
    assert.equal((await world.actions()).filter((action) => action === "sign-in.locked").length, 2);
    await world.admin((tx) => unlockAccount(world.deps, tx, { userId, userName: "Target" }));
    assert.equal((await signIn("target")).state, "signed-in");
  });

  it("a success begins the count anew", async () => {
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 2; n++) await assert.rejects(signIn("anna", "wrong wrong wrong"));
      await signIn("anna");
    }
  });

  it("where the identity provider is enforced, only local owners come in, and that is marked", async () => {
    await makeAccount(world, "viewer");
    const told: string[] = [];
    const enforced = {
      ...world.deps,
      isSsoEnforced: async () => true,
      notify: async (_tx: unknown, _userId: string, what: string) => {
        told.push(what);
      },
    };
    await assert.rejects(
      signInByPassword(enforced, world.knock, { userName: "viewer", password }),
      /identity provider/,
    );
    // Who does not know the password learns nothing of it.
    await assert.rejects(
      signInByPassword(enforced, world.knock, { userName: "viewer", password: "not the right one" }),
      /user name or password/,
    );
    const entered = await signInByPassword(enforced, world.knock, { userName: "anna", password });
    assert.equal(entered.state, "signed-in");
    assert.equal((await world.actions()).at(-1), "session.break-glass");
    assert.deepEqual(told, ["break-glass"]);
  });

  it("a password change ends the other sessions and keeps the one that asked", async () => {
    const { userId } = await makeAccount(world, "chris");
    const [kept, other] = [await signIn("chris"), await signIn("chris")];
    assert.ok(kept.state === "signed-in" && other.state === "signed-in");
    const next = "copper lantern sixteen moss";
    const asked = { userId, sessionId: kept.session.sessionId, current: password, password: next };
    const wrong = { ...asked, current: "wrong wrong wrong" };
    await assert.rejects(changePassword(world.deps, userPrincipal(world, userId), wrong), isCode("invalid"));
    await changePassword(world.deps, userPrincipal(world, userId), asked);
    const sessions = createSessionVerifier({ pool: world.deps.pool });
    const request = { address: "10.1.2.3", correlation: crypto.randomUUID() };
    assert.ok(await sessions.verify(kept.token, request));
    assert.equal(await sessions.verify(other.token, request), undefined);
    await assert.rejects(signIn("chris"), isCode("sign-in-refused"));
    await signIn("chris", next);
  });

  it("passwords are argon2id with 64 MiB and three passes", async () => {
    const { rows } = await world.database.superuser.query<{ hash: string }>("select hash from local_passwords");
    assert.ok(
      rows.every(
        ({ hash }) =>
          hash.startsWith("$argon2id$v=19$m=65536,p=1,t=3$") || hash.startsWith("$argon2id$v=19$m=65536,t=3,p=1$"),
      ),
      rows[0]!.hash,
    );
  });

  it("beyond its queue argon2 refuses instead of taking more memory", async () => {
    const few = createPasswordHasher({ concurrency: 1, queue: 2 });
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => few.verify(undefined, "x")));
    assert.equal(results.filter(({ status }) => status === "fulfilled").length, 3);
    for (const each of results) if (each.status === "rejected") assert.ok(isCode("busy")(each.reason));
  });
});

describe("identity: a sign-in that awaits its second factor", () => {
  let world: LocalWorld;
  let userId: string;
  let secret: string;
  let recoveryCodes: string[];
  before(async () => {
    world = await localWorld();
    ({ userId } = await makeAccount(world, "anna", { role: "owner" }));
    ({ secret, recoveryCodes } = await addTotp(world, userId));
  });
  after(() => world.stop());
  beforeEach(() => {
    world.clock.now += 90_000;
  });

  async function begin(): Promise<string> {
    const entered = await signInByPassword(world.deps, world.knock, { userName: "anna", password });
    assert.ok(entered.state === "second-factor");
    assert.deepEqual(entered.methods, ["totp", "recovery"]);
    return entered.token;
  }
  const show = (token: string | undefined, code: string, kind: "totp" | "recovery" = "totp") =>
    signInBySecondFactor(world.deps, world.knock, { token, proof: { kind, code } });

  it("is no session, and becomes one of strength 2 with the code", async () => {
    const token = await begin();
    const sessions = createSessionVerifier({ pool: world.deps.pool });
    const request = { address: "10.1.2.3", correlation: crypto.randomUUID() };
    assert.equal(await sessions.verify(token, request), undefined);
    const started = await show(token, codeOf(secret, world.clock.now));
    assert.equal(started.session.strength, 2);
    assert.notEqual(started.token, token);
    assert.ok(await sessions.verify(started.token, request));
  });

  it("a code is good once, also for two who show it at once, and one step early or late", async () => {
    const code = codeOf(secret, world.clock.now);
    const tokens = [await begin(), await begin()];
    const both = await Promise.allSettled(tokens.map((token) => show(token, code)));
    assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    await assert.rejects(show(await begin(), code));
    assert.equal((await world.unit("sign-in.refused")).reason, "totp-replayed");
    world.clock.now += 90_000;
    await show(await begin(), codeOf(secret, world.clock.now + 30_000));
    await assert.rejects(show(await begin(), codeOf(secret, world.clock.now)), isCode("sign-in-refused"));
    await assert.rejects(show(await begin(), codeOf(secret, world.clock.now + 60_000)), isCode("sign-in-refused"));
  });

  it("the replay works where the newest step is forgotten: the guard is what stops it", async () => {
    const code = codeOf(secret, world.clock.now);
    await show(await begin(), code);
    await world.database.superuser.query("update factors set counter = 0");
    await show(await begin(), code);
  });

  it("five wrong codes end it, whatever comes then", async () => {
    await world.admin((tx) => unlockAccount(world.deps, tx, { userId, userName: "anna" }));
    const token = await begin();
    for (let n = 0; n < 5; n++) {
      await world.database.superuser.query("update sign_in_tries set not_before = now()");
      await assert.rejects(show(token, "000000"), isCode("sign-in-refused"));
    }
    await world.database.superuser.query("update sign_in_tries set not_before = now()");
    await assert.rejects(show(token, codeOf(secret, world.clock.now)), /took too long, or was tried too often/);
  });

  it("codes wrong ten times over several sign-ins lock the second factor, though the password was right each time", async () => {
    await world.admin((tx) => unlockAccount(world.deps, tx, { userId, userName: "anna" }));
    for (let n = 0; n < 10; n++) {
      await world.database.superuser.query("update sign_in_tries set not_before = now()");
      await assert.rejects(show(await begin(), "000000"), isCode("sign-in-refused"));
    }
    await assert.rejects(show(await begin(), codeOf(secret, world.clock.now)), isCode("too-many"));
    await world.admin((tx) => unlockAccount(world.deps, tx, { userId, userName: "anna" }));
    await show(await begin(), codeOf(secret, world.clock.now));
  });

  it("after five minutes, or in another tenant, it is nothing", async () => {
    const token = await begin();
    await world.database.superuser.query("update pending_sign_ins set expires_at = now() - interval '1 second'");
    await assert.rejects(show(token, codeOf(secret, world.clock.now)), isCode("sign-in-refused"));
    for (const wrong of [undefined, "", "x".repeat(43)]) {
      await assert.rejects(show(wrong, codeOf(secret, world.clock.now)), isCode("sign-in-refused"));
    }
  });

  it("each recovery code is good once, however it is typed; new ones end the old", async () => {
    const [first, second] = recoveryCodes as [string, string];
    await show(await begin(), first.toUpperCase().replaceAll("-", " "), "recovery");
    await assert.rejects(show(await begin(), first, "recovery"), isCode("sign-in-refused"));
    await show(await begin(), second.replaceAll("-", ""), "recovery");
    assert.equal(recoveryCodes.length, 10);
    const { rows } = await world.database.superuser.query("select * from recovery_codes");
    assert.ok(rows.every((row) => !JSON.stringify(row).includes(first)));
  });

  it("a count taken is kept where the try itself fails", async () => {
    const before = await world.admin((tx) => takeTry(world.deps, tx, { factorOf: userId }));
    await assert.rejects(show(await begin(), "000000"));
    const after = await world.admin((tx) => takeTry(world.deps, tx, { factorOf: userId }));
    assert.equal(after.tries, before.tries + 2);
  });
});
