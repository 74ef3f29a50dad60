import { signatureName } from "../record/bag.ts";
import { timestampFromMillis } from "../record/time.ts";
import { DerError } from "./cms/der.ts";
import { type CmsSignature, verifyDetached } from "./cms/signed-data.ts";
import { readWhole } from "./lines.ts";
import { openFile, type Run } from "./run.ts";

export type CmsFacts = { subject: string; issuer: string; sha256: string; signedAt: string };

function factsOf({ certificate, signedAt }: CmsSignature): CmsFacts {
  const { subject, issuerName, sha256 } = certificate;
  return { subject, issuer: issuerName, sha256, signedAt: timestampFromMillis(signedAt) };
}

/** Check 2. What the signature says is returned also when it is not believed. */
export async function checkCms(run: Run): Promise<CmsFacts | undefined> {
  const { bag, report, options } = run;
  if (!bag.source.names.includes(signatureName)) {
    report.fail(2, signatureName, "found no CMS signature");
    return undefined;
  }
  let signature: CmsSignature;
  try {
    signature = verifyDetached(await readWhole(openFile(run, signatureName), 1_048_576), bag.tagManifest);
  } catch (error) {
    if (!(error instanceof DerError || error instanceof RangeError)) throw error;
    report.fail(2, signatureName, error.message);
    return undefined;
  }
  const facts = factsOf(signature);
  const { notBefore, notAfter } = signature.certificate;
  if (signature.signedAt < notBefore || signature.signedAt > notAfter) {
    report.fail(2, signatureName, `found signing time ${facts.signedAt} outside the certificate's validity`);
  }
  if (options.trust && !options.trust.cmsSha256.includes(facts.sha256)) {
    report.fail(
      2,
      signatureName,
      `found certificate ${facts.sha256} (${facts.subject}), which the trust given does not name`,
    );
  }
  report.detail(2, `signed by ${facts.subject} at ${facts.signedAt}, certificate SHA-256 ${facts.sha256}`);
  return facts;
}
