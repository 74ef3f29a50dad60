import { randomUUID } from "node:crypto";
import { withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { alternativeNames } from "./customer-certificates.ts";
import { devicePrincipal } from "./enrol.ts";
import { isCertificateRevoked, selectDevice } from "./store.ts";
import { selectCertificateOwner, selectCustomerCertificate } from "./store-broker.ts";
import { fingerprintOf } from "./x509.ts";

export type AuthenticatedDevice =
  | { ok: true; tenantId: string; deviceId: string; siteId: string }
  | { ok: false; reason: "unknown" | "revoked" };

/**
 * Whose certificate this is. `raw` is the DER of the peer's certificate, whose chain and dates TLS has verified against the
 * device CA and the customer's; a certificate that this database does not know is nobody's. Asked on every request, so that
 * a revocation holds at once.
 */
export async function authenticateDevice(pool: Pool, raw: Buffer): Promise<AuthenticatedDevice> {
  const fingerprint = fingerprintOf(raw);
  const owner =
    (await selectCertificateOwner(pool, fingerprint)) ??
    (await selectCustomerCertificate(pool, fingerprint, alternativeNames(raw)));
  if (!owner) return { ok: false, reason: "unknown" };
  const principal = devicePrincipal(owner.tenantId, owner.deviceId, randomUUID());
  return withTenant(pool, principal, async (tx) => {
    const device = await selectDevice(tx, owner.deviceId);
    if (!device) return { ok: false, reason: "unknown" };
    const revoked = device.revokedAt !== null || (await isCertificateRevoked(tx, fingerprint)) === true;
    if (revoked) return { ok: false, reason: "revoked" };
    return { ok: true, tenantId: owner.tenantId, deviceId: owner.deviceId, siteId: device.siteId };
  });
}
