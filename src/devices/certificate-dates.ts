import { readFile } from "node:fs/promises";
import { Gauge, type Registry } from "prom-client";
import type { Config } from "../platform/config.ts";
import { certificateBlocks } from "../platform/pem.ts";
import { x509 } from "./x509.ts";

export type CertificateUse = "https" | "device-ca" | "customer-device-ca" | "worker" | "evidence" | "revocations";

/** What the appliance shows or trusts, and until when. */
export type CertificateDates = {
  use: CertificateUse;
  subject: string;
  issuer: string;
  /** Signed by the appliance's own authority, or by itself: nobody else can know who made it. */
  ownMade: boolean;
  /** DNS names and addresses; of a server's certificate alone. */
  names: string[];
  notBefore: string;
  /** Of the revocation list: until when it counts. It is renewed daily. */
  notAfter: string;
};

export type CertificateSource = {
  /** As they are now. */
  read(): Promise<CertificateDates[]>;
};

export type CertificateFiles = { pki: Config["pki"]; http: Config["http"]; mqtt: Config["mqtt"]; keys: Config["keys"] };

export async function openCertificates({ pki, http, mqtt, keys }: CertificateFiles): Promise<CertificateSource> {
  const authority = await readCertificate(pki.caFile);
  const describe = async (use: CertificateUse, file: string): Promise<CertificateDates> =>
    datesOf(use, await readCertificate(file), authority);
  return {
    read: () =>
      Promise.all([
        describe("https", http.certFile),
        describe("device-ca", pki.deviceCaCertFile),
        ...pki.extraDeviceCaFiles.map((file) => describe("customer-device-ca", file)),
        describe("worker", mqtt.certFile),
        describe("evidence", keys.cmsCertFile),
        revocationDates(pki.crlFile),
      ]),
  };
}

export async function isHttpsOwnMade(source: CertificateSource): Promise<boolean> {
  return (await source.read()).some(({ use, ownMade }) => use === "https" && ownMade);
}

/** The first of a chain. */
async function readCertificate(file: string): Promise<x509.X509Certificate> {
  const pem = await readFile(file, "utf8");
  return new x509.X509Certificate(certificateBlocks(pem)[0] ?? pem);
}

async function datesOf(
  use: CertificateUse,
  certificate: x509.X509Certificate,
  authority: x509.X509Certificate,
): Promise<CertificateDates> {
  const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  return {
    use,
    subject: certificate.subject,
    issuer: certificate.issuer,
    ownMade: (await certificate.isSelfSigned()) || (await isIssuedBy(certificate, authority)),
    names: use === "https" ? names.map(({ value }) => value) : [],
    notBefore: timestampOf(certificate.notBefore),
    notAfter: timestampOf(certificate.notAfter),
  };
}

async function isIssuedBy(certificate: x509.X509Certificate, authority: x509.X509Certificate): Promise<boolean> {
  if (certificate.issuer !== authority.subject) return false;
  return certificate.verify({ publicKey: authority, signatureOnly: true });
}

async function revocationDates(file: string): Promise<CertificateDates> {
  const list = new x509.X509Crl(await readFile(file, "utf8"));
  return {
    use: "revocations",
    subject: list.issuer,
    issuer: list.issuer,
    ownMade: true,
    names: [],
    notBefore: timestampOf(list.thisUpdate),
    // RFC 5280, 5.1.2.5 has it optional; without it the list never ends.
    notAfter: timestampOf(list.nextUpdate ?? new Date("9999-12-31T23:59:59Z")),
  };
}

const timestampOf = (date: Date): string => date.toISOString().replace("Z", "000Z");

/** `ledgerstone_certificate_not_after_seconds{use}`: until when each counts, in seconds since 1970. Of several of one use the first to end. */
export function tellExpiry(registry: Registry, source: CertificateSource): void {
  new Gauge({
    name: "ledgerstone_certificate_not_after_seconds",
    help: "Until when a certificate or the revocation list counts, in seconds since 1970",
    labelNames: ["use"],
    registers: [registry],
    async collect() {
      this.reset();
      const ends = (await source.read()).map(({ use, notAfter }) => [use, Date.parse(notAfter) / 1000] as const);
      for (const [use, end] of ends.sort(([, a], [, b]) => b - a)) this.set({ use }, end);
    },
  });
}
