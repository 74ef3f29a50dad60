import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "./ports.ts";
import { portAnswers, startProcess, waitUntil } from "./process.ts";
import { removeDirectory, temporaryDirectory } from "./temporary.ts";

const program = "/usr/share/simplesamlphp";

/** PEM. */
export type ProviderKey = { certificate: string; privateKey: string };
export type ProviderUser = { password: string; attributes: Record<string, string[]> };

export type ProviderSettings = {
  keys: ProviderKey;
  /** Announced beside it, not yet signed with. */
  nextKeys?: ProviderKey;
  encrypt: boolean;
  users: Record<string, ProviderUser>;
  /** Metadata of the service providers it knows: SAML 2.0 XML, as they publish it. */
  serviceProviders: string[];
};

/** SimpleSAMLphp as an identity provider, from Debian's package, with a configuration of its own. */
export type Simplesamlphp = {
  readonly entityId: string;
  readonly metadataUrl: string;
  /** Holds from the next request on. */
  configure(change: Partial<ProviderSettings>): Promise<void>;
  /** What it logged. */
  output(): string;
  stop(): Promise<void>;
};

export async function startSimplesamlphp(settings: ProviderSettings): Promise<Simplesamlphp> {
  if (!existsSync(`${program}/www`)) {
    throw new Error(`no SimpleSAMLphp at ${program}: run ./appliance/test, or install the package simplesamlphp`);
  }
  const directory = await temporaryDirectory("simplesamlphp");
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  let now = settings;
  for (const name of ["cert", "metadata", "data", "log", "tmp", "sessions"]) await mkdir(join(directory, name));
  await writeFile(join(directory, "config.php"), configFile(directory, base));
  await writeSettings(directory, now);
  await chmod(directory, 0o755);
  const running = startProcess({
    name: "simplesamlphp",
    command: "php",
    // Else a file that was read within two seconds is not read again, and a new configuration does not show.
    args: [
      "-d",
      "opcache.enable=0",
      "-d",
      "display_errors=stderr",
      "-d",
      "error_reporting=0",
      "-S",
      `127.0.0.1:${port}`,
      "-t",
      `${program}/www`,
    ],
    env: { ...process.env, SIMPLESAMLPHP_CONFIG_DIR: directory },
  });
  await waitUntil("SimpleSAMLphp", () => portAnswers(port), { running });
  return {
    entityId: `${base}/saml2/idp/metadata.php`,
    metadataUrl: `${base}/saml2/idp/metadata.php`,
    async configure(change) {
      now = { ...now, ...change };
      await writeSettings(directory, now);
    },
    output: () => running.output(),
    async stop() {
      await running.stop();
      await removeDirectory(directory);
    },
  };
}

async function writeSettings(directory: string, settings: ProviderSettings): Promise<void> {
  const put = (name: string, text: string) => writeFile(join(directory, name), text);
  const { keys, nextKeys, encrypt, users, serviceProviders } = settings;
  await put("cert/idp.pem", keys.privateKey);
  await put("cert/idp.crt", keys.certificate);
  if (nextKeys) {
    await put("cert/next.pem", nextKeys.privateKey);
    await put("cert/next.crt", nextKeys.certificate);
  }
  const accounts = Object.entries(users).map(([name, { password, attributes }]) => [`${name}:${password}`, attributes]);
  const source = { 0: "exampleauth:UserPass", ...Object.fromEntries(accounts) };
  await put("authsources.php", `<?php\n$config = ['people' => ${php(source)}];\n`);
  const hosted = {
    host: "__DEFAULT__",
    privatekey: "idp.pem",
    certificate: "idp.crt",
    ...(nextKeys && { new_privatekey: "next.pem", new_certificate: "next.crt" }),
    auth: "people",
    "signature.algorithm": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "validate.authnrequest": true,
    "saml20.sign.response": true,
    "saml20.sign.assertion": true,
    "assertion.encryption": encrypt,
    NameIDFormat: persistent,
    authproc: { 3: { class: "saml:AttributeNameID", attribute: "uid", Format: persistent } },
  };
  await put("metadata/saml20-idp-hosted.php", `<?php\n$metadata['__DYNAMIC:1__'] = ${php(hosted)};\n`);
  const entities = serviceProviders.map((xml) => xml.replace(/^<\?xml[^>]*\?>\s*/, "")).join("\n");
  const all = `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${entities}</md:EntitiesDescriptor>`;
  await put("metadata/providers.xml", all);
}

const persistent = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";

function configFile(directory: string, base: string): string {
  const folder = (name: string) => `${join(directory, name)}/`;
  const config = {
    baseurlpath: `${base}/`,
    certdir: folder("cert"),
    loggingdir: folder("log"),
    datadir: folder("data"),
    tempdir: folder("tmp"),
    metadatadir: folder("metadata"),
    "metadata.sources": [{ type: "flatfile" }, { type: "xml", file: join(directory, "metadata/providers.xml") }],
    "logging.handler": "stderr",
    "logging.level": 5,
    secretsalt: randomBytes(24).toString("hex"),
    "auth.adminpassword": randomBytes(24).toString("hex"),
    technicalcontact_email: "nobody@example.test",
    timezone: "UTC",
    showerrors: true,
    errorreporting: false,
    "enable.saml20-idp": true,
    "module.enable": { core: true, saml: true, exampleauth: true },
    "session.cookie.secure": false,
    "session.phpsession.savepath": join(directory, "sessions"),
    "store.type": "phpsession",
    "language.available": ["en"],
    "language.default": "en",
    "theme.use": "default",
  };
  return `<?php\n$config = ${php(config)};\n`;
}

/** A value as PHP source. */
function php(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(php).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const pairs = Object.entries(value).map(([key, each]) => `${/^\d+$/.test(key) ? key : php(key)} => ${php(each)}`);
    return `[${pairs.join(", ")}]`;
  }
  if (typeof value === "string") return `'${value.replace(/[\\']/g, "\\$&")}'`;
  return String(value);
}
