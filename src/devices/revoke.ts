import { appendRow, type Principal, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import { type CrlDeps, writeCrl } from "./crl.ts";
import { writePasswordFile } from "./passwords.ts";
import { type BrokerAccess, type ConnectedClient, endSession } from "./sessions.ts";
import { markCertificatesRevoked, markRevoked, selectDevice } from "./store.ts";
import { selectCommonNames, selectDeviceAccess } from "./store-broker.ts";

export type RevokeDeps = CrlDeps & {
  broker: BrokerAccess;
  /** Where the plain listener's passwords are, when there is one. */
  passwordFile?: string;
};

/** What the broker could not be told yet: `applyRevocations` again, until it says ok. The HTTPS plane refuses at once. */
export type Applied = { ok: true } | { ok: false; problem: unknown };

/**
 * Revokes a device for good: first in the database with its ledger row, then CRL and passwords, then its live session. In
 * that order, since a session ended earlier would come back. Revoking again repeats what the broker may have missed.
 */
export async function revokeDevice(
  deps: RevokeDeps,
  principal: Principal,
  { deviceId, reason }: { deviceId: string; reason: string },
): Promise<Applied> {
  const names = await withTenant(deps.pool, principal, async (tx) => {
    if (!(await selectDevice(tx, deviceId))) throw notFound("device");
    if (!(await markRevoked(tx, deviceId))) return [];
    const commonNames = await markCertificatesRevoked(tx, deviceId);
    await appendRow(tx, {
      action: "device.revoked",
      entity: { type: "device", id: deviceId },
      units: [{ name: "detail", content: JSON.stringify({ reason }) }],
    });
    return commonNames;
  });
  return applyRevocations(deps, [deviceId, ...names]);
}

/** Brings the broker up to the database: CRL and passwords, then ends these clients' sessions. */
export async function applyRevocations(deps: RevokeDeps, clientIds: string[]): Promise<Applied> {
  const steps: (() => Promise<void>)[] = [
    () => writeCrl(deps),
    async () => {
      const { pool, passwordFile, brokerPidFile } = deps;
      if (passwordFile) await writePasswordFile({ pool, passwordFile, brokerPidFile });
    },
    ...clientIds.map((clientId) => () => endSession(deps.broker, clientId)),
  ];
  // Each is tried: a broker that cannot be signalled can still be made to drop the session.
  let problem: unknown;
  for (const step of steps) {
    await step().catch((error) => {
      problem ??= error;
    });
  }
  return problem === undefined ? { ok: true } : { ok: false, problem };
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The broker's listeners that are not for certificates of the device CA. */
export type OtherListeners = { plain?: { port: number }; customer?: { port: number } };

/**
 * Whether a client that has just connected may stay. On the plain listener alone is MQTT 3.1.1 allowed, and there alone plain
 * devices; on the customer's alone a name that was mapped. Everyone else speaks MQTT 5, is known, and is not revoked.
 */
export async function mayStay(
  pool: Pool,
  client: ConnectedClient,
  { plain, customer }: OtherListeners,
): Promise<boolean> {
  const isPlain = client.port === plain?.port;
  if (!isPlain && !client.mqtt5) return false;
  if (client.port === customer?.port) return (await selectCommonNames(pool, [client.username])).length === 1;
  if (!uuid.test(client.username)) return false;
  const device = await selectDeviceAccess(pool, client.username);
  return device !== undefined && !device.revoked && (device.access === "plain") === isPlain;
}
