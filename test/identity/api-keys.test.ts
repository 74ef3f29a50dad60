import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { appendRow, withTenant } from "../../src/audit/index.ts";
import { createLimiter } from "../../src/identity/api-keys/limiter.ts";
import {
  createApiKey,
  createApiKeyVerifier,
  fingerprintApiKey,
  listApiKeys,
  newApiKey,
  newApiKeySchema,
  parseApiKey,
  revokeApiKey,
  rotateApiKey,
} from "../../src/identity/index.ts";
import type { Pool } from "../../src/platform/db.ts";
import { AppError } from "../../src/platform/errors.ts";
import { appPool, newTenant, type Tenant } from "../devices/fixture.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";

const pepper = "a pepper of the tests";
const isCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;

describe("API keys: form", () => {
  it("a key has the fixed form, and any changed character fails its checksum", () => {
    const { key, prefix } = newApiKey("live");
    assert.match(key, /^atc_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}$/);
    assert.deepEqual(parseApiKey(key), { env: "live", prefix });
    for (let at = 9; at < key.length; at++) {
      if (key[at] === "_") continue;
      const changed = `${key.slice(0, at)}${key[at] === "a" ? "b" : "a"}${key.slice(at + 1)}`;
      assert.equal(parseApiKey(changed), null, `${at}`);
    }
    for (const text of ["", key.replace("live", "prod"), `${key}\n`, ` ${key}`, key.slice(1), `${key}0`]) {
      assert.equal(parseApiKey(text), null, text);
    }
    assert.notEqual(newApiKey("test").key, newApiKey("test").key);
  });

  it("the fingerprint is the first 16 base32 characters of the HMAC", () => {
    const mac = createHmac("sha256", pepper).update("key").digest();
    const bits = [...mac].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    const expected = Array.from({ length: 16 }, (_, n) => {
      return "abcdefghijklmnopqrstuvwxyz234567"[Number.parseInt(bits.slice(n * 5, n * 5 + 5), 2)];
    });
    assert.equal(fingerprintApiKey(pepper, "key"), expected.join(""));
  });

  it("the limiter runs so many at once, lets so many wait, and refuses the rest", async () => {
    const limit = createLimiter({ concurrency: 2, queue: 3 });
    let running = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
    };
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => limit(work)));
    assert.equal(results.filter((each) => each.status === "fulfilled").length, 5);
    assert.ok(results.every((each) => each.status === "fulfilled" || isCode("busy")(each.reason)));
    assert.equal(most, 2);
    await limit(work);
  });
});

