import type { CertificateDates } from "../api/types.ts";

/** What the appliance needs a certificate for, in words. */
export const certificateUses: Readonly<Record<CertificateDates["use"], string>> = {
  https: "HTTPS certificate",
  "device-ca": "authority of devices",
  "customer-device-ca": "your devices' own authority",
  worker: "worker's certificate at the broker",
  evidence: "signing certificate of evidence",
  revocations: "list of revoked devices",
};

/** From when on its end is near. The revocation list lives for 30 days and is renewed daily: fewer than 20 say that the renewal fails. */
export const soonDaysOf = (use: CertificateDates["use"]): number => (use === "revocations" ? 20 : 30);
