import { generateKeyPairSync, randomBytes, randomUUID, X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { stringify } from "yaml";
import { createPki, type PkiFiles, writeBrokerConfig } from "../devices/index.ts";
import { AppError } from "../platform/errors.ts";
import { createSigningCertificate } from "./signing-certificate.ts";

interface InitOptions {
  dir: string;
  host: string[];
  httpsPort: number;
  devicePort: number;
  postgres: string;
  postgresDirectory?: string;
  redis: string;
  mqttPort: number;
  workerPort: number;
  plainPort?: number;
  customerCa?: string;
  customerCrl?: string;
  customerPort: number;
  tour?: boolean;
}

const collect = (value: string, earlier: string[]): string[] => [...earlier, value];

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError("expected 1 to 65535");
  return port;
}

/** Makes secrets, certificates and a whole configuration, once. Refuses a folder that has one: new keys would orphan its data. */
export function initCommand(): Command {
  return new Command("init")
    .description("make secrets, certificates and configuration in a new folder")
    .requiredOption("--dir <dir>", "the folder")
    .requiredOption("--host <name>", "DNS name or address of this appliance; may be given several times", collect, [])
    .option("--https-port <port>", "API", portNumber, 8443)
    .option("--device-port <port>", "device plane", portNumber, 8444)
    .option("--postgres <host:port>", "Postgres", "127.0.0.1:5432")
    .option("--postgres-directory <dir>", "its data directory, where that is on this machine: its disk is watched too")
    .option("--redis <host:port>", "Redis", "127.0.0.1:6379")
    .option("--mqtt-port <port>", "devices' MQTT listener", portNumber, 8883)
    .option("--worker-port <port>", "the worker's MQTT listener, on loopback", portNumber, 8885)
    .option("--plain-port <port>", "MQTT listener with passwords, for plain firmware", portNumber)
    .option("--customer-ca <file>", "PEM of your own CA, whose certificates may be mapped to devices")
    .option("--customer-crl <file>", "that CA's CRL; you keep it current at this path, and tell the broker by SIGHUP")
    .option("--customer-port <port>", "MQTT listener for certificates of your own CA", portNumber, 8886)
    .addOption(new Option("--tour", "short intervals and generous limits, for the quickstart").hideHelp())
    .action(initialise);
}

async function initialise(options: InitOptions): Promise<void> {
  const { dir } = options;
  const configFile = join(dir, "ledgerstone.yaml");
  if (existsSync(configFile)) {
    throw new AppError("config", `${dir} is initialised already`, {
      found: configFile,
      expected: "a new folder",
      remedy: "use it as it is, or name another folder",
    });
  }
  const crl = await customerCrl(options);
  const secrets = join(dir, "secrets");
  await mkdir(secrets, { recursive: true, mode: 0o700 });
  for (const name of ["witness", "journal", "objects", "data", "mosquitto"])
    await mkdir(join(dir, name), { recursive: true, mode: 0o750 });
  await writeSecrets(secrets);
  const pki = await createPki(join(dir, "pki"), options.host);
  if (options.plainPort) await writeFile(join(dir, "mosquitto/passwords"), "", { mode: 0o600 });
  const customerCaFile = await copyCustomerCa(options);
  await writeBrokerConfig({
    directory: join(dir, "mosquitto"),
    ...(process.getuid?.() === 0 ? { user: "root" } : {}),
    serverCertFile: pki.serverCertFile,
    serverKeyFile: pki.serverKeyFile,
    deviceCaFile: pki.deviceCaCertFile,
    crlFile: pki.crlFile,
    workerCaFile: pki.caFile,
    devices: { port: options.mqttPort },
    worker: { port: options.workerPort, bind: "127.0.0.1" },
    ...(options.plainPort
      ? { plain: { port: options.plainPort, passwordFile: join(dir, "mosquitto/passwords") } }
      : {}),
    ...(customerCaFile && { customer: { port: options.customerPort, caFile: customerCaFile, ...crl } }),
  });
  await writeFile(configFile, stringify(configuration(options, pki, customerCaFile), { lineWidth: 0 }), {
    mode: 0o600,
  });
  process.stdout.write(`${configFile}\n`);
}

async function writeSecrets(secrets: string): Promise<void> {
  const put = async (name: string, text: string) => {
    await writeFile(join(secrets, name), `${text}\n`, { mode: 0o600, flag: "wx" });
    await chmod(join(secrets, name), 0o600);
  };
  for (const role of ["owner", "app", "executor", "ops", "report"])
    await put(`postgres-${role}`, randomBytes(24).toString("base64url"));
  await put("redis-password", randomBytes(24).toString("base64url"));
  await put("master.key", randomBytes(32).toString("hex"));
  await put("api-key-pepper", randomBytes(32).toString("hex"));
  await put(
    "signing-key.pem",
    generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString().trimEnd(),
  );
  const evidence = await createSigningCertificate("Ledgerstone evidence");
  await put("evidence-key.pem", evidence.keyPem.trimEnd());
  await put("evidence.pem", evidence.certificatePem.trimEnd());
}

