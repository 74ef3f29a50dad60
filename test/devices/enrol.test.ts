import assert from "node:assert/strict";
import { randomUUID, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { withTenant } from "../../src/audit/index.ts";
import {
  authenticateDevice,
  createPki,
  type EnrolDeps,
  issueEnrolmentCode,
  listDevices,
  mapCertificate,
  type PkiFiles,
  readSigningCa,
  redeemEnrolmentCode,
  registerDevice,
  renewCertificate,
  setDevicePassword,
} from "../../src/devices/index.ts";
import type { Pool } from "../../src/platform/db.ts";
import { AppError } from "../../src/platform/errors.ts";
import { certificateAuthority } from "../support/pki.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";
import { allowPlain, appPool, newRequest, newTenant, type Tenant } from "./fixture.ts";

const isCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;
const der = (pem: string) => new X509Certificate(pem).raw;

describe("devices: enrolment", () => {
  let database: TestDatabase;
  let directory: string;
  let pool: Pool;
  let tenant: Tenant;
  let other: Tenant;
  let pki: PkiFiles;
  let deps: EnrolDeps;
  let caPem: string;

  before(async () => {
    database = await testDatabase();
    directory = await temporaryDirectory("enrol");
    pool = await appPool(database);
    tenant = await newTenant(pool);
    other = await newTenant(pool);
    pki = await createPki(join(directory, "pki"), ["localhost", "127.0.0.1"]);
    caPem = await readFile(pki.caFile, "utf8");
    const [cert, key] = [await readFile(pki.deviceCaCertFile, "utf8"), await readFile(pki.deviceCaKeyFile, "utf8")];
    deps = { pool, ca: await readSigningCa(cert, key) };
  });
  after(async () => {
    await pool?.end();
    await database?.stop();
    await removeDirectory(directory);
  });

  const register = (of: Tenant = tenant) =>
    withTenant(pool, of.principal, (tx) => registerDevice(tx, { siteId: of.siteId, name: "Gate 7" }));
  const codeFor = (deviceId: string) =>
    withTenant(pool, tenant.principal, (tx) => issueEnrolmentCode(tx, deviceId, caPem));
  const secretOf = (code: string) => code.split(".")[2] ?? "";
  const redeem = (deviceId: string, secret: string, request: string) =>
    redeemEnrolmentCode(deps, { deviceId, secret, request, correlation: randomUUID() });
  const actions = async (deviceId: string) => {
    const { rows } = await database.superuser.query(
      "select action, actor_type from ledger.rows where entity_id = $1 order by seq",
      [deviceId],
    );
    return rows.map((row) => `${row.action} by ${row.actor_type}`);
  };

  it("a code becomes a certificate that names the device alone, and the ledger tells it", async () => {
    const { deviceId } = await register();
    const { code, expiresAt } = await codeFor(deviceId);
    assert.match(code, new RegExp(`^LSE1\\.${deviceId}\\.[a-z2-7]{26}\\.[0-9a-f]{64}$`));
    assert.ok(code.endsWith(new X509Certificate(caPem).fingerprint256.replaceAll(":", "").toLowerCase()));
    const hours = (Date.parse(expiresAt) - Date.now()) / 3_600_000;
    assert.ok(hours > 71.9 && hours < 72.1);

    const { request } = await newRequest("p256", "CN=worker, O=Somebody");
    const { pem } = await redeem(deviceId, secretOf(code), request);
    const certificate = new X509Certificate(pem);
    assert.equal(certificate.subject, `CN=${deviceId}`);
    assert.equal(certificate.subjectAltName, undefined);
    assert.deepEqual(certificate.keyUsage, ["1.3.6.1.5.5.7.3.2"]);
    assert.equal(certificate.ca, false);
    assert.ok(certificate.verify(new X509Certificate(await readFile(pki.deviceCaCertFile, "utf8")).publicKey));
    const { siteId, tenantId } = tenant;
    assert.deepEqual(await authenticateDevice(pool, certificate.raw), {
      ...{ ok: true, tenantId, deviceId, siteId, commonName: null },
    });
    assert.deepEqual(await actions(deviceId), [
      "device.registered by system",
      "device.code-issued by system",
      "device.enrolled by device",
    ]);
    const {
      devices: [listed],
    } = await withTenant(pool, tenant.principal, (tx) => listDevices(tx, { limit: 1 }));
    assert.equal(listed?.access, "mtls");
    const stored = await database.superuser.query("select secret_hash from enrolment_codes where device_id = $1", [
      deviceId,
    ]);
    assert.ok(!stored.rows[0].secret_hash.toString("latin1").includes(secretOf(code)));
  });

  it("a code works once, also when two redeem it at the same moment", async () => {
    const { deviceId } = await register();
    const secret = secretOf((await codeFor(deviceId)).code);
    const { request } = await newRequest();
    const results = await Promise.allSettled([1, 2, 3, 4].map(() => redeem(deviceId, secret, request)));
    assert.equal(results.filter((each) => each.status === "fulfilled").length, 1);
    await assert.rejects(redeem(deviceId, secret, request), isCode("enrolment-refused"));
  });

  it("a bad request leaves the code good; wrong codes are recorded and end in refusal of all", async () => {
    const { deviceId } = await register();
    const secret = secretOf((await codeFor(deviceId)).code);
    await assert.rejects(redeem(deviceId, secret, "nonsense"), isCode("invalid"));
    const { request } = await newRequest();
    await assert.rejects(redeem(deviceId, "a".repeat(26), request), isCode("enrolment-refused"));
    assert.ok((await actions(deviceId)).includes("device.enrolment-refused by device"));
    for (let attempt = 0; attempt < 25; attempt++) await redeem(deviceId, "wrong", request).catch(() => {});
    await assert.rejects(redeem(deviceId, secret, request), isCode("enrolment-refused"));
    const refusals = (await actions(deviceId)).filter((each) => each.startsWith("device.enrolment-refused"));
    assert.equal(refusals.length, 20, "the ledger does not grow with an attack");
    await redeem(deviceId, secretOf((await codeFor(deviceId)).code), request);
  });

  it("replaced, expired and foreign codes, unknown and revoked devices are refused alike", async () => {
    const { deviceId } = await register();
    const { request } = await newRequest();
    const first = secretOf((await codeFor(deviceId)).code);
    const second = secretOf((await codeFor(deviceId)).code);
    await assert.rejects(redeem(deviceId, first, request), isCode("enrolment-refused"));
    const { deviceId: neighbour } = await register();
    await assert.rejects(redeem(neighbour, second, request), isCode("enrolment-refused"));
    await assert.rejects(redeem(randomUUID(), second, request), isCode("enrolment-refused"));
    await database.superuser.query(
      "update enrolment_codes set expires_at = now() - interval '1 s' where device_id = $1",
      [deviceId],
    );
    await assert.rejects(redeem(deviceId, second, request), isCode("enrolment-refused"));
  });

  it("renewing gives a further certificate, and another tenant sees no such device", async () => {
    const { deviceId } = await register();
    const secret = secretOf((await codeFor(deviceId)).code);
    const first = await redeem(deviceId, secret, (await newRequest()).request);
    const device = { tenantId: tenant.tenantId, deviceId };
    const second = await renewCertificate(deps, device, (await newRequest("rsa2048")).request, randomUUID());
    for (const each of [first, second]) assert.equal((await authenticateDevice(pool, der(each.pem))).ok, true);
    await assert.rejects(
      withTenant(pool, other.principal, (tx) => issueEnrolmentCode(tx, deviceId, caPem)),
      isCode("not-found"),
    );
    const noSites = { ...tenant.principal, sites: [randomUUID()] };
    await assert.rejects(
      withTenant(pool, noSites, (tx) => issueEnrolmentCode(tx, deviceId, caPem)),
      isCode("not-found"),
    );
  });

  it("a certificate of the customer's CA maps by fingerprint, or by its alternative name for later ones too", async () => {
    const ca = await certificateAuthority("Customer", "rsa");
    const { deviceId } = await register();
    const name = "gate-7.example.com";
    const first = await ca.issue({ cn: name, key: "rsa", names: [name] });
    const later = await ca.issue({ cn: name, key: "rsa", names: [name] });
    const stranger = await ca.issue({ cn: name, names: ["gate-8.example.com"] });
    assert.deepEqual(await authenticateDevice(pool, der(first.cert)), { ok: false, reason: "unknown" });
    await assert.rejects(
      withTenant(pool, tenant.principal, (tx) =>
        mapCertificate(tx, { deviceId, pem: first.cert, san: "dns:other" }, [ca.cert]),
      ),
      isCode("invalid"),
    );
    await withTenant(pool, tenant.principal, (tx) =>
      mapCertificate(tx, { deviceId, pem: first.cert, san: `dns:${name}` }, [ca.cert]),
    );
    for (const each of [first, later]) {
      const found = await authenticateDevice(pool, der(each.cert));
      assert.equal(found.ok && found.deviceId, deviceId);
    }
    assert.deepEqual(await authenticateDevice(pool, der(stranger.cert)), { ok: false, reason: "unknown" });
    const { deviceId: neighbour } = await register();
    for (const pem of [first.cert, later.cert]) {
      await assert.rejects(
        withTenant(pool, tenant.principal, (tx) => mapCertificate(tx, { deviceId: neighbour, pem }, [ca.cert])),
        isCode("conflict"),
      );
    }
    await assert.rejects(
      withTenant(pool, other.principal, (tx) => mapCertificate(tx, { deviceId, pem: stranger.cert }, [ca.cert])),
      isCode("not-found"),
    );
  });

  it("a certificate that no CA of the customer's has issued reserves no name", async () => {
    const ca = await certificateAuthority("Customer", "rsa");
    const namesake = await certificateAuthority("Customer", "rsa");
    const { deviceId } = await register();
    const forged = await namesake.issue({ cn: "gate-9.example.com", names: ["gate-9.example.com"] });
    const map = (authorities: string[]) =>
      withTenant(pool, tenant.principal, (tx) =>
        mapCertificate(tx, { deviceId, pem: forged.cert, san: "dns:gate-9.example.com" }, authorities),
      );
    await assert.rejects(map([ca.cert]), isCode("invalid"));
    await assert.rejects(map([]), isCode("conflict"));
    assert.equal((await map([ca.cert, namesake.cert])).commonName, "gate-9.example.com");
  });

  it("plain devices are off until the tenant allows them", async () => {
    const plain = { siteId: other.siteId, name: "Old gate", access: "plain" as const };
    await assert.rejects(
      withTenant(pool, other.principal, (tx) => registerDevice(tx, plain)),
      isCode("conflict"),
    );
    await withTenant(pool, other.principal, allowPlain);
    const device = await withTenant(pool, other.principal, (tx) => registerDevice(tx, plain));
    const { username, password } = await withTenant(pool, other.principal, (tx) =>
      setDevicePassword(tx, device.deviceId),
    );
    assert.equal(username, device.deviceId);
    assert.ok(password.length >= 26);
    await assert.rejects(
      withTenant(pool, other.principal, (tx) => issueEnrolmentCode(tx, device.deviceId, caPem)),
      isCode("conflict"),
    );
  });
});
