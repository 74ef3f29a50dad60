import { createPrivateKey, X509Certificate } from "node:crypto";
import forge from "node-forge";
import type { Finding } from "./finding.ts";
import type { ReadIdentity } from "./server-identity.ts";

const { oids } = forge.pki;

/**
 * Reads PKCS#12 (RFC 7292) as OpenSSL and Windows write it: one key, its certificate, and the chain in whatever order. Says
 * what is wrong instead of throwing.
 */
export function readPkcs12Identity(bytes: Buffer, passphrase: string): ReadIdentity {
  const bags = openBags(bytes, passphrase);
  if ("id" in bags) return { findings: [bags] };
  const { keys, certificates } = bags;
  const [key] = keys;
  if (!key || keys.length > 1 || certificates.length === 0) {
    const finding: Finding = {
      id: "pkcs12-contents",
      severity: "error",
      found: `${keys.length} private keys and ${certificates.length} certificates`,
      required: "one private key and its certificate",
      fix: "export it anew with its private key and its chain, and nothing else",
    };
    return { findings: [finding] };
  }
  const own = certificates.findIndex((certificate) => certificate.checkPrivateKey(key));
  // Without its own, the first stands for it, and the check says that they do not match.
  const leaf = certificates[Math.max(0, own)]!;
  const others = certificates.filter((certificate) => certificate !== leaf);
  return { identity: { chain: inOrder(leaf, others), key }, findings: [] };
}

type Bags = { keys: ReturnType<typeof createPrivateKey>[]; certificates: X509Certificate[] };

function openBags(bytes: Buffer, passphrase: string): Bags | Finding {
  try {
    const der = forge.asn1.fromDer(bytes.toString("latin1"));
    const { safeContents } = forge.pkcs12.pkcs12FromAsn1(der, passphrase);
    const bags = safeContents.flatMap(({ safeBags }) => safeBags);
    // What forge understands comes parsed, which is RSA alone; the rest as ASN.1.
    const isKey = bags.filter(({ type }) => type === oids.pkcs8ShroudedKeyBag || type === oids.keyBag);
    const keys = isKey.map(({ key, asn1 }) =>
      toDer(key ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(key)) : asn1),
    );
    const certificates = bags
      .filter(({ type }) => type === oids.certBag)
      .map(({ cert, asn1 }) => toDer(cert ? forge.pki.certificateToAsn1(cert) : asn1));
    return {
      keys: keys.map((key) => createPrivateKey({ key, format: "der", type: "pkcs8" })),
      certificates: certificates.map((certificate) => new X509Certificate(certificate)),
    };
  } catch (error) {
    const isPassphrase = /MAC could not be verified|Invalid password/.test((error as Error).message);
    return {
      id: isPassphrase ? "pkcs12-passphrase-wrong" : "pkcs12-unreadable",
      severity: "error",
      found: isPassphrase ? "a passphrase that does not open the file" : (error as Error).message,
      required: isPassphrase ? "the one it was exported with" : "a PKCS#12 file (.p12, .pfx)",
      fix: isPassphrase ? "mend the passphrase's file: its first line counts" : "export it anew",
    };
  }
}

const toDer = (asn1: forge.asn1.Asn1): Buffer => Buffer.from(forge.asn1.toDer(asn1).getBytes(), "latin1");

/** Each followed by who issued it; what has no place in the chain comes last, for the check to name. */
function inOrder(leaf: X509Certificate, others: X509Certificate[]): X509Certificate[] {
  const chain = [leaf];
  const left = [...others];
  for (;;) {
    const next = left.findIndex((certificate) => chain.at(-1)!.checkIssued(certificate));
    if (next < 0) return [...chain, ...left];
    chain.push(...left.splice(next, 1));
  }
}
