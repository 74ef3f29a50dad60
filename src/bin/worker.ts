import { proveRow, sealChain, startSealer, systemPrincipal, withTenant } from "../audit/index.ts";
import {
  endRevokedSessions,
  mayStay,
  openCertificates,
  type RevokeDeps,
  reloadBroker,
  tellExpiry,
  watchSessions,
  writeCrl,
  writePasswordFile,
} from "../devices/index.ts";
import { configureEvidence } from "../evidence/index.ts";
import { createIngestMetrics, startIngest } from "../ingest/index.ts";
import { jobHandlers, jobRounds, startJobs } from "../jobs/index.ts";
import { createThumbnailer } from "../objects/index.ts";
import { loadCertificateFiles } from "../platform/certificate-files.ts";
import type { Config } from "../platform/config.ts";
import { createPool } from "../platform/db.ts";
import { describeError } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import { createRegistry, startMetrics } from "../platform/metrics.ts";
import { watchCertificate } from "../platform/watch-certificate.ts";
import { makePartitions, type RetentionDeps } from "../retention/index.ts";
import { type Running, runService, stopInReverse } from "./boot.ts";
import { type Base, openBase, openDevicePlane, openNotices } from "./parts.ts";

const CARE_MS = 12 * 3_600_000;

await runService("worker", async (config, log, signal) => {
  const base = await openBase(config, log, signal);
  const executor = await createPool(config.postgres, "executor", {
    max: 6,
    onError: (error) => log.warn({ err: error }, "a database connection was lost"),
  });
  const notices = await openNotices(config, log, base.keyring);
  const retention = retentionDeps(config, log, base, { executor, notices });
  const evidence = await configureEvidence(config, { ...base, notices });
  await makePartitions(retention);
  const devices = await openDevicePlane(config, base.pool);
  const images = { ...base, thumbnailer: createThumbnailer(), log };
  const identity = { pool: base.pool, log, notices, mailer: notices.mail?.mailer, unseal: base.keyring.unseal };
  const ledger = { ...base.seal, publicKeys: base.seal.signers.map(({ publicKey }) => publicKey) };
  const registry = createRegistry();
  const metrics = createIngestMetrics(registry);
  tellExpiry(registry, await openCertificates(config));
  const parts: Running[] = [
    { stop: () => base.pool.end() },
    { stop: () => executor.end() },
    images.thumbnailer,
    await startSealer({ ...base.seal, seconds: config.seal.seconds }),
    await startBrokerCare(config, log, devices),
    ...(await watchBrokerCertificate(config, log)),
    await startJobs({
      redis: config.redis,
      pool: executor,
      log,
      handlers: jobHandlers({ retention, evidence, devices, images, identity, ledger }),
      rounds: jobRounds({ retention, evidence, images, identity }),
      reconcileSeconds: config.retention.reconcileSeconds,
    }),
    await startIngest({ config, pool: base.pool, keyring: base.keyring, log, metrics }),
    ...(config.metrics ? [await startMetrics(registry, config.metrics)] : []),
  ];
  return stopInReverse(parts, log);
});

function retentionDeps(
  config: Config,
  log: Logger,
  base: Base,
  { executor, notices }: Pick<RetentionDeps, "executor" | "notices">,
): RetentionDeps {
  return {
    app: base.pool,
    keyring: base.keyring,
    notices,
    executor,
    objects: base.objects,
    journal: config.journal,
    partitionDaysAhead: config.retention.partitionDaysAhead,
    async proveRow(tenantId, seq) {
      await sealChain(base.seal, tenantId);
      return withTenant(base.pool, systemPrincipal(tenantId, "retention", "cron"), async (tx) => {
        const proof = await proveRow(tx, seq);
        return { checkpoint: proof.checkpoint, path: proof.path };
      }).catch((error: { code?: string }) => {
        if (error.code === "not-sealed") return undefined;
        throw error;
      });
    },
    log,
  };
}

/** Tells the broker of a renewed certificate; sessions that are open go on. */
async function watchBrokerCertificate({ mqtt: { broker } }: Config, log: Logger): Promise<Running[]> {
  if (!broker?.certFile || !broker.keyFile) return [];
  const files = { certFile: broker.certFile, keyFile: broker.keyFile };
  const first = await loadCertificateFiles(files);
  return [watchCertificate({ files, first, log, apply: () => reloadBroker(broker.pidFile) })];
}

/**
 * Keeps the broker's files fresh and its sessions honest. A CRL past its nextUpdate refuses every device, so it is renewed at start
 * and twice a day.
 */
async function startBrokerCare(config: Config, log: Logger, devices: RevokeDeps): Promise<Running> {
  const renew = async (): Promise<void> => {
    await writeCrl(devices).catch((error: unknown) =>
      log.error({ reason: describeError(error) }, "the revocation list was not renewed"),
    );
    if (devices.passwordFile) {
      await writePasswordFile({ ...devices, passwordFile: devices.passwordFile }).catch((error: unknown) =>
        log.error({ reason: describeError(error) }, "the broker's passwords were not written"),
      );
    }
  };
  await renew();
  const timer = setInterval(renew, CARE_MS);
  const watch = await watchSessions({
    broker: devices.broker,
    log,
    allow: (client) => mayStay(devices.pool, client, config.mqtt),
    onBegun() {
      endRevokedSessions(devices).then(
        (failed) => failed > 0 && log.error({ failed }, "sessions of revoked devices could not be ended"),
        (error: unknown) => log.error({ reason: describeError(error) }, "revoked devices could not be looked up"),
      );
    },
  });
  return {
    async stop() {
      clearInterval(timer);
      await watch.stop();
    },
  };
}
