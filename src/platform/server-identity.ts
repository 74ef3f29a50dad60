import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { Finding } from "./finding.ts";

/** What a server shows (its certificate first, then who issued it) and what it proves that with. */
export type ServerIdentity = { chain: readonly X509Certificate[]; key: KeyObject };

/** An identity, unless something makes it unreadable. */
export type ReadIdentity = { identity?: ServerIdentity; findings: Finding[] };

const certificateBlock =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]+-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g;
const keyBlock = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+?-----END [A-Z ]*PRIVATE KEY-----/;

export type PemParts = {
  /** The chain, the server's certificate first (RFC 8446, 4.4.2). May hold the key too. */
  certificates: Buffer;
  key: Buffer;
  /** For an encrypted key. */
  passphrase?: string | undefined;
};

/** Reads PEM (RFC 7468). Says what is wrong instead of throwing. */
export function readPemIdentity({ certificates, key, passphrase }: PemParts): ReadIdentity {
  const findings: Finding[] = [];
  const chain = readChain(certificates, findings);
  const privateKey = readKey(key, passphrase, findings);
  if (chain.length === 0 || !privateKey || findings.length > 0) return { findings };
  return { identity: { chain, key: privateKey }, findings };
}

function readChain(bytes: Buffer, findings: Finding[]): X509Certificate[] {
  const blocks = bytes.toString("latin1").match(certificateBlock) ?? [];
  if (blocks.length === 0) {
    findings.push({
      id: "certificate-unreadable",
      severity: "error",
      found: describeBytes(bytes),
      required: "certificates in PEM, the server's own first",
      fix: "convert DER with 'openssl x509 -inform der -in FILE', or give PKCS#12 with --pkcs12",
    });
  }
  return blocks.flatMap((block, i) => {
    try {
      return [new X509Certificate(block)];
    } catch (error) {
      findings.push({
        id: "certificate-unreadable",
        severity: "error",
        found: `certificate ${i + 1} of ${blocks.length} broken: ${(error as Error).message}`,
        required: "X.509 certificates (RFC 5280)",
        fix: "ask for the file anew: it was damaged, or cut when it was copied",
      });
      return [];
    }
  });
}

function readKey(bytes: Buffer, passphrase: string | undefined, findings: Finding[]): KeyObject | undefined {
  const [block] = keyBlock.exec(bytes.toString("latin1")) ?? [];
  const say = (id: string, found: string, required: string, fix: string): undefined => {
    findings.push({ id, severity: "error", found, required, fix });
  };
  if (!block) {
    const fix = "give the key's file; convert DER with 'openssl pkey -inform der -in FILE'";
    return say("key-unreadable", describeBytes(bytes), "a private key in PEM", fix);
  }
  const isEncrypted = /BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(block);
  if (isEncrypted && passphrase === undefined) {
    const fix = "name its passphrase's file with --passphrase-file, or decrypt it with 'openssl pkey -in FILE'";
    return say("key-encrypted", "an encrypted private key", "one that is not, or its passphrase", fix);
  }
  try {
    return createPrivateKey({ key: block, ...(isEncrypted && { passphrase: passphrase! }) });
  } catch (error) {
    if (isEncrypted) {
      const fix = "mend the passphrase's file: its first line counts";
      return say("key-passphrase-wrong", "a passphrase that does not open the key", "the one it was made with", fix);
    }
    const fix = "ask for the file anew: it was damaged, or cut when it was copied";
    return say("key-unreadable", (error as Error).message, "a private key in PEM", fix);
  }
}

function describeBytes(bytes: Buffer): string {
  if (bytes.length === 0) return "an empty file";
  if (bytes[0] === 0x30) return `${bytes.length} bytes that look like DER`;
  return `${bytes.length} bytes without such a block`;
}
