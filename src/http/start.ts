import { readFile } from "node:fs/promises";
import { loadCertificateFiles } from "../platform/certificate-files.ts";
import type { Config } from "../platform/config.ts";
import { watchCertificate } from "../platform/watch-certificate.ts";
import { createApp } from "./app.ts";
import { authenticate, type Verifiers } from "./authenticate.ts";
import type { AppDeps } from "./context.ts";
import { createDeviceApp, type DeviceAppDeps } from "./device-app.ts";
import { startHttps } from "./serve.ts";

export type HttpDeps = {
  config: Pick<Config, "http" | "pki">;
  api: Omit<AppDeps, "authenticate">;
  device: DeviceAppDeps;
  verifiers: Verifiers;
};

/**
 * Both planes: the API on http.port, devices on http.devicePort, both with the certificate of http.certFile, which is taken
 * into use anew when it changes.
 */
export async function startHttp({ config, api, device, verifiers }: HttpDeps): Promise<{ stop(): Promise<void> }> {
  const { host, port, devicePort, certFile, keyFile } = config.http;
  const clientCas = await Promise.all(
    [config.pki.deviceCaCertFile, ...config.pki.extraDeviceCaFiles].map((file) => readFile(file, "utf8")),
  );
  const first = await loadCertificateFiles({ certFile, keyFile });
  const pair = { cert: first.certificates, key: first.key };
  const app = createApp({ ...api, authenticate: (credentials) => authenticate(verifiers, credentials) });
  const servers = [
    await startHttps(app, { host, port, ...pair }),
    await startHttps(createDeviceApp(device), { host, port: devicePort, ...pair, clientCas }),
  ];
  const watch = watchCertificate({
    files: { certFile, keyFile },
    first,
    log: api.log,
    apply({ certificates, key }) {
      for (const server of servers) server.setCertificate({ cert: certificates, key });
    },
  });
  return {
    async stop() {
      await watch.stop();
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}
