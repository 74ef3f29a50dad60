import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { appendRow, type Principal, type TenantTx, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { AppError, conflict } from "../platform/errors.ts";
import { issueCertificate, readRequest } from "./csr.ts";
import { requireDevice } from "./register.ts";
import {
  countAttempt,
  expireCodes,
  insertCertificate,
  insertCode,
  lockOpenCode,
  markCodeUsed,
  selectDevice,
} from "./store.ts";
import { selectDeviceAccess } from "./store-broker.ts";
import { certificatePem, fingerprintOf, type SigningCa, x509 } from "./x509.ts";

const codeHours = 72;
const secretCharacters = 26;
const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
/** Guessing 130 bits is hopeless; this bounds the noise. */
const maxAttempts = 20;

export type EnrolmentCode = { code: string; codeId: string; expiresAt: string };

/**
 * Makes the one-time code for a device: `LSE1.<device>.<secret>.<CA fingerprint>`. Shown once, stored as SHA-256, 72 hours.
 * `caPem` is what devices must trust: its first certificate's fingerprint lets the box refuse a stranger in between.
 */
export async function issueEnrolmentCode(tx: TenantTx, deviceId: string, caPem: string): Promise<EnrolmentCode> {
  const device = await requireDevice(tx, deviceId);
  if (device.revokedAt || device.access !== "mtls") {
    throw conflict("this device cannot be enrolled", {
      found: device.revokedAt ? "a revoked device" : "a device with username and password",
      expected: "a device with certificate access that is not revoked",
      remedy: "register a new device",
    });
  }
  const secret = randomSecret();
  await expireCodes(tx, deviceId);
  const { codeId, expiresAt } = await insertCode(tx, { deviceId, secretHash: hashSecret(secret), hours: codeHours });
  await appendRow(tx, { action: "device.code-issued", entity: { type: "device", id: deviceId } });
  const fingerprint = fingerprintOf(new x509.X509Certificate(caPem).rawData).toString("hex");
  return { code: `LSE1.${deviceId}.${secret}.${fingerprint}`, codeId, expiresAt };
}

export type EnrolDeps = { pool: Pool; ca: SigningCa; certificateDays?: number; now?: () => number };

export type IssuedCertificate = { pem: string; certificate: x509.X509Certificate };

/**
 * Trades a code for a certificate, in one transaction, once. Throws `invalid` for a bad request, before the code is
 * touched, and `enrolment-refused` for everything about device and code alike.
 */
export async function redeemEnrolmentCode(
  deps: EnrolDeps,
  {
    deviceId,
    secret,
    request,
    correlation,
  }: { deviceId: string; secret: string; request: string; correlation: string },
): Promise<IssuedCertificate> {
  const parsed = await readRequest(request);
  const found = await selectDeviceAccess(deps.pool, deviceId);
  if (!found || found.revoked || found.access !== "mtls") throw enrolmentRefused();
  const principal = devicePrincipal(found.tenantId, deviceId, correlation);
  const issued = await withTenant(deps.pool, principal, async (tx) => {
    const code = await lockOpenCode(tx, deviceId);
    if (!code || code.attempts >= maxAttempts) return null;
    if (!timingSafeEqual(code.secretHash, hashSecret(secret.toLowerCase()))) {
      await countAttempt(tx, code.codeId);
      await appendRow(tx, { action: "device.enrolment-refused", entity: { type: "device", id: deviceId } });
      return null;
    }
    await markCodeUsed(tx, code.codeId);
    return issue(deps, tx, { deviceId, request: parsed, action: "device.enrolled" });
  });
  if (!issued) throw enrolmentRefused();
  return issued;
}

/** A further certificate for a device that has proven the old one over mutual TLS. The old one lasts to its end. */
export async function renewCertificate(
  deps: EnrolDeps,
  device: { tenantId: string; deviceId: string },
  request: string,
  correlation: string,
): Promise<IssuedCertificate> {
  const parsed = await readRequest(request);
  const principal = devicePrincipal(device.tenantId, device.deviceId, correlation);
  return withTenant(deps.pool, principal, async (tx) => {
    const found = await selectDevice(tx, device.deviceId);
    if (!found || found.revokedAt) throw enrolmentRefused();
    return issue(deps, tx, { deviceId: device.deviceId, request: parsed, action: "device.renewed" });
  });
}

type IssueRequest = { deviceId: string; request: Awaited<ReturnType<typeof readRequest>>; action: string };

async function issue(
  deps: EnrolDeps,
  tx: TenantTx,
  { deviceId, request, action }: IssueRequest,
): Promise<IssuedCertificate> {
  const nowMs = (deps.now ?? Date.now)();
  const certificate = await issueCertificate(deps.ca, request, { deviceId, days: deps.certificateDays ?? 365, nowMs });
  const fingerprint = fingerprintOf(certificate.rawData);
  const pem = certificatePem(certificate);
  const { serialNumber: serial, notAfter } = certificate;
  await insertCertificate(tx, { deviceId, fingerprint, serial, notAfter, pem });
  const detail = JSON.stringify({ serial, notAfter: notAfter.toISOString() });
  await appendRow(tx, {
    action,
    entity: { type: "device", id: deviceId },
    commits: [{ name: "certificate", hash: fingerprint }],
    units: [{ name: "detail", content: detail }],
  });
  return { pem, certificate };
}

export function devicePrincipal(tenantId: string, deviceId: string, correlation: string): Principal {
  return { tenantId, actor: { type: "device", id: deviceId }, via: "edge", correlation, sites: "all" };
}

function randomSecret(): string {
  return [...randomBytes(secretCharacters)].map((byte) => alphabet[byte & 31]).join("");
}

function hashSecret(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

function enrolmentRefused(): AppError {
  return new AppError("enrolment-refused", "this device cannot be enrolled with this code", {
    found: "a code that is wrong, used, expired or replaced, or a device that is unknown or revoked",
    expected: "the newest code of a registered device, within 72 hours",
    remedy: "have a new code issued for the device",
  });
}
