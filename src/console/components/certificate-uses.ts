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
