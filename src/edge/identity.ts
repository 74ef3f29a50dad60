import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { Agent } from "node:https";
import { join } from "node:path";
import { z } from "zod";
import { AppError } from "../platform/errors.ts";
import { syncDirectory } from "../platform/files.ts";

// The edge's directory:
//   edge.json      where the appliance is
//   identity.pem   this box's key and certificate, in one file so that they never mismatch; mode 0600
//   trust.pem      the CAs that the appliance's servers must show
//   outbox/        see outbox.ts
const settingsSchema = z.strictObject({
  device: z.uuid(),
  server: z.url(), // the device plane, https://host:port
  mqtt: z.strictObject({ host: z.string().min(1), port: z.int().min(1).max(65_535) }),
});
export type EdgeSettings = z.infer<typeof settingsSchema>;
export type Identity = { key: string; certificate: string; trust: string };

export const outboxDir = (dir: string): string => join(dir, "outbox");

// The last step of enrolment: a directory with edge.json is enrolled.
export async function writeSettings(dir: string, settings: EdgeSettings): Promise<void> {
  await replaceFile(dir, "edge.json", `${JSON.stringify(settings, null, 2)}\n`);
}

export async function writeIdentity(dir: string, { key, certificate, trust }: Identity): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await replaceFile(dir, "trust.pem", trust);
  await replaceFile(dir, "identity.pem", `${key.trimEnd()}\n${certificate.trimEnd()}\n`);
}

export const hasIdentity = (dir: string): boolean => existsSync(join(dir, "identity.pem"));

export async function readSettings(dir: string): Promise<EdgeSettings> {
  let text: string;
  try {
    text = await readFile(join(dir, "edge.json"), "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new AppError("not-enrolled", `${dir} holds no enrolled edge`, {
      remedy: "run 'edge enrol' with a code",
      cause,
    });
  }
  return settingsSchema.parse(JSON.parse(text));
}

export async function isEnrolled(dir: string): Promise<boolean> {
  return readSettings(dir).then(
    () => true,
    (error) => {
      if (error instanceof AppError) return false;
      throw error;
    },
  );
}

export async function readIdentity(dir: string): Promise<Identity> {
  const pem = await readFile(join(dir, "identity.pem"), "utf8");
  const split = pem.indexOf("-----BEGIN CERTIFICATE-----");
  const identity = {
    key: pem.slice(0, split),
    certificate: pem.slice(split),
    trust: await readFile(join(dir, "trust.pem"), "utf8"),
  };
  if (!new X509Certificate(identity.certificate).checkPrivateKey(createPrivateKey(identity.key))) {
    throw new Error(`the key and the certificate in ${join(dir, "identity.pem")} do not belong together: enrol again`);
  }
  return identity;
}

export function clientAgent({ key, certificate, trust }: Identity): Agent {
  return new Agent({ ...tlsOptions({ key, certificate, trust }), keepAlive: true, maxSockets: 4 });
}

// allowPartialTrustChain: the trusted CA may be the customer's intermediate.
export function tlsOptions({ key, certificate, trust }: Identity) {
  return { key, cert: certificate, ca: trust, allowPartialTrustChain: true, minVersion: "TLSv1.2" as const };
}

// Durable before it resolves; readers see the old file or the new one.
async function replaceFile(dir: string, name: string, text: string): Promise<void> {
  const temporary = join(dir, `${name}.new`);
  const handle = await open(temporary, "w", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, join(dir, name));
  await syncDirectory(dir);
}
