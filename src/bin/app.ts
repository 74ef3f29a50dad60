import { openCertificates } from "../devices/index.ts";
import { apiRoutes } from "../http/api-routes.ts";
import { startIdempotencyCare } from "../http/idempotency.ts";
import { createLimiter } from "../http/limits.ts";
import { pageRoutes } from "../http/pages/page-routes.ts";
import { publicRoutes } from "../http/public-routes.ts";
import { startHttp } from "../http/start.ts";
import {
  createApiKeyVerifier,
  createSessionVerifier,
  createValidator,
  isCorsOrigin,
  tellOfApprovals,
} from "../identity/index.ts";
import type { ImageDeps } from "../ingest/index.ts";
import { readSecret } from "../platform/config.ts";
import { pingDatabase } from "../platform/db.ts";
import { createRedis } from "../platform/redis.ts";
import { runService, stopInReverse } from "./boot.ts";
import { openHealth } from "./open-health.ts";
import { openBase, openDevicePlane, openLdap, openNotices, openSignIn } from "./parts.ts";

await runService("app", async (config, log, signal) => {
  const base = await openBase(config, log, signal);
  const { pool } = base;
  const redis = await createRedis(config.redis, (error) =>
    log.debug({ err: error }, "redis is away: limits are counted here"),
  );
  const limiter = createLimiter(config.limits, redis);
  const pepper = await readSecret(config.apiKeys.pepperFile, "apiKeys.pepperFile");
  const plane = await openDevicePlane(config, pool);
  const certificates = await openCertificates(config);
  const health = openHealth(config, base, plane.broker);
  const images: ImageDeps = { ...base, minFreeBytes: config.ingest.minFreeBytes };
  const notices = await openNotices(config, log, base.keyring);
  const signIn = openSignIn(config, base, notices);
  const validator = createValidator();
  const fetchText = (url: string) => base.outbound.fetchText(url, { maxBytes: 1_000_000, timeoutMs: 10_000 });
  const saml = { ...notices, pool, keyring: base.keyring, validator, fetchText };
  const ldap = openLdap(base, signIn);
  const sessions = createSessionVerifier({ pool });
  const cases = { pool, keyring: base.keyring, notices };
  const stopping = new AbortController();
  const http = await startHttp({
    config,
    verifiers: { apiKeys: createApiKeyVerifier({ pool, pepper }), sessions },
    api: {
      routes: apiRoutes({
        ...{ config, ...base, log, images, devices: plane, certificates, health, pepper, notices, signIn, saml, ldap },
        signal: stopping.signal,
        stopping: signal,
        publicUrl: config.http.publicUrl,
      }),
      publicRoutes: publicRoutes({ signIn, ldap, cases }),
      pages: pageRoutes({ signIn, ldap, saml, sessions, cases }),
      limiter,
      pool,
      keyring: base.keyring,
      tell: tellOfApprovals(notices),
      log,
      trustedProxies: config.http.trustedProxies,
      securityContact: config.http.securityContact,
      publicUrl: config.http.publicUrl,
      isCorsOrigin: (origin) => isCorsOrigin(pool, origin),
      ready: () => pingDatabase(pool),
    },
    device: {
      pool,
      enrol: { pool, ca: plane.ca },
      images,
      limiter,
      log,
      caPem: plane.caPem,
      deviceCaPem: plane.deviceCaPem,
      mqtt: config.mqtt.advertised ?? { host: config.mqtt.host, port: config.mqtt.port },
      ...(config.mqtt.customer && { customerPort: config.mqtt.customer.port }),
    },
  });
  return stopInReverse(
    [
      { stop: () => pool.end() },
      { stop: async () => redis.disconnect() },
      { stop: async () => stopping.abort() },
      validator,
      health,
      startIdempotencyCare({ pool, log }),
      http,
    ],
    log,
  );
});