/** Into our folder, where the broker can read it. */
async function copyCustomerCa({ dir, customerCa }: InitOptions): Promise<string | undefined> {
  if (!customerCa) return undefined;
  const pem = await readFile(customerCa, "utf8");
  try {
    if (new X509Certificate(pem).ca) {
      const file = join(dir, "pki/customer-ca.pem");
      await writeFile(file, pem, { mode: 0o644 });
      return file;
    }
  } catch (cause) {
    throw new AppError("config", `${customerCa} is no certificate`, { expected: "the PEM of your CA", cause });
  }
  throw new AppError("config", `${customerCa} is not the certificate of a CA`, { expected: "the PEM of your CA" });
}

/** Where it is, since its owner renews it there. A broker with a CRL that is none, or is past its time, lets nobody in. */
async function customerCrl({ customerCa, customerCrl: file }: InitOptions): Promise<{ crlFile?: string }> {
  if (!file) return {};
  const found = customerCa ? await readFile(file, "utf8") : "--customer-crl without --customer-ca";
  if (/^-----BEGIN X509 CRL-----$/m.test(found)) return { crlFile: resolve(file) };
  throw new AppError("config", `${file} cannot be used as your CA's CRL`, {
    found: customerCa ? "no PEM of a CRL" : found,
    expected: "the PEM of its CRL, with --customer-ca",
    remedy: "openssl crl -inform der -in <file> -out <file>.pem makes PEM of DER",
  });
}

function configuration(options: InitOptions, pki: PkiFiles, customerCaFile: string | undefined): object {
  const { dir, host } = options;
  const secret = (name: string): string => join(dir, "secrets", name);
  const [postgresHost, postgresPort] = splitPlace(options.postgres);
  const [redisHost, redisPort] = splitPlace(options.redis);
  return {
    appliance: { id: randomUUID(), dataDir: join(dir, "data") },
    postgres: {
      host: postgresHost,
      port: postgresPort,
      database: "ledgerstone",
      appPasswordFile: secret("postgres-app"),
      executorPasswordFile: secret("postgres-executor"),
      ownerPasswordFile: secret("postgres-owner"),
      ...(options.postgresDirectory && { directory: resolve(options.postgresDirectory) }),
    },
    redis: { host: redisHost, port: redisPort, passwordFile: secret("redis-password") },
    http: {
      port: options.httpsPort,
      devicePort: options.devicePort,
      certFile: pki.serverCertFile,
      keyFile: pki.serverKeyFile,
      publicUrl: `https://${host[0]}:${options.httpsPort}`,
      deviceUrl: `https://${host[0]}:${options.devicePort}`,
    },
    pki: {
      caFile: pki.caFile,
      deviceCaCertFile: pki.deviceCaCertFile,
      deviceCaKeyFile: pki.deviceCaKeyFile,
      crlFile: pki.crlFile,
      ...(customerCaFile && { extraDeviceCaFiles: [customerCaFile] }),
    },
    mqtt: {
      host: "127.0.0.1",
      port: options.workerPort,
      certFile: pki.workerCertFile,
      keyFile: pki.workerKeyFile,
      caFile: pki.caFile,
      advertised: { host: host[0], port: options.mqttPort },
      broker: {
        pidFile: join(dir, "mosquitto/mosquitto.pid"),
        certFile: pki.serverCertFile,
        keyFile: pki.serverKeyFile,
      },
      ...(options.plainPort
        ? { plain: { port: options.plainPort, passwordFile: join(dir, "mosquitto/passwords") } }
        : {}),
      ...(customerCaFile && { customer: { port: options.customerPort, caFile: customerCaFile } }),
    },
    keys: {
      masterKeyFile: secret("master.key"),
      signingKeyFile: secret("signing-key.pem"),
      cmsKeyFile: secret("evidence-key.pem"),
      cmsCertFile: secret("evidence.pem"),
    },
    apiKeys: { pepperFile: secret("api-key-pepper") },
    objects: { directory: join(dir, "objects") },
    witness: { directories: [join(dir, "witness")] },
    journal: { directory: join(dir, "journal") },
    ...(options.tour
      ? {
          retention: { reconcileSeconds: 3 },
          seal: { seconds: 3 },
          limits: { general: 6000, write: 6000, settings: 6000 },
          ingest: { minFreeBytes: 268_435_456 },
        }
      : {}),
  };
}

function splitPlace(place: string): [string, number] {
  const at = place.lastIndexOf(":");
  const port = Number(place.slice(at + 1));
  if (at < 1 || !Number.isInteger(port))
    throw new AppError("config", "not an address with a port", { found: place, expected: "host:port" });
  return [place.slice(0, at), port];
}
