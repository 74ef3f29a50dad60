import { appendRow, type TenantTx } from "../audit/index.ts";
import { isUniqueViolation, type Queryable } from "../platform/db.ts";
import { conflict, invalid } from "../platform/errors.ts";
import { certificateBlocks } from "../platform/pem.ts";
import { requireDevice } from "./register.ts";
import { insertCertificate } from "./store.ts";
import { selectCommonNames } from "./store-broker.ts";
import { fingerprintOf, x509 } from "./x509.ts";

export type Mapping = {
  deviceId: string;
  pem: string;
  /** `dns:gate-7.example.com`: every later certificate with this alternative name too. */
  san?: string;
};

/**
 * Ties a certificate that the customer's own CA issued to a device: this very certificate, or every later one with the same
 * alternative name too. On the broker it speaks under its common name. `authorities`: PEM of the CAs that may have issued it;
 * a name on a certificate that anyone can make would let one tenant reserve another's.
 */
export async function mapCertificate(
  tx: TenantTx,
  { deviceId, pem, san }: Mapping,
  authorities: readonly string[],
): Promise<{ fingerprint: string; commonName: string }> {
  const device = await requireDevice(tx, deviceId);
  if (device.revokedAt) throw conflict("this device is revoked", { remedy: "register a new device" });
  if (authorities.length === 0) {
    throw conflict("no CA of your own is configured for devices", {
      expected: "its certificate in pki.extraDeviceCaFiles and mqtt.customer.caFile",
      remedy: "configure it, or enrol the device with a code",
    });
  }
  const certificate = parse(pem);
  await requireIssuer(certificate, authorities);
  const names = alternativeNames(certificate.rawData);
  const commonName = commonNameOf(certificate.rawData);
  if (!commonName || /[+#/\s]/.test(commonName) || commonName.length > 200) {
    throw invalid("this certificate's common name cannot be used", {
      found: JSON.stringify(commonName ?? ""),
      expected: "a common name without blank, slash, + and #, as the broker's topics need it",
      remedy: "have a certificate issued with such a name",
    });
  }
  if (san !== undefined && !names.includes(san)) {
    throw invalid("this certificate has no such alternative name", {
      found: names.join(", ") || "no alternative names",
      expected: san,
      remedy: "name one of those, or map the certificate by its fingerprint",
    });
  }
  const fingerprint = fingerprintOf(certificate.rawData);
  const { serialNumber: serial, notAfter } = certificate;
  await insertCertificate(tx, { deviceId, fingerprint, serial, notAfter, san, commonName }).catch((error) => {
    if (!isUniqueViolation(error)) throw error;
    throw conflict("this certificate or one of its names is mapped already", {
      found: san ?? commonName,
      expected: "a certificate and names that no device has, of this tenant or another",
      remedy: "revoke the device that has it, or have a certificate issued with names of its own",
    });
  });
  await appendRow(tx, {
    action: "device.certificate-mapped",
    entity: { type: "device", id: deviceId },
    commits: [{ name: "certificate", hash: fingerprint }],
    units: [{ name: "detail", content: JSON.stringify({ commonName, san: san ?? null }) }],
  });
  return { fingerprint: fingerprint.toString("hex"), commonName };
}

/** For ingest: whose topics `v1x/<common name>/…` are. Names that are nobody's are absent. */
export async function findCommonNames(
  db: Queryable,
  names: string[],
): Promise<{ commonName: string; tenantId: string; deviceId: string }[]> {
  return selectCommonNames(db, names);
}

/** `dns:…`, `ip:…`, `email:…`, `url:…` of a certificate in DER. */
export function alternativeNames(raw: ArrayBuffer | Uint8Array): string[] {
  const certificate = new x509.X509Certificate(raw instanceof Uint8Array ? new Uint8Array(raw) : raw);
  const items = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  return items.map(({ type, value }) => `${type}:${value}`).filter((name) => name.length <= 300);
}

export function commonNameOf(raw: ArrayBuffer | Uint8Array): string | null {
  const certificate = new x509.X509Certificate(raw instanceof Uint8Array ? new Uint8Array(raw) : raw);
  return certificate.subjectName.getField("CN")[0] ?? null;
}

async function requireIssuer(certificate: x509.X509Certificate, authorities: readonly string[]): Promise<void> {
  for (const pem of authorities.flatMap(certificateBlocks)) {
    const authority = new x509.X509Certificate(pem);
    if (authority.subject !== certificate.issuer) continue;
    if (await certificate.verify({ publicKey: authority, signatureOnly: true }).catch(() => false)) return;
  }
  throw invalid("no CA for devices has issued this certificate", {
    found: `issuer ${certificate.issuer}`,
    expected: "a certificate of a CA in pki.extraDeviceCaFiles",
    remedy: "name the CA there and in mqtt.customer.caFile, or have a certificate issued by it",
  });
}

function parse(pem: string): x509.X509Certificate {
  try {
    return new x509.X509Certificate(pem);
  } catch {
    throw invalid("this is not a certificate", {
      found: `${pem.length} characters`,
      expected: "one X.509 certificate in PEM",
    });
  }
}
