import assert from "node:assert/strict";
import { deviceToken, type SignInDeps, watchSignIns } from "../../../src/identity/index.ts";
import { signInByPassword, signInBySecondFactor } from "../../../src/identity/local/sign-in.ts";
import { TooManyTries, unlockAccount } from "../../../src/identity/local/tries.ts";
import { createLogger } from "../../../src/platform/logger.ts";
import { addTotp, codeOf, isCode, type LocalWorld, localWorld, makeAccount, password } from "./world.ts";

const wrong = "wrong wrong wrong";
const isLocked = (error: unknown): boolean => error instanceof TooManyTries;

describe("identity: a browser that somebody is known by", () => {
  let world: LocalWorld;
  let deps: SignInDeps;
  before(async () => {
    world = await localWorld();
    const { hashSubject } = world.deps;
    const log = createLogger("test", "silent");
    deps = { ...world.deps, watch: watchSignIns({ hashSubject, publicUrl: "https://ledgerstone.example", log }) };
  });
  after(() => world.stop());

  const from = (device: string) => ({ ...world.knock, device });
  const signIn = (device: string, userName: string, given = password) =>
    signInByPassword(deps, from(device), { userName, password: given });
  const newBrowser = (): string => deviceToken(undefined);
  /** As if eight more had been made. */
  const tenth = () =>
    world.database.superuser.query("update sign_in_tries set tries = 9, not_before = now() where tries = 1");
  async function lock(device: string, userName: string): Promise<void> {
    await assert.rejects(signIn(device, userName, wrong), isCode("sign-in-refused"));
    await tenth();
    await assert.rejects(signIn(device, userName, wrong), isCode("sign-in-refused"));
    await assert.rejects(signIn(device, userName), isLocked);
  }

  it("wrong passwords from elsewhere lock the account for everybody but the browser that its person comes with", async () => {
    await makeAccount(world, "olga", { role: "owner" });
    const [own, foreign] = [newBrowser(), newBrowser()];
    await signIn(own, "olga");
    await lock(foreign, "olga");
    await assert.rejects(signIn(newBrowser(), "Olga"), isLocked, "and from any other");
    assert.equal((await signIn(own, "OLGA")).state, "signed-in");
    await assert.rejects(signIn(foreign, "olga"), isLocked, "which gives nobody else new tries");
  });

  it("it is no way in: its own wrong tries lock it, and unlocking ends that", async () => {
    const { userId } = await makeAccount(world, "otto");
    const own = newBrowser();
    await signIn(own, "otto");
    await lock(own, "otto");
    assert.equal((await signIn(newBrowser(), "otto")).state, "signed-in", "counted apart, both ways");
    await assert.rejects(signIn(own, "otto"), isLocked);
    await world.admin((tx) => unlockAccount(deps, tx, { userId, userName: "otto" }));
    assert.equal((await signIn(own, "otto")).state, "signed-in");
  });

  it("one's own browser opens no count at another's name, nor does a cookie that was made up", async () => {
    for (const name of ["eve", "victim"]) await makeAccount(world, name);
    const eves = newBrowser();
    await signIn(eves, "eve");
    await lock(newBrowser(), "victim");
    await assert.rejects(signIn(eves, "victim", wrong), isLocked);
    await assert.rejects(signIn(newBrowser(), "victim", wrong), isLocked);
    const { rows } = await world.database.superuser.query("select 1 from sign_in_tries where user_id is not null");
    assert.equal(rows.length, 0, "and none is begun");
  });

  it("is known after the second factor alone, and then keeps that count apart, too", async () => {
    const { userId } = await makeAccount(world, "tess");
    const { secret } = await addTotp(world, userId);
    const own = newBrowser();
    const begin = async (device: string): Promise<string> => {
      const entered = await signIn(device, "tess");
      assert.ok(entered.state === "second-factor");
      return entered.token;
    };
    const show = (device: string, token: string, code: string) =>
      signInBySecondFactor(deps, from(device), { token, proof: { kind: "totp", code } });
    await begin(own);
    await lock(newBrowser(), "tess");
    await assert.rejects(signIn(own, "tess"), isLocked, "a password alone made it known to nobody");
    await world.admin((tx) => unlockAccount(deps, tx, { userId, userName: "tess" }));
    await show(own, await begin(own), codeOf(secret, world.clock.now));
    // Somebody has the password and guesses codes.
    const thief = newBrowser();
    await assert.rejects(show(thief, await begin(thief), "000000"), isCode("sign-in-refused"));
    await tenth();
    await assert.rejects(show(thief, await begin(thief), "000000"), isCode("sign-in-refused"));
    await assert.rejects(show(thief, await begin(thief), "000000"), isLocked);
    world.clock.now += 60_000;
    await show(own, await begin(own), codeOf(secret, world.clock.now));
  });

  it("without the count of its own, whoever knows a name locks its person out", async () => {
    await makeAccount(world, "uma");
    const own = newBrowser();
    await signIn(own, "uma");
    await lock(newBrowser(), "uma");
    await world.database.superuser.query("delete from known_places where kind = 'device'");
    await assert.rejects(signIn(own, "uma"), isLocked);
  });
});
