import { pbkdf2Sync, randomBytes } from "node:crypto";
import { appendRow, type TenantTx } from "../audit/index.ts";
import { type Pool, withTransaction } from "../platform/db.ts";
import { conflict } from "../platform/errors.ts";
import { reloadBroker, replaceFile } from "./crl.ts";
import { requireDevice } from "./register.ts";
import { isPlainAllowed, upsertPassword } from "./store.ts";
import { lockForFile, selectPlainPasswords } from "./store-broker.ts";

// The password is 160 random bits, so that more rounds protect nothing, while the broker spends them on its one thread.
const rounds = 1000;

/**
 * Gives a plain device a new password, replacing the old one. Returned once, stored as Mosquitto's `$7$` hash. It holds once
 * `writePasswordFile` has run, after the commit.
 */
export async function setDevicePassword(
  tx: TenantTx,
  deviceId: string,
): Promise<{ username: string; password: string }> {
  const device = await requireDevice(tx, deviceId);
  if (device.access !== "plain" || device.revokedAt || !(await isPlainAllowed(tx))) {
    throw conflict("this device gets no password", {
      found: device.revokedAt ? "a revoked device" : `access ${device.access}`,
      expected: "a plain device of a tenant that allows plain MQTT",
      remedy: "enrol the device by code, or allow plain MQTT and register it as plain",
    });
  }
  const password = randomBytes(20).toString("base64url");
  await upsertPassword(tx, deviceId, hashPassword(password));
  await appendRow(tx, { action: "device.password-set", entity: { type: "device", id: deviceId } });
  return { username: deviceId, password };
}

/** Mosquitto 2's form: PBKDF2-HMAC-SHA512, `$7$<rounds>$<salt>$<hash>`, base64. */
export function hashPassword(password: string): string {
  const salt = randomBytes(12);
  const hash = pbkdf2Sync(password, salt, rounds, 64, "sha512");
  return `$7$${rounds}$${salt.toString("base64")}$${hash.toString("base64")}`;
}

/** Writes Mosquitto's password file from the database and has the broker read it. Under a lock, newest state last. */
export async function writePasswordFile(deps: {
  pool: Pool;
  passwordFile: string;
  brokerPidFile?: string;
}): Promise<void> {
  await withTransaction(deps.pool, async (tx) => {
    await lockForFile(tx, "passwords");
    const passwords = await selectPlainPasswords(tx);
    await replaceFile(
      deps.passwordFile,
      passwords.map(({ deviceId, hash }) => `${deviceId}:${hash}\n`).join(""),
      0o640,
    );
  });
  await reloadBroker(deps.brokerPidFile);
}
