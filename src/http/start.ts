import { readFile } from "node:fs/promises";
import type { Config } from "../platform/config.ts";
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

/** Both planes: the API on http.port, devices on http.devicePort. */
export async function startHttp({ config, api, device, verifiers }: HttpDeps): Promise<{ stop(): Promise<void> }> {
  const { host, port, devicePort, certFile, keyFile } = config.http;
  const clientCas = await Promise.all(
    [config.pki.deviceCaCertFile, ...config.pki.extraDeviceCaFiles].map((file) => readFile(file, "utf8")),
  );
  const app = createApp({ ...api, authenticate: (credentials) => authenticate(verifiers, credentials) });
  const apiServer = await startHttps(app, { host, port, certFile, keyFile });
  const deviceServer = await startHttps(createDeviceApp(device), {
    host,
    port: devicePort,
    certFile,
    keyFile,
    clientCas,
  });
  return {
    async stop() {
      await Promise.all([apiServer.stop(), deviceServer.stop()]);
    },
  };
}
