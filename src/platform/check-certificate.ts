import type { KeyObject, X509Certificate } from "node:crypto";
import type { Finding } from "./finding.ts";
import type { ServerIdentity } from "./server-identity.ts";

export type CertificateDemands = {
  /** Names and addresses under which clients come. */
  hosts: readonly string[];
  /** Milliseconds. */
  now: number;
  /** Who clients trust, when that is known: the chain must lead to one of them. */
  authorities?: readonly X509Certificate[];
};

const dayMs = 86_400_000;
export const warnDays = 30;
const curves: ReadonlySet<string> = new Set(["prime256v1", "secp384r1", "secp521r1"]);
const serverAuth = "1.3.6.1.5.5.7.3.1";

/** Whether a server can show this certificate and be believed (RFC 5280; names as RFC 9525). No finding: nothing to say. */
export function checkCertificate(identity: ServerIdentity, demands: CertificateDemands): Finding[] {
  return [
    ...checkKey(identity),
    ...checkUse(identity.chain[0]!),
    ...checkNames(identity.chain[0]!, demands.hosts),
    ...identity.chain.flatMap((certificate, i) => [
      ...checkDates(certificate, i === 0, demands.now),
      ...checkSignature(certificate),
    ]),
    ...checkChain(identity.chain, demands.authorities),
  ];
}

const error = (id: string, found: string, required: string, fix: string): Finding => ({
  id,
  severity: "error",
  found,
  required,
  fix,
});
const warning = (...parts: Parameters<typeof error>): Finding => ({ ...error(...parts), severity: "warning" });

const nameOf = (certificate: X509Certificate): string => certificate.subject?.replaceAll("\n", ", ") ?? "(no subject)";

function checkKey({ chain, key }: ServerIdentity): Finding[] {
  const findings = checkStrength(key, "the private key");
  const at = chain.findIndex((certificate) => certificate.checkPrivateKey(key));
  if (at > 0) {
    const fix = "put the server's certificate first, then the one that issued it, and so on";
    findings.push(error("leaf-not-first", `the key's certificate in place ${at + 1}`, "it in the first place", fix));
  } else if (at < 0) {
    const found = `a key that is not that of ${nameOf(chain[0]!)}`;
    findings.push(
      error("key-mismatch", found, "the certificate's own key", "give the key that was made for the request"),
    );
  }
  return findings.concat(chain.flatMap((certificate) => checkStrength(certificate.publicKey, nameOf(certificate))));
}

function checkStrength(key: KeyObject, whose: string): Finding[] {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  const fix = "have a certificate issued for a key of P-256 or RSA with 3072 bits";
  const bits = details?.modulusLength ?? 0;
  if (type === "rsa" || type === "rsa-pss") {
    return bits >= 2048 ? [] : [error("key-weak", `RSA with ${bits} bits, ${whose}`, "2048 bits or more", fix)];
  }
  if (type === "ec" && curves.has(details?.namedCurve ?? "")) return [];
  const found = `${type === "ec" ? `the curve ${details?.namedCurve}` : type}, ${whose}`;
  return [error("key-unsupported", found, "RSA, P-256, P-384 or P-521, as browsers and firmware know", fix)];
}

function checkUse(leaf: X509Certificate): Finding[] {
  const findings: Finding[] = [];
  if (leaf.ca) {
    const fix = "have a certificate issued for this server; an authority's belongs behind it";
    findings.push(error("is-authority", `${nameOf(leaf)} marked as an authority`, "a server's certificate", fix));
  }
  if (leaf.keyUsage && !leaf.keyUsage.includes(serverAuth)) {
    const fix = "have it issued with the extended key usage serverAuth";
    findings.push(
      error("not-for-servers", `extended key usage ${leaf.keyUsage.join(", ")}`, "serverAuth among it", fix),
    );
  }
  return findings;
}

