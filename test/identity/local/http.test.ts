import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Secret, TOTP } from "otpauth";
import { type Answer, type Appliance, type ApplianceTenant, startAppliance } from "../../support/appliance.ts";
import { type Visitor, visitor } from "../../support/visitor.ts";
import { password } from "./world.ts";

const SESSION = "__Host-ledgerstone";
const PENDING = "__Host-ledgerstone-pending";
const slug = "alder-works";

describe("identity: signing in over HTTP", function () {
  this.timeout(180_000);
  let appliance: Appliance;
  let tenant: ApplianceTenant;
  const visitors: Visitor[] = [];

  before(async () => {
    appliance = await startAppliance({
      configure: (config) => {
        config.limits = { auth: 10_000, settings: 10_000, general: 10_000, write: 10_000 };
      },
    });
    tenant = await appliance.createTenant("Alder Works");
    // More owners are made here than one: without a second person.
    const rules = [{ act: "access.decider", secondPerson: "off" }];
    await appliance.call(tenant.apiKey, "PATCH", "/api/v1/approval-rules", { rules });
    await appliance.createTenant("Birch");
    const { url } = await cli("create", "--tenant", slug, "--user-name", "anna", "--name", "Anna Muster");
    await setPassword(url);
  });
  after(async () => {
    for (const each of visitors) await each.close();
    await appliance?.stop();
  });

  const come = (): Visitor => {
    const made = visitor(appliance);
    visitors.push(made);
    return made;
  };
  const cli = async (...args: string[]) => JSON.parse(await appliance.cli(["admin", ...args, "--json"]));
  const signIn = (by: Visitor, userName: string, given = password, at = slug) =>
    by.send("POST", `/api/v1/sign-in/${at}/password`, { userName, password: given });

  async function account(userName: string, role: string): Promise<{ userId: string }> {
    const invitation = { userName, displayName: `${userName} Muster`, role };
    const made = await appliance.call(tenant.apiKey, "POST", "/api/v1/invitations", invitation);
    assert.equal(made.status, 201, made.body);
    const { userId, link } = made.json<{ userId: string; link: { url: string } }>();
    await setPassword(link.url);
    return { userId };
  }

  async function setPassword(url: string): Promise<void> {
    const token = url.split("#")[1];
    const answer = await come().send("POST", `/api/v1/sign-in/${slug}/link`, { token, password });
    assert.equal(answer.status, 200, answer.body);
  }

  /** Signed in by password alone, with the token for changes. */
  async function signedIn(userName: string): Promise<Visitor> {
    const by = come();
    const answer = await signIn(by, userName);
    assert.equal(answer.json<{ state: string }>().state, "signed-in", answer.body);
    by.csrf = answer.json<{ csrfToken: string }>().csrfToken;
    return by;
  }

  /** Adds an authenticator app; its codes of a step back are spent. */
  async function enrol(by: Visitor): Promise<{ secret: string; codes: string[] }> {
    const begun = await by.send("POST", "/api/v1/account/factors/totp/begin");
    assert.equal(begun.status, 200, begun.body);
    const { secret } = begun.json<{ secret: string }>();
    // A code of the step before is taken in this step alone.
    const leftMs = 30_000 - (Date.now() % 30_000);
    if (leftMs < 3_000) await sleep(leftMs);
    const body = { name: "Phone", code: totp(secret, -30) };
    const added = await by.send("POST", "/api/v1/account/factors/totp", body);
    assert.equal(added.status, 201, added.body);
    const { recoveryCodes, csrfToken } = added.json<{ recoveryCodes: string[]; csrfToken: string }>();
    by.csrf = csrfToken;
    return { secret, codes: recoveryCodes };
  }
  const totp = (secret: string, seconds = 0) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + seconds * 1000 });
  const isProblem = (answer: Answer, status: number, type: string) => {
    assert.equal(answer.status, status, answer.body);
    assert.equal(answer.json<{ type: string }>().type, `urn:ledgerstone:problem:${type}`);
  };

  /** Two wrong passwords, with eight more said to have come between. */
  async function failToTheLock(userName: string): Promise<void> {
    isProblem(await signIn(come(), userName, "wrong wrong wrong"), 401, "sign-in-refused");
    await appliance.superuser.query(
      "update sign_in_tries set tries = 9, not_before = now() where last_at = (select max(last_at) from sign_in_tries)",
    );
    isProblem(await signIn(come(), userName, "wrong wrong wrong"), 401, "sign-in-refused");
  }

  it("setup link, session, access by permission, sign-out", async () => {
    const by = await signedIn("anna");
    const own = (await by.get("/api/v1/session")).json<{
      user: { userName: string };
      access: object;
      csrfToken: string;
    }>();
    assert.equal(own.user.userName, "anna");
    assert.equal((own.access as Record<string, string>)["sites:write"], "all");
    assert.ok(!("account:own" in own.access));
    assert.equal(own.csrfToken, by.csrf);
    const token = by.cookies.get(SESSION)!;
    assert.equal((await by.send("DELETE", "/api/v1/session")).status, 204);
    assert.ok(!by.cookies.has(SESSION));
    by.cookies.set(SESSION, token);
    isProblem(await by.get("/api/v1/session"), 401, "unauthorized");
  });

  it("the cookie is Secure, HttpOnly, SameSite and of this host alone", async () => {
    const answer = await signIn(come(), "anna");
    const cookies = [(answer.headers as unknown as { "set-cookie": string[] })["set-cookie"]].flat();
    const session = cookies.find((each) => each.startsWith(`${SESSION}=`))!;
    assert.match(session, /^__Host-ledgerstone=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
  });

  it("another tenant's name leads to nobody's account here, an unknown one to nothing", async () => {
    isProblem(await signIn(come(), "anna", password, "birch"), 401, "sign-in-refused");
    isProblem(await signIn(come(), "anna", password, "nowhere"), 404, "not-found");
    isProblem(await signIn(come(), "anna", password, "..%2f"), 404, "not-found");
  });

  it("login CSRF: another site's page signs nobody in, by JSON or by form", async () => {
    for (const headers of [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "none" },
    ]) {
      const by = come();
      const json = await by.send("POST", `/api/v1/sign-in/${slug}/password`, { userName: "anna", password }, headers);
      isProblem(json, 403, "forbidden");
      assert.equal((await by.post(`/login/${slug}`, { userName: "anna", password }, headers)).status, 403);
      assert.equal(by.cookies.size, 0);
    }
    const by = come();
    const form = { "content-type": "text/plain" };
    isProblem(
      await by.send("POST", `/api/v1/sign-in/${slug}/password`, { userName: "anna", password }, form),
      415,
      "unsupported-type",
    );
    // A browser that says nothing but its Origin.
    const foreign = await by.post(
      `/login/${slug}`,
      { userName: "anna", password },
      { "sec-fetch-site": "", origin: "https://evil.example" },
    );
    assert.equal(foreign.status, 403);
  });

  it("a change without the session's token, with another's, or from another site's page is refused", async () => {
    const [by, other] = [await signedIn("anna"), await signedIn("anna")];
    const own = by.csrf;
    for (const token of [undefined, "", other.csrf]) {
      by.csrf = token;
      isProblem(await by.send("POST", "/api/v1/sites", { name: "Gate" }), 403, "forbidden");
    }
    by.csrf = own;
    const foreign = { "sec-fetch-site": "cross-site" };
    isProblem(await by.send("POST", "/api/v1/sites", { name: "Gate" }, foreign), 403, "forbidden");
    assert.equal((await by.send("POST", "/api/v1/sites", { name: "Gate" })).status, 201);
  });

  it("fixation: a cookie planted beforehand is no session afterwards, and every rise has a new token", async () => {
    const by = come();
    const planted = "A".repeat(43);
    by.cookies.set(SESSION, planted);
    await signIn(by, "anna");
    const first = by.cookies.get(SESSION)!;
    assert.notEqual(first, planted);
    by.csrf = (await by.get("/api/v1/session")).json<{ csrfToken: string }>().csrfToken;
    const { userId } = await account("fixed", "viewer");
    assert.ok(userId);
    const fixed = await signedIn("fixed");
    const before = fixed.cookies.get(SESSION)!;
    const { secret } = await enrol(fixed);
    const after = fixed.cookies.get(SESSION)!;
    assert.notEqual(after, before);
    const stepped = await fixed.send("POST", "/api/v1/session/step-up", { kind: "totp", code: totp(secret) });
    assert.equal(stepped.status, 200, stepped.body);
    assert.notEqual(fixed.cookies.get(SESSION), after);
    for (const old of [before, after]) {
      const thief = come();
      thief.cookies.set(SESSION, old);
      isProblem(await thief.get("/api/v1/session"), 401, "unauthorized");
    }
  });

  it("the pending sign-in is no session, and only its browser can end it", async () => {
    await account("paula", "viewer");
    const { secret } = await enrol(await signedIn("paula"));
    const by = come();
    const begun = await signIn(by, "paula");
    assert.deepEqual(begun.json(), { state: "second-factor", methods: ["totp", "recovery"] });
    assert.ok(!by.cookies.has(SESSION));
    const token = by.cookies.get(PENDING)!;
    const thief = come();
    thief.cookies.set(SESSION, token);
    isProblem(await thief.get("/api/v1/session"), 401, "unauthorized");
    const proof = { kind: "totp", code: totp(secret) };
    isProblem(await thief.send("POST", `/api/v1/sign-in/${slug}/second-factor`, proof), 401, "sign-in-refused");
    // The cookie of one tenant's sign-in is nothing at another's.
    isProblem(await by.send("POST", "/api/v1/sign-in/birch/second-factor", proof), 401, "sign-in-refused");
    const done = await by.send("POST", `/api/v1/sign-in/${slug}/second-factor`, proof);
    assert.equal(done.status, 200, done.body);
    assert.ok(!by.cookies.has(PENDING));
    const { session } = (await by.get("/api/v1/session")).json<{ session: { strength: number } }>();
    assert.equal(session.strength, 2);
    by.cookies.set(PENDING, token);
    isProblem(await by.send("POST", `/api/v1/sign-in/${slug}/second-factor`, proof), 401, "sign-in-refused");
  });

  it("where the tenant asks for a second factor, a session without one reaches its own account alone, until it has one", async () => {
    await account("rita", "admin");
    const patched = await appliance.call(tenant.apiKey, "PATCH", "/api/v1/tenant", { mfaRequired: true });
    assert.equal(patched.status, 200, patched.body);
    try {
      const form = { userName: "rita", password };
      assert.equal((await come().post(`/login/${slug}`, form)).headers.location, "/account");
      const by = await signedIn("rita");
      isProblem(await by.get("/api/v1/sites"), 403, "forbidden");
      assert.doesNotMatch((await by.get("/account")).body, /href="\/console/);
      const { mfa } = (await by.get("/api/v1/session")).json<{ mfa: object }>();
      assert.deepEqual(mfa, { required: true, factors: 0, recoveryCodesLeft: 0, missing: true });
      const { codes } = await enrol(by);
      assert.equal(codes.length, 10);
      assert.equal((await by.get("/api/v1/sites")).status, 200);
      const { factors } = (await by.get("/api/v1/account/factors")).json<{ factors: { factorId: string }[] }>();
      isProblem(await by.send("DELETE", `/api/v1/account/factors/${factors[0]!.factorId}`), 409, "conflict");
    } finally {
      await appliance.call(tenant.apiKey, "PATCH", "/api/v1/tenant", { mfaRequired: false });
    }
  });

  it("what needs a fresh second factor is refused ten minutes later, and done after one was shown", async () => {
    await account("stella", "owner");
    const by = await signedIn("stella");
    const { secret, codes } = await enrol(by);
    const age = (minutes: number) =>
      appliance.superuser.query(
        "update sessions set stepped_up_at = now() - make_interval(mins => $1), created_at = now() - interval '20 minutes' where ended_at is null",
        [minutes],
      );
    await age(11);
    isProblem(await by.send("POST", "/api/v1/account/recovery-codes"), 403, "step-up");
    isProblem(await by.send("POST", "/api/v1/account/factors/totp/begin"), 403, "step-up");
    isProblem(
      await by.send("POST", "/api/v1/session/step-up", { kind: "totp", code: "000000" }),
      401,
      "sign-in-refused",
    );
    const shown = await by.send("POST", "/api/v1/session/step-up", { kind: "totp", code: totp(secret) });
    assert.equal(shown.status, 200, shown.body);
    by.csrf = shown.json<{ csrfToken: string }>().csrfToken;
    const fresh = await by.send("POST", "/api/v1/account/recovery-codes");
    assert.equal(fresh.status, 201, fresh.body);
    await age(11);
    const old = await by.send("POST", "/api/v1/session/step-up", { kind: "recovery", code: codes[0] });
    isProblem(old, 401, "sign-in-refused");
    const [code] = fresh.json<{ recoveryCodes: string[] }>().recoveryCodes;
    assert.equal((await by.send("POST", "/api/v1/session/step-up", { kind: "recovery", code })).status, 200);
  });

  it("nobody is helped in by somebody who may do less: an administrator opens no way to an owner's account", async () => {
    const { userId: owner } = await account("olga", "owner");
    const { userId: viewer } = await account("vera", "viewer");
    await account("adam", "admin");
    const by = await signedIn("adam");
    await enrol(by);
    for (const [method, path] of [
      ["POST", `/api/v1/users/${owner}/sign-in-link`],
      ["DELETE", `/api/v1/users/${owner}/factors`],
      ["POST", `/api/v1/users/${owner}/unlock`],
    ] as const) {
      isProblem(await by.send(method, path), 403, "forbidden");
    }
    const reset = await by.send("POST", `/api/v1/users/${viewer}/sign-in-link`);
    assert.equal(reset.status, 201, reset.body);
    assert.match(reset.json<{ link: { url: string } }>().link.url, /\/setup\/alder-works#[\w-]{43}$/);
    assert.equal((await by.send("DELETE", `/api/v1/users/${viewer}/factors`)).status, 204);
    const invitation = { userName: "new-owner", displayName: "New", role: "owner" };
    isProblem(await by.send("POST", "/api/v1/invitations", invitation), 403, "forbidden");
    const { status } = await by.send("POST", "/api/v1/invitations", {
      ...invitation,
      userName: "new-viewer",
      role: "viewer",
    });
    assert.equal(status, 201);
    const { rows } = await appliance.superuser.query("select user_name from users where user_name = 'new-owner'");
    assert.equal(rows.length, 0);
  });

  it("an API key is no person: own-account routes refuse it", async () => {
    for (const path of ["/api/v1/session", "/api/v1/account/factors"]) {
      isProblem(await appliance.call(tenant.apiKey, "GET", path), 403, "forbidden");
    }
  });

  it("the CLI unlocks, lists and recovers; a recovery link leaves the second factor", async () => {
    await account("lotte", "viewer");
    const { secret } = await enrol(await signedIn("lotte"));
    await failToTheLock("lotte");
    isProblem(await signIn(come(), "lotte"), 429, "too-many");
    await cli("unlock", "--tenant", slug, "--user-name", "lotte");
    assert.equal((await signIn(come(), "lotte")).status, 200);
    const { url } = await cli("recover", "--tenant", tenant.tenantId, "--user-name", "LOTTE");
    const by = come();
    const next = "copper lantern sixteen moss";
    const set = await by.send("POST", `/api/v1/sign-in/${slug}/link`, { token: url.split("#")[1], password: next });
    assert.equal(set.json<{ state: string }>().state, "second-factor");
    assert.equal(
      (await by.send("POST", `/api/v1/sign-in/${slug}/second-factor`, { kind: "totp", code: totp(secret) })).status,
      200,
    );
    await cli("recover", "--tenant", slug, "--user-name", "lotte", "--reset-factors");
    isProblem(await by.get("/api/v1/session"), 401, "unauthorized");
    const { accounts } = await cli("list", "--tenant", slug);
    const found = accounts.find(({ userName }: { userName: string }) => userName === "lotte");
    assert.deepEqual([found.factors, found.isOwner], [0, false]);
  });

  it("pages stand under a policy of their own, hold no script, and lead nowhere else", async () => {
    const by = await signedIn("anna");
    for (const path of ["/login?other", `/login/${slug}`, `/setup/${slug}`, "/account"]) {
      const { status, headers, body } = await by.get(path);
      assert.equal(status, 200, path);
      assert.match(headers["content-security-policy"]!, /^default-src 'none'; script-src 'self'; style-src 'self'/);
      assert.doesNotMatch(headers["content-security-policy"]!, /unsafe|https?:|\*/);
      assert.doesNotMatch(body, /<script(?! src="\/assets\/)|<style|style="|\son\w+="|javascript:/i, path);
      assert.equal(headers["cache-control"], "no-store");
    }
    for (const next of [
      "https://evil.example",
      "//evil.example",
      "/\\evil.example",
      "javascript:alert(1)",
      "/login/x",
    ]) {
      const answer = await come().post(`/login/${slug}`, { userName: "anna", password, next });
      assert.equal(answer.status, 303);
      assert.equal(answer.headers.location, "/console/", next);
    }
    const asked = await come().get("/account");
    assert.deepEqual([asked.status, asked.headers.location], [303, "/login"]);
  });

  it("with Redis gone, sign-in goes on and the lock holds", async () => {
    await account("robin", "viewer");
    await appliance.redis.stop();
    assert.equal((await signIn(come(), "robin")).status, 200);
    await failToTheLock("robin");
    isProblem(await signIn(come(), "robin"), 429, "too-many");
  });

  it("left no failure in the log", () => {
    assert.doesNotMatch(appliance.app.output(), /request failed/);
  });
});
