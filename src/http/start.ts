import { readFile } from "node:fs/promises";
import type { Principal } from "../audit/index.ts";
import type { ApiKeyVerifier } from "../identity/index.ts";
import type { Config } from "../platform/config.ts";
import { AppError } from "../platform/errors.ts";
import { createApp } from "./app.ts";
import type { AppDeps, Authenticated } from "./context.ts";
import { createDeviceApp, type DeviceAppDeps } from "./device-app.ts";
import { startHttps } from "./serve.ts";

export type HttpDeps = {
  config: Pick<Config, "http" | "pki">;
  api: Omit<AppDeps, "authenticate">;
  device: DeviceAppDeps;
  apiKeys: ApiKeyVerifier;
};

/** Both planes: the API on http.port, devices on http.devicePort. */
export async function startHttp({ config, api, device, apiKeys }: HttpDeps): Promise<{ stop(): Promise<void> }> {
  const { host, port, devicePort, certFile, keyFile } = config.http;
  const clientCas = await Promise.all(
    [config.pki.deviceCaCertFile, ...config.pki.extraDeviceCaFiles].map((file) => readFile(file, "utf8")),
  );
  const app = createApp({
    ...api,
    authenticate: (header, address, correlation) => authenticate(apiKeys, header, { address, correlation }),
  });
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

async function authenticate(
  apiKeys: ApiKeyVerifier,
  header: string | undefined,
  request: { address: string; correlation: string },
): Promise<Authenticated> {
  const key = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(header ?? "")?.[1];
  const found = key ? await apiKeys.verify(key, request) : undefined;
  if (found?.ok) return { principal: found.principal as Principal, permissions: new Set(found.permissions) };
  // One answer for every reason but expiry, which only the holder of the key can bring about.
  const reason = !key ? "no credential" : found?.reason === "expired" ? "an expired key" : "a key that is not accepted";
  throw new AppError("unauthorized", "this needs a credential", {
    found: reason,
    expected: "Authorization: Bearer atc_…",
  });
}
