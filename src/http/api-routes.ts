import { join } from "node:path";
import type { Principal, SealDeps, TenantTx } from "../audit/index.ts";
import { chainRoutes } from "../audit/routes.ts";
import { type CertificateSource, isHttpsOwnMade } from "../devices/index.ts";
import { type DeviceRouteDeps, deviceOverviewRoutes, deviceRoutes, writePasswords } from "../devices/routes.ts";
import { eventRoutes } from "../events/routes.ts";
import { evidenceRoutes } from "../evidence/routes.ts";
import type { HealthSource } from "../health/index.ts";
import { healthRoutes } from "../health/routes.ts";
import { accessRoutes } from "../identity/access/routes.ts";
import { approvalRoutes } from "../identity/approvals/routes.ts";
import { directoryRoutes } from "../identity/directory/routes.ts";
import { countOwners, hasSaml, type NoticeDeps, type SignInDeps, tellOfApprovals } from "../identity/index.ts";
import { type LdapDeps, ldapRoutes } from "../identity/ldap/routes.ts";
import { localRoutes } from "../identity/local/routes.ts";
import { mfaRoutes } from "../identity/mfa/routes.ts";
import { noticeRoutes } from "../identity/notices/routes.ts";
import { peopleRoutes } from "../identity/people/routes.ts";
import { identityRoutes } from "../identity/routes.ts";
import { type SamlDeps, samlRoutes } from "../identity/saml/routes.ts";
import { scimRoutes } from "../identity/scim/routes.ts";
import { sessionRoutes } from "../identity/sessions/routes.ts";
import { imageRoutes } from "../images/routes.ts";
import { createRecorder, type ImageDeps } from "../ingest/index.ts";
import { letterRoutes } from "../ingest/letters/routes.ts";
import { ingestRoutes } from "../ingest/routes.ts";
import { createTenantKeys, type Keyring, type MasterKey, subjectHasher } from "../keys/index.ts";
import { keyRoutes } from "../keys/routes.ts";
import { ledgerRoutes } from "../ledger/routes.ts";
import type { Config } from "../platform/config.ts";
import type { Pool } from "../platform/db.ts";
import type { Logger } from "../platform/logger.ts";
import type { Route } from "../platform/route.ts";
import { caseRoutes } from "../retention/cases/routes.ts";
import { setPolicy } from "../retention/index.ts";
import { retentionRoutes } from "../retention/routes.ts";
import { siteRoutes } from "../sites/routes.ts";
import { taskRoutes } from "../tasks/routes.ts";
import { applianceRoutes, tenantRoutes } from "../tenants/routes.ts";
import { runStored } from "./high-stakes.ts";

export type ApiRouteDeps = {
  config: Pick<Config, "ingest" | "appliance" | "keys">;
  pool: Pool;
  master: MasterKey;
  keyring: Keyring;
  seal: SealDeps;
  images: ImageDeps;
  devices: DeviceRouteDeps;
  certificates: CertificateSource;
  pepper: string;
  /** How the appliance is. */
  health: HealthSource;
  /** How people are told of something. */
  notices: NoticeDeps;
  signIn: SignInDeps;
  saml: SamlDeps;
  ldap: LdapDeps;
  /** Where people and directories reach the API; absent: they are answered with paths alone. */
  publicUrl?: string | undefined;
  log: Logger;
  /** Aborts when the process stops, after the last answer. */
  signal: AbortSignal;
  /** Aborts when the process is asked to stop: what lasts must end. */
  stopping: AbortSignal;
};

/** Every route of the API. */
export function apiRoutes(deps: ApiRouteDeps): Route<Principal>[] {
  const { config, pool, keyring, log, images, signal } = deps;
  const { minFreeBytes, maxMessageBytes } = config.ingest;
  const recorder = createRecorder({ pool, keyring, log, limits: config.ingest, mostAttempts: 5, signal });
  const diskFull = async (): Promise<boolean> => (await images.objects.freeBytes()) < minFreeBytes;
  const firstPolicy = (tx: TenantTx, siteId: string, policy: { imageDays: number; eventDays: number }) =>
    setPolicy(tx, siteId, policy);
  const hashSubject = subjectHasher(keyring);
  const routes: Route<Principal>[] = [
    ...tenantRoutes({
      pool,
      plainMqttChanged: () => writePasswords(deps.devices),
      setup: { countOwners, hasSaml, hasOwnMadeCertificate: () => isHttpsOwnMade(deps.certificates) },
    }),
    ...siteRoutes({ pool, firstPolicy }),
    ...deviceRoutes(deps.devices),
    ...deviceOverviewRoutes({ pool, certificates: deps.certificates }),
    ...eventRoutes({ pool, hashSubject }),
    ...imageRoutes(images),
    ...ingestRoutes({ pool, recorder, maxMessageBytes, diskFull, images }),
    ...letterRoutes({ pool, keyring, recorder, maxMessageBytes, diskFull }),
    ...retentionRoutes({ pool, keyring }),
    ...caseRoutes({ pool, keyring, notices: deps.notices }),
    ...evidenceRoutes({
      ...{ pool, keyring, directory: join(config.appliance.dataDir, "exports") },
      trust: () => ({ appliance: config.appliance.id, seal: deps.seal, certFile: config.keys.cmsCertFile }),
    }),
    ...ledgerRoutes({ pool }),
    ...taskRoutes({ pool, stopping: deps.stopping }),
    ...localRoutes(deps.signIn),
    ...mfaRoutes(deps.signIn),
    ...sessionRoutes({ pool }),
    ...noticeRoutes({ pool, notices: deps.notices }),
    ...identityRoutes({ pool, pepper: deps.pepper, notices: deps.notices }),
    ...samlRoutes(deps.saml),
    ...scimRoutes({ pool, hashSubject, publicUrl: deps.publicUrl }),
    ...directoryRoutes({ ...deps.notices, pool }),
    ...ldapRoutes(deps.ldap),
    ...peopleRoutes({ pool, hashSubject }),
    ...accessRoutes({ pool }),
    ...chainRoutes({ pool, witnessDirectories: deps.seal.witnessDirectories }),
    ...keyRoutes({ pool, keyring, master: deps.master, seal: deps.seal }),
    ...applianceRoutes({
      pool,
      prepareTenant: (tx) => createTenantKeys(tx, deps.master),
    }),
    ...healthRoutes({ pool, health: deps.health, certificates: deps.certificates, minFreeBytes }),
    ...approvalRoutes({
      pool,
      keyring,
      tell: tellOfApprovals(deps.notices),
      run: (context) => runStored(() => routes, context),
    }),
  ];
  return routes;
}

/** The table alone: what commands and documents are made of. No handler of it can run. */
export function routeTable(): Omit<Route<Principal>, "handler">[] {
  const features = { seal: {}, devices: {}, images: {}, signIn: {}, saml: {}, ldap: {}, notices: {} };
  return apiRoutes({ ...features, config: { ingest: {}, appliance: { dataDir: "" } } } as never);
}
