import { type CertificateFiles, type IdentityBytes, readCertificateFiles } from "./certificate-files.ts";
import { checkCertificate } from "./check-certificate.ts";
import { describeError } from "./errors.ts";
import { isSound } from "./finding.ts";
import type { Logger } from "./logger.ts";

type Watching = {
  files: CertificateFiles;
  /** What was read from the files at the start. */
  first: IdentityBytes;
  /** Takes the new pair into use; connections that are open keep the old one. */
  apply(bytes: IdentityBytes): void | Promise<void>;
  log: Logger;
};

const everyMs = 5_000;

/**
 * Looks whether the files have changed, also when what they lie in was swapped (Kubernetes secrets), and takes a sound pair
 * into use. One that is not leaves the old pair in use: renewing a certificate wrongly must not stop the service.
 */
export function watchCertificate({ files, first, apply, log }: Watching): { stop(): Promise<void> } {
  let seen: IdentityBytes = first;
  const look = async (): Promise<void> => {
    try {
      const read = await readCertificateFiles(files);
      if (read.certificates.equals(seen.certificates) && read.key.equals(seen.key)) return;
      seen = read;
      const findings = read.identity ? checkCertificate(read.identity, { hosts: [], now: Date.now() }) : read.findings;
      if (!read.identity || !isSound(findings)) {
        log.error({ file: files.certFile, findings }, "new certificate refused, the old one stays in use");
        return;
      }
      await apply(read);
      log.info({ file: files.certFile, notAfter: read.identity.chain[0]!.validToDate }, "new certificate in use");
    } catch (error) {
      log.error({ file: files.certFile, reason: describeError(error) }, "certificate files cannot be read");
    }
  };
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}
