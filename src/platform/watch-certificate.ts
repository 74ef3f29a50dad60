import { type CertificateFiles, type IdentityBytes, readCertificateFiles } from "./certificate-files.ts";
import { checkCertificate } from "./check-certificate.ts";
import { describeError } from "./errors.ts";
import { type Finding, isSound } from "./finding.ts";
import type { Logger } from "./logger.ts";
import type { ServerIdentity } from "./server-identity.ts";

export type CertificateWatch = {
  /** In use now. */
  current(): ServerIdentity;
  /** Why the files as they lie there are not in use; empty when they are. */
  refused(): readonly Finding[];
  /** Looks at once. */
  look(): Promise<void>;
  stop(): Promise<void>;
};

type Watching = {
  files: CertificateFiles;
  /** What was read from the files at the start. */
  first: { identity: ServerIdentity } & IdentityBytes;
  /** Takes the new pair into use; connections that are open keep the old one. */
  apply(bytes: IdentityBytes): void | Promise<void>;
  log: Logger;
  everyMs?: number;
};

/**
 * Looks whether the files have changed, also when what they lie in was swapped (Kubernetes secrets), and takes a sound pair
 * into use. One that is not leaves the old pair in use: renewing a certificate wrongly must not stop the service.
 */
export function watchCertificate({ files, first, apply, log, everyMs = 5_000 }: Watching): CertificateWatch {
  let { identity } = first;
  let seen: IdentityBytes = first;
  let refused: readonly Finding[] = [];
  const look = async (): Promise<void> => {
    try {
      const read = await readCertificateFiles(files);
      if (read.certificates.equals(seen.certificates) && read.key.equals(seen.key)) return;
      seen = read;
      const findings = read.identity ? checkCertificate(read.identity, { hosts: [], now: Date.now() }) : read.findings;
      if (!read.identity || !isSound(findings)) {
        refused = findings;
        log.error({ file: files.certFile, findings }, "new certificate refused, the old one stays in use");
        return;
      }
      await apply(read);
      identity = read.identity;
      refused = [];
      log.info({ file: files.certFile, notAfter: identity.chain[0]!.validToDate }, "new certificate in use");
    } catch (error) {
      log.error({ file: files.certFile, reason: describeError(error) }, "certificate files cannot be read");
    }
  };
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, everyMs);
  return {
    current: () => identity,
    refused: () => refused,
    look: () => {
      looking = looking.then(look);
      return looking;
    },
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}
