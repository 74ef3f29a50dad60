import type { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Command } from "commander";
import {
  type CertificateFiles,
  checkKeyFile,
  readCertificateFiles,
  replaceCertificateFiles,
} from "../platform/certificate-files.ts";
import { checkCertificate } from "../platform/check-certificate.ts";
import { type Config, loadConfig } from "../platform/config.ts";
import { AppError } from "../platform/errors.ts";
import { type Finding, isSound } from "../platform/finding.ts";
import { readCertificates } from "../platform/pem.ts";
import { readPkcs12Identity } from "../platform/pkcs12.ts";
import { type ReadIdentity, readPemIdentity, type ServerIdentity } from "../platform/server-identity.ts";

type Path = () => string;
type Given = { cert?: string; key?: string; pkcs12?: string; passphraseFile?: string; host?: string[]; ca?: string };
type Looked = { identity: ServerIdentity | undefined; findings: Finding[] };

/** The certificate that people and devices see. Exit 1 when one does not pass its checks. */
export function certsCommand(configPath: Path): Command {
  const certs = new Command("certs").description("the certificate of HTTPS and of the broker");
  withSource(certs.command("check"))
    .description("look through a certificate before it is taken, or at the one in use")
    .option("--json", "findings as data")
    .action(async (given: Given & { json?: boolean }) => {
      const { identity, findings } = await look(configPath, given);
      print(given.json, { ...(identity && describe(identity)), findings }, () => text(identity, findings));
      if (!isSound(findings)) process.exitCode = 1;
    });
  certs
    .command("show")
    .description("the certificate in use")
    .option("--json", "as data")
    .action(async ({ json }: { json?: boolean }) => {
      const { identity, findings } = await look(configPath, {});
      print(json, { ...(identity && describe(identity)), findings }, () => text(identity, findings));
    });
  withSource(certs.command("install"))
    .description(
      "check a certificate and put it where the configuration has it; running servers take it up by themselves",
    )
    .action(async (given: Given) => {
      if (!given.cert && !given.pkcs12) throw missing("--cert and --key, or --pkcs12");
      const { identity, findings } = await look(configPath, given);
      process.stdout.write(text(identity, findings));
      if (!identity || !isSound(findings)) {
        process.exitCode = 1;
        process.stdout.write("\nnothing was changed\n");
        return;
      }
      const files = filesOf(await loadConfig(configPath()));
      await replaceCertificateFiles(files, pemOf(identity));
      process.stdout.write(
        `\ninstalled in ${files.certFile}; new connections see it within seconds, open ones go on\n`,
      );
    });
  return certs;
}

const withSource = (command: Command): Command =>
  command
    .option("--cert <file>", "the chain in PEM, the server's certificate first")
    .option("--key <file>", "its private key in PEM")
    .option("--pkcs12 <file>", "both in one file instead (.p12, .pfx)")
    .option("--passphrase-file <file>", "its first line opens the key or the PKCS#12 file")
    .option("--host <names...>", "names that it must have; those of the configuration otherwise")
    .option("--ca <file>", "whom clients trust, in PEM: the chain must lead there");

const filesOf = ({ http }: Config): CertificateFiles => ({ certFile: http.certFile, keyFile: http.keyFile });

const missing = (expected: string): AppError =>
  new AppError("invalid", "no certificate was named", { expected, remedy: "see --help" });

async function look(configPath: Path, given: Given): Promise<Looked> {
  const config = await loadConfig(configPath());
  const { read, keyFile } = await readGiven(config, given);
  const open = keyFile ? await checkKeyFile(keyFile) : [];
  const { identity } = read;
  if (!identity) return { identity, findings: [...read.findings, ...open] };
  const demands = {
    hosts: given.host ?? hostsOf(config),
    now: Date.now(),
    ...(given.ca && { authorities: await readAuthorities(given.ca) }),
  };
  return { identity, findings: [...checkCertificate(identity, demands), ...open] };
}

async function readGiven(config: Config, given: Given): Promise<{ read: ReadIdentity; keyFile?: string }> {
  const passphrase = given.passphraseFile && (await readFile(given.passphraseFile, "utf8")).split(/\r?\n/)[0];
  if (given.pkcs12) return { read: readPkcs12Identity(await readFile(given.pkcs12), passphrase ?? "") };
  if (!given.cert && !given.key) {
    const files = filesOf(config);
    return { read: await readCertificateFiles(files), keyFile: files.keyFile };
  }
  if (!given.cert || !given.key) throw missing("--cert and --key together");
  const [certificates, key] = [await readFile(given.cert), await readFile(given.key)];
  return { read: readPemIdentity({ certificates, key, passphrase }) };
}

async function readAuthorities(file: string): Promise<X509Certificate[]> {
  const found = await readCertificates(file);
  if (found.length > 0) return found;
  throw new AppError("invalid", `${file} holds no certificate in PEM`);
}

/** Where people and devices come, as the configuration tells them. */
function hostsOf({ http, mqtt }: Config): string[] {
  const urls = [http.publicUrl, http.deviceUrl].flatMap((url) => (url ? [new URL(url).hostname] : []));
  const host = mqtt.broker?.certFile === http.certFile && mqtt.advertised ? [mqtt.advertised.host] : [];
  return [...new Set([...urls.map((name) => name.replace(/^\[|\]$/g, "")), ...host])];
}

/** A key that was encrypted is written open: the server must read it alone, at night, after a power cut. */
const pemOf = ({ chain, key }: ServerIdentity) => ({
  certificates: Buffer.from(chain.map((certificate) => certificate.toString()).join("")),
  key: Buffer.from(key.export({ type: "pkcs8", format: "pem" })),
});

function describe({ chain, key }: ServerIdentity) {
  const [leaf] = chain;
  return {
    subject: leaf!.subject ?? "",
    issuer: leaf!.issuer,
    names: leaf!.subjectAltName?.split(", ") ?? [],
    notBefore: leaf!.validFromDate.toISOString(),
    notAfter: leaf!.validToDate.toISOString(),
    sha256: leaf!.fingerprint256,
    key: key.asymmetricKeyDetails?.namedCurve ?? `${key.asymmetricKeyType} ${key.asymmetricKeyDetails?.modulusLength}`,
    chain: chain.slice(1).map(({ subject }) => subject),
  };
}

function text(identity: ServerIdentity | undefined, findings: readonly Finding[]): string {
  const fields = identity ? Object.entries(describe(identity)) : [];
  const lines = fields.map(([name, value]) => `${name.padEnd(10)} ${[value].flat().join(", ").replaceAll("\n", ", ")}`);
  const found = findings.map(
    ({ id, severity, found, required, fix }) =>
      `${severity === "error" ? "✗" : "!"} ${id}: found ${found}; expected ${required}\n    ${fix}`,
  );
  if (identity && findings.length === 0) found.push("✓ nothing wrong with it");
  return `${[...lines, ...(lines.length > 0 ? [""] : []), ...found].join("\n")}\n`;
}

function print(json: boolean | undefined, data: unknown, plain: () => string): void {
  process.stdout.write(json ? `${JSON.stringify(data, null, 2)}\n` : plain());
}
