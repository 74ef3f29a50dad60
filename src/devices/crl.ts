import { open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { type Pool, withTransaction } from "../platform/db.ts";
import { AppError } from "../platform/errors.ts";
import { lockForFile, type RevokedSerial, selectRevokedSerials } from "./store-broker.ts";
import { type SigningCa, x509 } from "./x509.ts";

const dayMs = 86_400_000;
/** Past its nextUpdate the broker refuses every device: hence a long life and a daily renewal. */
const crlDays = 30;

/** A v2 CRL in PEM with the device CA's signature. Its number is the time, so that it always rises. */
export async function renderCrl(ca: SigningCa, revoked: RevokedSerial[], nowMs: number): Promise<string> {
  const crl = await x509.X509CrlGenerator.create({
    issuer: ca.certificate.subjectName,
    // Brokers with a slow clock take it too.
    thisUpdate: new Date(nowMs - 3_600_000),
    nextUpdate: new Date(nowMs + crlDays * dayMs),
    signingAlgorithm: ca.algorithm,
    signingKey: ca.key,
    entries: revoked.map(({ serial, revokedAt }) => ({
      serialNumber: serial,
      revocationDate: new Date(revokedAt),
    })),
    extensions: [
      await x509.AuthorityKeyIdentifierExtension.create(ca.certificate),
      new x509.Extension("2.5.29.20", false, new Uint8Array(derInteger(nowMs))),
    ],
  });
  return `${x509.PemConverter.encode(crl.rawData, "X509 CRL")}\n`;
}

export type CrlDeps = { pool: Pool; ca: SigningCa; crlFile: string; brokerPidFile?: string; now?: () => number };

/**
 * Writes the CRL from the database's revocations and has the broker read it. Durable before it resolves. Under a lock, so
 * that an older list never replaces a newer one. Also the daily renewal.
 */
export async function writeCrl(deps: CrlDeps): Promise<void> {
  const now = deps.now ?? Date.now;
  await withTransaction(deps.pool, async (tx) => {
    await lockForFile(tx, "crl");
    const revoked = await selectRevokedSerials(tx, new Date(now() - dayMs));
    await replaceFile(deps.crlFile, await renderCrl(deps.ca, revoked, now()));
  });
  await reloadBroker(deps.brokerPidFile);
}

/** SIGHUP: Mosquitto reads CRL, passwords and access lists again. Live sessions stay. */
export async function reloadBroker(pidFile: string | undefined): Promise<void> {
  if (!pidFile) return;
  const text = (await readFile(pidFile, "utf8").catch(() => "")).trim();
  try {
    if (!/^[1-9][0-9]*$/.test(text)) throw new Error(`no process id in ${pidFile}`);
    process.kill(Number(text), "SIGHUP");
  } catch (cause) {
    throw new AppError("broker-reload", "the broker was not told to read its files again", {
      found: text === "" ? `no pid in ${pidFile}` : `process ${text}: ${(cause as Error).message}`,
      expected: "Mosquitto's process id",
      remedy:
        "start the broker, or mend mqtt.broker.pidFile; the file itself is written, and it is read at the broker's next start",
      cause,
    });
  }
}

/** Readers see the old or the new file, never a part. Durable before it resolves. */
export async function replaceFile(path: string, text: string, mode = 0o644): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, "w", mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const directory = await open(dirname(path), "r");
  await directory.sync().finally(() => directory.close());
}

function derInteger(value: number): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex");
  const positive = bytes.readUInt8(0) > 0x7f ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  return Buffer.concat([Buffer.from([0x02, positive.length]), positive]);
}
