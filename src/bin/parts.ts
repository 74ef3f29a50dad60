import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { checkChains, loadSigners, type SealDeps } from "../audit/index.ts";
import type { RevokeDeps } from "../devices/index.ts";
import { loadBrokerAccess, readSigningCa } from "../devices/index.ts";
import {
  createPasswordHasher,
  isSsoEnforced,
  type LdapSignInDeps,
  type NoticeDeps,
  type SignInDeps,
  tellAccount,
  watchSignIns,
} from "../identity/index.ts";
import {
  checkMasterKey,
  createKeyring,
  type Keyring,
  loadMasterKey,
  type MasterKey,
  subjectHasher,
} from "../keys/index.ts";
import { createDirectoryStore, type ObjectStore } from "../objects/index.ts";
import { systemClock } from "../platform/clock.ts";
import { type Config, readSecret } from "../platform/config.ts";
import { createPool, type Pool } from "../platform/db.ts";
import type { Logger } from "../platform/logger.ts";
import { createMailer } from "../platform/mail.ts";
import { awaitSchema } from "../platform/migrate.ts";
import { createOutbound, type Outbound } from "../platform/outbound.ts";
import { enqueueTask } from "../tasks/index.ts";

/** What app and worker both stand on. */
export interface Base {
  pool: Pool;
  master: MasterKey;
  keyring: Keyring;
  objects: ObjectStore;
  seal: SealDeps;
  outbound: Outbound;
}

/**
 * Opens the database, waits for its schema, and refuses to go on with a wrong master key or a chain that is not the witnessed one.
 */
export async function openBase(config: Config, log: Logger, signal: AbortSignal): Promise<Base> {
  const pool = await createPool(config.postgres, "app", {
    onError: (error) => log.warn({ err: error }, "a database connection was lost"),
  });
  await awaitSchema(pool, log, signal);
  const master = await loadMasterKey(config.keys.masterKeyFile);
  await checkMasterKey(pool, master);
  const signers = await loadSigners(config.keys);
  const { id: appliance } = config.appliance;
  const witnessDirectories = config.witness.directories;
  const { tenants } = await checkChains({
    pool,
    appliance,
    publicKeys: signers.map(({ publicKey }) => publicKey),
    witnessDirectories,
  });
  log.info({ tenants }, "the chains are those that were witnessed");
  const hmacKey = config.keys.hmacKeyFile
    ? Buffer.from(await readSecret(config.keys.hmacKeyFile, "keys.hmacKeyFile"), "hex")
    : undefined;
  return {
    pool,
    master,
    keyring: createKeyring(master),
    objects: createDirectoryStore(config.objects.directory),
    outbound: await createOutbound(config.outbound),
    seal: {
      pool,
      log,
      clock: systemClock,
      appliance,
      signers,
      witnessDirectories,
      ...(hmacKey && { hmacKey }),
    },
  };
}

/** How people are told of something: app and worker alike. */
export async function openNotices(config: Config, log: Logger, keyring: Keyring): Promise<NoticeDeps> {
  const { publicUrl, port } = config.http;
  const mailer = config.smtp && (await createMailer(config.smtp));
  const notices: NoticeDeps = {
    hashSubject: subjectHasher(keyring),
    publicUrl: publicUrl?.replace(/\/$/, "") ?? `https://${hostname()}${port === 443 ? "" : `:${port}`}`,
    log,
    ...(mailer && { mail: { mailer, seal: keyring.seal, enqueue: enqueueTask } }),
  };
  return { ...notices, watch: watchSignIns(notices) };
}

/** What signing in, second factors and one-time links need. */
export function openSignIn(
  config: Config,
  { pool, keyring }: Base,
  notices: NoticeDeps,
  passwords = createPasswordHasher(),
): SignInDeps {
  return {
    pool,
    hashSubject: notices.hashSubject,
    watch: notices.watch,
    seal: keyring.seal,
    unseal: keyring.unseal,
    publicUrl: config.http.publicUrl,
    mailer: notices.mail?.mailer,
    passwords,
    isSsoEnforced,
    notify: (tx, userId, notice) => tellAccount(notices, tx, userId, notice),
  };
}

/** How LDAP directories are reached: as far as outbound.allow lets the appliance, with the tenant's own service accounts. */
export function openLdap({ pool, keyring, outbound }: Base, signIn: SignInDeps): LdapSignInDeps {
  const { hashSubject, watch, isSsoEnforced } = signIn;
  const resolveHost = async (host: string, port: number) => (await outbound.checkDestination(host, port)).addresses;
  return { pool, keyring, hashSubject, watch, isSsoEnforced, resolveHost };
}

/** What revoking, enrolment and the session watch need of certificates and broker. */
export async function openDevicePlane(
  config: Config,
  pool: Pool,
): Promise<RevokeDeps & { caPem: string; deviceCaPem: string; customerCaPems: string[] }> {
  const { pki, mqtt } = config;
  const [caPem, deviceCaPem, deviceCaKey] = await Promise.all(
    [pki.caFile, pki.deviceCaCertFile, pki.deviceCaKeyFile].map((file) => readFile(file, "utf8")),
  );
  return {
    pool,
    caPem: caPem!,
    deviceCaPem: deviceCaPem!,
    customerCaPems: await Promise.all(pki.extraDeviceCaFiles.map((file) => readFile(file, "utf8"))),
    ca: await readSigningCa(deviceCaPem!, deviceCaKey!),
    crlFile: pki.crlFile,
    enqueue: enqueueTask,
    broker: await loadBrokerAccess(mqtt),
    ...(mqtt.broker && { brokerPidFile: mqtt.broker.pidFile }),
    ...(mqtt.plain && { passwordFile: mqtt.plain.passwordFile }),
  };
}
