import { readFile } from "node:fs/promises";
import type { Principal } from "../../src/audit/index.ts";
import { createApp } from "../../src/http/app.ts";
import { startHttps } from "../../src/http/serve.ts";
import { type IngestRouteDeps, ingestRoutes } from "../../src/ingest/routes.ts";
import { AppError } from "../../src/platform/errors.ts";
import { createLogger } from "../../src/platform/logger.ts";
import type { TestPki } from "../support/pki.ts";

export type Plane = { port: number; stop(): Promise<void> };

/** The real HTTPS server with the ingest routes. The credential `key` is this principal, with these permissions. */
export async function startPlane(
  pki: TestPki,
  deps: IngestRouteDeps,
  of: { principal(): Principal; permissions?: string[] },
): Promise<Plane> {
  const app = createApp({
    routes: ingestRoutes(deps),
    publicRoutes: [],
    async authenticate({ authorization }) {
      if (authorization !== "Bearer key") throw new AppError("unauthorized", "this needs a credential");
      const principal = of.principal();
      const permissions = of.permissions ?? ["events:write"];
      return { principal, access: new Map(permissions.map((each) => [each, principal.sites])), session: undefined };
    },
    pool: deps.pool,
    keyring: deps.images.keyring,
    limiter: { take: async () => ({}) },
    log: createLogger("test", "silent"),
    trustedProxies: [],
    securityContact: [],
    isCorsOrigin: async () => false,
    ready: async () => {},
  });
  return startHttps(app, {
    host: "127.0.0.1",
    port: 0,
    cert: await readFile(pki.serverCertFile),
    key: await readFile(pki.serverKeyFile),
  });
}
