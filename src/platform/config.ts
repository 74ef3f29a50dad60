import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { AppError } from "./errors.ts";
import { isCidr, isProxy } from "./outbound-address.ts";
import { smtpSchema } from "./smtp-config.ts";

const port = z.number().int().min(1).max(65535);
const file = z.string().min(1);
const days = z.number().int().min(1).max(60);

const schema = z.strictObject({
  appliance: z.strictObject({ id: z.uuid(), dataDir: file }),
  postgres: z.strictObject({
    host: z.string().min(1),
    port: port.default(5432),
    database: z.string().min(1).default("ledgerstone"),
    caFile: file.optional(),
    appPasswordFile: file,
    executorPasswordFile: file,
    ownerPasswordFile: file.optional(),
    poolSize: z.number().int().min(2).max(200).default(20),
    directory: file.optional(),
  }),
  redis: z.strictObject({
    host: z.string().min(1),
    port: port.default(6379),
    passwordFile: file.optional(),
    caFile: file.optional(),
  }),
  http: z.strictObject({
    host: z.string().min(1).default("0.0.0.0"),
    port,
    devicePort: port,
    certFile: file,
    keyFile: file,
    publicUrl: z.url().optional(),
    deviceUrl: z.url().optional(),
    trustedProxies: z
      .array(z.string().refine(isProxy, "expected an address or a network such as 10.0.0.0/8"))
      .default([]),
    securityContact: z.array(z.url({ protocol: /^(mailto|https|tel)$/ })).default([]),
  }),
  pki: z.strictObject({
    caFile: file,
    deviceCaCertFile: file,
    deviceCaKeyFile: file,
    crlFile: file,
    extraDeviceCaFiles: z.array(file).default([]),
  }),
  mqtt: z.strictObject({
    host: z.string().min(1),
    port,
    certFile: file,
    keyFile: file,
    caFile: file,
    clientId: z.string().min(1).max(64).default("ledgerstone-worker"),
    plain: z.strictObject({ port, passwordFile: file }).optional(),
    /** Listener for certificates of the customer's own CA. */
    customer: z.strictObject({ port, caFile: file }).optional(),
    /** The broker beside us: told to read its files again. Its certificate, when it has one that is renewed. */
    broker: z.strictObject({ pidFile: file, certFile: file.optional(), keyFile: file.optional() }).optional(),
    /** Where devices reach the broker, when it is not host:port. */
    advertised: z.strictObject({ host: z.string().min(1), port }).optional(),
  }),
  keys: z.strictObject({
    masterKeyFile: file,
    signingKeyFile: file,
    /** During a rotation: the key that follows (docs/configuration.md). */
    nextSigningKeyFile: file.optional(),
    cmsKeyFile: file,
    cmsCertFile: file,
    hmacKeyFile: file.optional(),
  }),
  apiKeys: z.strictObject({ pepperFile: file }),
  objects: z.strictObject({ directory: file }),
  witness: z.strictObject({ directories: z.array(file).min(1) }),
  journal: z.strictObject({ directory: file }),
  ingest: z
    .strictObject({
      flushEvents: z.number().int().min(1).max(5000).default(500),
      flushMs: z.number().int().min(1).max(10_000).default(1000),
      maxBodyBytes: z.number().int().min(1024).default(65_536),
      maxMessageBytes: z.number().int().min(1024).max(268_435_455).default(1_048_576),
      maxImageBytes: z.number().int().min(1024).default(33_554_432),
      minFreeBytes: z.number().int().min(0).default(2_147_483_648),
      longestOfflineDays: days.default(60),
    })
    .prefault({}),
  retention: z
    .strictObject({
      reconcileSeconds: z.number().int().min(1).default(5),
      partitionDaysAhead: z.number().int().min(2).max(60).default(30),
    })
    .prefault({}),
  seal: z.strictObject({ seconds: z.number().int().min(1).max(3600).default(60) }).prefault({}),
  /** Requests a minute, per address and per tenant. */
  limits: z
    .strictObject({
      general: z.number().int().min(1).default(100),
      write: z.number().int().min(1).default(60),
      settings: z.number().int().min(1).default(120),
      auth: z.number().int().min(1).default(10),
      ingest: z.number().int().min(1).default(6000),
      images: z.number().int().min(1).default(1200),
      scim: z.number().int().min(1).default(1800),
      downloads: z.number().int().min(1).default(20),
      console: z.number().int().min(1).default(600),
    })
    .prefault({}),
  /** What may be reached outside, for tenants: docs/configuration.md "outbound". */
  outbound: z
    .strictObject({
      allow: z.array(z.string().refine(isCidr, "expected a network such as 10.1.0.0/16")).default([]),
      loopbackPorts: z.array(port).default([]),
      plainHttp: z.boolean().default(false),
      proxy: z.url({ protocol: /^https?$/ }).optional(),
      proxyCredentialsFile: file.optional(),
      noProxy: z.array(z.string().min(1)).default([]),
      caFile: file.optional(),
    })
    .prefault({}),
  smtp: smtpSchema.optional(),
  metrics: z.strictObject({ host: z.string().min(1).default("127.0.0.1"), port }).optional(),
  logLevel: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
});