describe("API keys: use", () => {
  let database: TestDatabase;
  let pool: Pool;
  let tenant: Tenant;
  let other: Tenant;
  const from = (address = "10.1.2.3") => ({ address, correlation: randomUUID() });
  const wanted = (fields: object = {}) =>
    newApiKeySchema.parse({ name: "Sender", permissions: ["events.write"], ...fields });
  const make = (fields: object = {}) =>
    withTenant(pool, tenant.principal, (tx) => createApiKey(tx, pepper, wanted(fields)));

  before(async () => {
    database = await testDatabase();
    pool = await appPool(database);
    tenant = await newTenant(pool);
    other = await newTenant(pool);
  });
  after(async () => {
    await pool?.end();
    await database?.stop();
  });

  it("a key gives its tenant, permissions and sites; it is stored as a hash, and the ledger tells of it", async () => {
    const verifier = createApiKeyVerifier({ pool, pepper });
    const { key, apiKey } = await make({ siteIds: [tenant.siteId] });
    const request = from();
    const result = await verifier.verify(key, request);
    assert.ok(result.ok);
    assert.deepEqual(result.principal, {
      tenantId: tenant.tenantId,
      actor: { type: "api-key", id: apiKey.keyId },
      via: "api",
      correlation: request.correlation,
      sites: [],
    });
    assert.deepEqual([...result.access], [["events.write", [tenant.siteId]]]);
    const { rows } = await database.superuser.query("select k::text as text from api_keys k where key_id = $1", [
      apiKey.keyId,
    ]);
    assert.ok(
      rows[0].text.includes("$argon2id$v=19$m=19456,p=1,t=2$") ||
        rows[0].text.includes("$argon2id$v=19$m=19456,t=2,p=1$"),
    );
    assert.ok(!rows[0].text.includes(key.slice(-38)));
    const ledger = await database.superuser.query("select action from ledger.rows where entity_id = $1", [
      apiKey.keyId,
    ]);
    assert.deepEqual(ledger.rows, [{ action: "api-key.created" }]);
    const {
      apiKeys: [listed],
    } = await withTenant(pool, tenant.principal, (tx) => listApiKeys(tx));
    assert.ok(listed?.lastUsedAt);
    assert.deepEqual((await withTenant(pool, other.principal, (tx) => listApiKeys(tx))).apiKeys, []);
  });

  it("revocation, expiry, permissions and addresses take effect at once, although argon2's success is kept", async () => {
    const verifier = createApiKeyVerifier({ pool, pepper });
    const { key, apiKey } = await make({ ipAllowlist: ["10.1.0.0/16", "2001:db8::/32"] });
    for (const address of ["10.1.9.9", "::ffff:10.1.2.3", "2001:db8::7"]) {
      assert.equal((await verifier.verify(key, from(address))).ok, true, address);
    }
    for (const address of ["10.2.0.1", "::ffff:10.2.0.1", "2001:db9::1", "", "nonsense"]) {
      assert.deepEqual(await verifier.verify(key, from(address)), { ok: false, reason: "address" }, address);
    }
    const change = (sql: string) =>
      withTenant(pool, tenant.principal, async (tx) => {
        await tx.query(`update api_keys set ${sql} where key_id = $1`, [apiKey.keyId]);
        await appendRow(tx, { action: "api-key.changed", entity: { type: "api-key", id: apiKey.keyId } });
      });
    await change("permissions = '{events.read}'");
    const changed = await verifier.verify(key, from());
    assert.deepEqual(changed.ok && [...changed.access], [["events.read", "all"]]);
    await change("expires_at = now() - interval '1 second'");
    assert.deepEqual(await verifier.verify(key, from()), { ok: false, reason: "expired" });
    await change("expires_at = null");
    await withTenant(pool, tenant.principal, (tx) => revokeApiKey(tx, apiKey.keyId));
    assert.deepEqual(await verifier.verify(key, from()), { ok: false, reason: "revoked" });
  });

  it("an unknown key costs no argon2, and a wrong one with a known fingerprint is refused", async () => {
    const verifier = createApiKeyVerifier({ pool, pepper, concurrency: 1, queue: 0 });
    assert.deepEqual(await verifier.verify("atc_live_x", from()), { ok: false, reason: "malformed" });
    const begun = performance.now();
    const answers = await Promise.all(Array.from({ length: 50 }, () => verifier.verify(newApiKey("live").key, from())));
    assert.ok(answers.every((answer) => !answer.ok && answer.reason === "unknown"));
    assert.ok(performance.now() - begun < 1000);
    const foreign = createApiKeyVerifier({ pool, pepper: "another pepper" });
    const { key, apiKey } = await make();
    assert.deepEqual(await foreign.verify(key, from()), { ok: false, reason: "unknown" });
    const forged = newApiKey("live").key;
    await database.superuser.query("update api_keys set fingerprint = $1 where key_id = $2", [
      fingerprintApiKey(pepper, forged),
      apiKey.keyId,
    ]);
    assert.deepEqual(await verifier.verify(forged, from()), { ok: false, reason: "unknown" });
  });

  it("a hundred requests at once with one key share one argon2; many keys beyond the queue are told to wait", async () => {
    const narrow = createApiKeyVerifier({ pool, pepper, concurrency: 1, queue: 0 });
    const { key } = await make();
    const answers = await Promise.all(Array.from({ length: 100 }, () => narrow.verify(key, from())));
    assert.ok(answers.every((answer) => answer.ok));
    const keys = await Promise.all([1, 2, 3, 4, 5, 6].map(() => make()));
    const results = await Promise.allSettled(keys.map((each) => narrow.verify(each.key, from())));
    const refused = results.filter((each) => each.status === "rejected");
    assert.ok(refused.length > 0 && refused.every((each) => isCode("busy")(each.reason)));
  });

  it("nobody gives a key sites that he does not have", async () => {
    const limited = { ...tenant.principal, sites: [tenant.siteId] };
    await assert.rejects(
      withTenant(pool, limited, (tx) => createApiKey(tx, pepper, wanted())),
      isCode("forbidden"),
    );
    const foreign = wanted({ siteIds: [other.siteId] });
    await assert.rejects(
      withTenant(pool, tenant.principal, (tx) => createApiKey(tx, pepper, foreign)),
      isCode("not-found"),
    );
    await withTenant(pool, limited, (tx) => createApiKey(tx, pepper, wanted({ siteIds: [tenant.siteId] })));
    assert.throws(() => wanted({ ipAllowlist: ["10.1.2.3/16"] }));
    assert.throws(() => wanted({ ipAllowlist: ["10.1.2.3"] }));
    assert.throws(() => wanted({ surplus: 1 }));
  });

  it("rotation gives a second key and lets the first live on for a while", async () => {
    const verifier = createApiKeyVerifier({ pool, pepper });
    const { key, apiKey } = await make();
    const rotated = await withTenant(pool, tenant.principal, (tx) =>
      rotateApiKey(tx, pepper, { keyId: apiKey.keyId, overlapHours: 24 }),
    );
    for (const each of [key, rotated.key]) assert.equal((await verifier.verify(each, from())).ok, true);
    const { apiKeys: keys } = await withTenant(pool, tenant.principal, (tx) => listApiKeys(tx));
    assert.ok(keys.find((each) => each.keyId === apiKey.keyId)?.expiresAt);
    await assert.rejects(
      withTenant(pool, other.principal, (tx) => revokeApiKey(tx, apiKey.keyId)),
      isCode("not-found"),
    );
  });
});
