import { appendRow, type Principal, type TenantTx, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import { type CrlDeps, writeCrl } from "./crl.ts";
import { writePasswordFile } from "./passwords.ts";
import { type BrokerAccess, type ConnectedClient, endSession } from "./sessions.ts";
import { markCertificatesRevoked, markRevoked, selectDevice, selectRevokedNames } from "./store.ts";
import { selectCommonNames, selectDeviceAccess, selectRevokedClients } from "./store-broker.ts";

export type RevokeDeps = CrlDeps & {
  broker: BrokerAccess;
  /** Where the plain listener's passwords are, when there is one. */
  passwordFile?: string;
  /** Writes a task in the revocation's own transaction, so that the broker is told whatever becomes of this process. */
  enqueue(tx: TenantTx, task: RevocationTask): Promise<unknown>;
};

export type RevocationTask = { kind: string; key: string; arguments: { deviceId: string }; runAfterMs: number };

export const revocationKind = "devices.revocation";
const firstRetryMs = 5000;

/** What the broker could not be told yet: the task tries again until it could. The HTTPS plane refuses at once. */
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
    const isNew = await markRevoked(tx, deviceId);
    if (isNew) await markCertificatesRevoked(tx, deviceId);
    const task = { kind: revocationKind, key: deviceId, arguments: { deviceId }, runAfterMs: firstRetryMs };
    await deps.enqueue(tx, task);
    const commonNames = await selectRevokedNames(tx, deviceId);
    if (!isNew) return commonNames;
    await appendRow(tx, {
      action: "device.revoked",
      entity: { type: "device", id: deviceId },
      units: [{ name: "detail", content: JSON.stringify({ reason }) }],
    });
    return commonNames;
  });
  return applyRevocations(deps, [deviceId, ...names]);
}

/** The broker's part of a device's revocation once more. Idempotent. */
export async function repeatRevocation(deps: RevokeDeps, principal: Principal, deviceId: string): Promise<Applied> {
  const names = await withTenant(deps.pool, principal, (tx) => selectRevokedNames(tx, deviceId));
  return applyRevocations(deps, [deviceId, ...names]);
}

const sweepDays = 30;
const sweepAtATime = 4;

/**
 * Ends the sessions of all devices revoked in the last 30 days whose certificates are still good: what a watch that was away
 * has missed, also when somebody revoked on the database itself. Resolves to how many could not be ended.
 */
export async function endRevokedSessions(deps: Pick<RevokeDeps, "pool" | "broker">): Promise<number> {
  const clients = await selectRevokedClients(deps.pool, new Date(Date.now() - sweepDays * 86_400_000));
  let failed = 0;
  const work = async (): Promise<void> => {
    for (let next = clients.pop(); next !== undefined; next = clients.pop()) {
      await endSession(deps.broker, next).catch(() => {
        failed += 1;
      });
    }
  };
  await Promise.all(Array.from({ length: sweepAtATime }, work));
  return failed;
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
