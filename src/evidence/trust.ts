import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SealDeps } from "../audit/index.ts";
import { AppError } from "../platform/errors.ts";
import { readCertificates } from "../platform/pem.ts";
import { trustJson } from "../record/scope.ts";
import { timestampFromMillis } from "../record/time.ts";
import { fingerprintOf } from "./cms.ts";

export type TrustSource = { appliance: string; seal: Pick<SealDeps, "signers">; certFile: string };

export type TrustView = {
  /** The file as auditors get it. */
  trust: string;
  sha256: string;
  certificate: { subject: string; sha256: string; validFrom: string; validTo: string };
  verifiers: { name: string; bytes: number; sha256: string }[];
};

const folder = join(import.meta.dirname, "../../dist/verifier");
const names = ["ledgerstone-verify.html", "ledgerstone-verify.mjs"];
export const VERIFIER_NAME = /^ledgerstone-verify\.(?:html|mjs)$/;

/** What goes to auditors on paper: whose signatures count, and what the verifiers' files must be. */
export async function trustView({ appliance, seal, certFile }: TrustSource): Promise<TrustView> {
  const [leaf] = await readCertificates(certFile);
  if (!leaf) {
    throw new AppError("cms-key", "there is no certificate for signing bundles", {
      found: `none in ${certFile}`,
      expected: "the certificate of keys.cmsKeyFile first, then its chain",
      remedy: "mend keys.cmsCertFile",
    });
  }
  const cmsSha256 = fingerprintOf(leaf);
  const ed25519 = seal.signers.map(({ publicKey }) => publicKey);
  const trust = trustJson({ appliance, ed25519, cmsSha256: [cmsSha256] });
  return {
    trust,
    sha256: digest(Buffer.from(trust, "utf8")),
    certificate: {
      subject: leaf.subject.replaceAll("\n", ", "),
      sha256: cmsSha256,
      validFrom: timestampFromMillis(Date.parse(leaf.validFrom)),
      validTo: timestampFromMillis(Date.parse(leaf.validTo)),
    },
    verifiers: await builtVerifiers(),
  };
}

/** @throws AppError `not-found` where they were not built. */
export async function readVerifier(name: string): Promise<Buffer> {
  return readFile(join(folder, name)).catch((cause) => {
    throw new AppError("not-found", `${name} is not here`, { remedy: "run: npm run build:verifier", cause });
  });
}

async function builtVerifiers(): Promise<TrustView["verifiers"]> {
  const built = [];
  for (const name of names) {
    const content = await readVerifier(name).catch(() => undefined);
    if (content) built.push({ name, bytes: content.length, sha256: digest(content) });
  }
  return built;
}

const digest = (content: Buffer): string => createHash("sha256").update(content).digest("hex");