/** The whole configuration of app, worker and CLI. Secrets are files; relative paths are taken from the configuration file's folder. */
export type Config = z.infer<typeof schema>;

const PLACEHOLDER = /^(changeme|change-me|placeholder|todo|xxx+|password|secret|admin|postgres|<.*>|\$\{.*\})$/i;

/**
 * Reads one YAML file, then environment overrides `LEDGERSTONE_<SECTION>_<KEY>` (upper snake case).
 * @throws AppError `config` naming each wrong key with found, expected and remedy. Unknown keys are wrong.
 */
export async function loadConfig(path: string, env: NodeJS.ProcessEnv = process.env): Promise<Config> {
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new AppError("config", `configuration ${path} cannot be read`, {
      remedy: "name a readable file with --config or LEDGERSTONE_CONFIG",
      cause,
    });
  });
  let raw: unknown;
  try {
    raw = parse(text, { strict: true, uniqueKeys: true });
  } catch (cause) {
    throw new AppError("config", `configuration ${path} is not YAML: ${(cause as Error).message}`, { cause });
  }
  if (typeof raw !== "object" || raw === null) throw new AppError("config", `configuration ${path} is empty`);
  applyEnvironment(raw as Record<string, unknown>, env);
  const result = schema.safeParse(raw);
  if (!result.success) {
    const issues = result.error.issues
      .map((issue) => `${issue.path.join(".") || "(top)"}: ${issue.message}`)
      .join("; ");
    throw new AppError("config", `configuration ${path} is wrong: ${issues}`, {
      remedy: "mend these keys; docs/configuration.md lists all",
    });
  }
  refusePlaceholders(result.data, path);
  return absolutePaths(result.data, dirname(resolve(path)));
}

/** Reads a secret from its file, without the newline at its end. Refuses an empty one and well-known placeholders. */
export async function readSecret(path: string, name: string): Promise<string> {
  const value = (
    await readFile(path, "utf8").catch((cause) => {
      throw new AppError("config", `${name} cannot be read from ${path}`, {
        remedy: "create the file, readable by this service alone",
        cause,
      });
    })
  ).replace(/\r?\n$/, "");
  if (value === "" || PLACEHOLDER.test(value)) {
    throw new AppError("config", `${name} in ${path} is a placeholder`, {
      found: value === "" ? "an empty file" : "a well-known default",
      expected: "a secret of your own",
      remedy: "write a random value into it",
    });
  }
  return value;
}

function applyEnvironment(raw: Record<string, unknown>, env: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith("LEDGERSTONE_") || name === "LEDGERSTONE_CONFIG" || value === undefined) continue;
    const path = findPath(name.slice("LEDGERSTONE_".length));
    if (!path)
      throw new AppError("config", `environment variable ${name} names no configuration key`, {
        remedy: "unset it or mend its name",
      });
    let target = raw;
    for (const key of path.slice(0, -1)) {
      if (typeof target[key] !== "object" || target[key] === null) target[key] = {};
      target = target[key] as Record<string, unknown>;
    }
    target[path.at(-1) as string] = /^\d+$/.test(value) ? Number(value) : value;
  }
}

function snake(key: string): string {
  return key.replace(/[A-Z]/g, (c) => `_${c}`).toUpperCase();
}

function findPath(name: string): string[] | undefined {
  if (name === "LOG_LEVEL") return ["logLevel"];
  for (const [section, part] of Object.entries(schema.shape)) {
    const inner = "unwrap" in part ? (part as unknown as { unwrap(): z.ZodType }).unwrap() : part;
    const shape = (inner as { shape?: Record<string, unknown> }).shape;
    const prefix = `${snake(section)}_`;
    if (!shape || !name.startsWith(prefix)) continue;
    const key = Object.keys(shape).find((candidate) => snake(candidate) === name.slice(prefix.length));
    if (key) return [section, key];
  }
  return undefined;
}

function refusePlaceholders(value: unknown, path: string, at: string[] = []): void {
  if (typeof value === "string" && /^(changeme|change-me|placeholder|todo|xxx+|<.*>|\$\{.*\})$/i.test(value)) {
    throw new AppError("config", `configuration ${path}: ${at.join(".")} is a placeholder`, {
      found: JSON.stringify(value),
      expected: "a value of your own",
    });
  }
  if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) refusePlaceholders(inner, path, [...at, key]);
  }
}

const PATH_KEY = /(File|Files|Dir|directory|directories)$/;

function absolutePaths<T>(value: T, base: string): T {
  const walk = (node: unknown, isPath: boolean): unknown => {
    if (typeof node === "string") return isPath && !isAbsolute(node) ? resolve(base, node) : node;
    if (Array.isArray(node)) return node.map((item) => walk(item, isPath));
    if (typeof node === "object" && node !== null) {
      return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, walk(inner, PATH_KEY.test(key))]));
    }
    return node;
  };
  return walk(value, false) as T;
}
