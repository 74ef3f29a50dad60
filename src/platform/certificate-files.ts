import { constants } from "node:fs";
import { chmod, open, readFile, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { checkCertificate } from "./check-certificate.ts";
import { AppError } from "./errors.ts";
import { ifThere, syncDirectory } from "./files.ts";
import type { Finding } from "./finding.ts";
import { type ReadIdentity, readPemIdentity, type ServerIdentity } from "./server-identity.ts";

export type CertificateFiles = { certFile: string; keyFile: string };
export type IdentityBytes = { certificates: Buffer; key: Buffer };

const nextOf = (file: string): string => `${file}.next`;

/**
 * The pair as it stands. Two files cannot be put in place in one step: when an install was killed between them, the key is the
 * new one and the chain still lies beside the old as `.next`; then that is what is read.
 */
export async function readCertificateFiles({
  certFile,
  keyFile,
}: CertificateFiles): Promise<ReadIdentity & IdentityBytes> {
  const [certificates, key] = [await readFile(certFile), await readFile(keyFile)];
  const read = { ...readPemIdentity({ certificates, key }), certificates, key };
  if (!read.identity || isPair(read.identity)) return read;
  const next = await ifThere(readFile(nextOf(certFile)));
  const other = next && readPemIdentity({ certificates: next, key });
  return other?.identity && isPair(other.identity) ? { ...other, certificates: next!, key } : read;
}

/** For a server's start. @throws AppError `certificate` when there is no pair to show. One that has expired is shown: people must get in. */
export async function loadCertificateFiles(files: CertificateFiles): Promise<IdentityBytes> {
  const { identity, findings, certificates, key } = await readCertificateFiles(files);
  if (identity && isPair(identity)) return { certificates, key };
  const [first] = identity ? checkCertificate(identity, { hosts: [], now: Date.now() }) : findings;
  throw new AppError("certificate", `${files.certFile} and ${files.keyFile} cannot be served`, {
    found: first!.found,
    expected: first!.required,
    remedy: `${first!.fix}; 'ledgerstone certs check' says all that is wrong`,
  });
}

const isPair = ({ chain, key }: ServerIdentity): boolean => chain[0]!.checkPrivateKey(key);

/** A key that others of this machine may read. */
export async function checkKeyFile(keyFile: string): Promise<Finding[]> {
  const { mode } = await stat(keyFile);
  if ((mode & (constants.S_IRWXO | constants.S_IWGRP)) === 0) return [];
  return [
    {
      id: "key-file-open",
      severity: "warning",
      found: `${keyFile} with mode ${(mode & 0o777).toString(8)}`,
      required: "no access for others, no writing for its group",
      fix: `chmod 640 ${keyFile}`,
    },
  ];
}

/**
 * Puts a new pair where the old one is, each file with the mode of the old. Whoever reads with `readCertificateFiles` sees the
 * old pair or the new one, also when this is killed. Durable when it resolves.
 */
export async function replaceCertificateFiles(files: CertificateFiles, bytes: IdentityBytes): Promise<void> {
  await writeNext(files.certFile, bytes.certificates, 0o644);
  await writeNext(files.keyFile, bytes.key, 0o600);
  // The key first: from here on a reader finds the chain under its other name.
  await rename(nextOf(files.keyFile), files.keyFile);
  await rename(nextOf(files.certFile), files.certFile);
  for (const directory of new Set([dirname(files.certFile), dirname(files.keyFile)])) await syncDirectory(directory);
}

async function writeNext(file: string, bytes: Buffer, mode: number): Promise<void> {
  const old = await ifThere(stat(file));
  const handle = await open(nextOf(file), "w", mode);
  try {
    await handle.writeFile(bytes);
    if (old) {
      await handle.chown(old.uid, old.gid);
      await chmod(nextOf(file), old.mode & 0o777);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncDirectory(dirname(file));
}
