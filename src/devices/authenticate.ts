import { randomUUID } from "node:crypto";
import { withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { alternativeNames, commonNameOf } from "./customer-certificates.ts";
import { devicePrincipal } from "./enrol.ts";
import { selectCertificate, selectDevice } from "./store.ts";
import { selectCertificateOwner, selectCustomerCertificate } from "./store-broker.ts";
import { fingerprintOf } from "./x509.ts";

export type AuthenticatedDevice =
  | {
      ok: true;
      tenantId: string;
      deviceId: string;
      siteId: string;
      /** Of a certificate of the customer's CA: the name under which it speaks on the broker. Null for our own. */
      commonName: string | null;
    }
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
    const known = await selectCertificate(tx, fingerprint);
    if (device.revokedAt !== null || known?.revoked) return { ok: false, reason: "revoked" };
    // A certificate without a row was found by its alternative name: one of the customer's.
    const commonName = known ? known.commonName : commonNameOf(raw);
    return { ok: true, tenantId: owner.tenantId, deviceId: owner.deviceId, siteId: device.siteId, commonName };
  });
}