function checkNames(leaf: X509Certificate, hosts: readonly string[]): Finding[] {
  if (!leaf.subjectAltName) {
    const fix = "have it issued with its names as subject alternative names: clients ignore the common name";
    return [error("names-missing", "no subject alternative name", "one for each name that clients use", fix)];
  }
  const isCovered = (host: string): boolean =>
    (/^[0-9.]+$|:/.test(host) ? leaf.checkIP(host) : leaf.checkHost(host, { subject: "never" })) !== undefined;
  return hosts
    .filter((host) => !isCovered(host))
    .map((host) => {
      const fix = "have it issued for this name too, or change http.publicUrl and http.deviceUrl";
      return error("host-not-covered", `${leaf.subjectAltName}, without ${host}`, `${host} among its names`, fix);
    });
}

function checkDates(certificate: X509Certificate, isLeaf: boolean, now: number): Finding[] {
  const [from, to] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  const whose = isLeaf ? "" : `, ${nameOf(certificate)}`;
  if (now < from) {
    const fix = "look at this machine's clock first; else wait, or have it issued anew";
    return [error("not-yet-valid", `valid from ${day(from)} on${whose}`, `valid today, ${day(now)}`, fix)];
  }
  if (now >= to) return [error("expired", `expired on ${day(to)}${whose}`, "valid today", "have it renewed")];
  if (to - now >= warnDays * dayMs) return [];
  const fix = "have it renewed, and install it with 'ledgerstone certs install'";
  return [warning("expires-soon", `expires on ${day(to)}${whose}`, `${warnDays} days or more`, fix)];
}

function checkSignature(certificate: X509Certificate): Finding[] {
  const algorithm = certificate.signatureAlgorithm ?? "";
  if (!/md[245]|sha-?1(?![0-9])/i.test(algorithm) || certificate.issuer === certificate.subject) return [];
  const fix = "have it issued with SHA-256";
  return [error("signature-weak", `${algorithm}, ${nameOf(certificate)}`, "SHA-256 or stronger", fix)];
}

const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

function checkChain(chain: readonly X509Certificate[], authorities: readonly X509Certificate[] | undefined): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const certificate of chain) {
    if (seen.has(certificate.fingerprint256)) {
      findings.push(
        error("chain-duplicate", `${nameOf(certificate)} twice`, "each certificate once", "remove one of them"),
      );
    }
    seen.add(certificate.fingerprint256);
  }
  for (const [i, issuer] of chain.entries()) {
    if (i === 0) continue;
    const below = chain[i - 1]!;
    if (!isIssuedBy(below, issuer)) findings.push(misplaced(chain, i));
    else if (!issuer.ca) {
      const fix = "leave it out, and put in the authority that issued the certificate";
      findings.push(error("issuer-not-authority", `${nameOf(issuer)} not marked as an authority`, "an authority", fix));
    }
  }
  if (findings.length > 0) return findings;
  return checkEnd(chain, authorities);
}

function misplaced(chain: readonly X509Certificate[], i: number): Finding {
  const [below, here] = [chain[i - 1]!, chain[i]!];
  const belongs = chain.some((other) => other !== here && (isIssuedBy(other, here) || isIssuedBy(here, other)));
  return belongs
    ? error(
        "chain-order",
        `${nameOf(here)} in place ${i + 1}, behind ${nameOf(below)}, which it has not issued`,
        "each certificate followed by the one that issued it",
        "put them in order: the server's, its issuer's, and so on",
      )
    : error("chain-foreign", `${nameOf(here)}, which issued none of the others`, "the chain alone", "leave it out");
}

function checkEnd(chain: readonly X509Certificate[], authorities: readonly X509Certificate[] | undefined): Finding[] {
  const last = chain.at(-1)!;
  const isOwnIssuer = isIssuedBy(last, last);
  if (authorities) {
    const leads = authorities.some((ca) => ca.fingerprint256 === last.fingerprint256 || isIssuedBy(last, ca));
    if (leads) return [];
    const fix = "put the missing issuers behind it, or have it issued by an authority that clients trust";
    return [error("chain-incomplete", `an end at ${nameOf(last)}`, "a chain to a trusted authority", fix)];
  }
  if (!isOwnIssuer) return [];
  if (chain.length > 1) return [];
  const fix = "have it issued by your own authority before people and devices use it";
  return [warning("self-signed", `${nameOf(last)}, signed by itself`, "an issuer that clients know", fix)];
}
