import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { readSigningCa } from "../../src/devices/index.ts";
import { createDeviceApp } from "../../src/http/device-app.ts";
import type { ImageDeps } from "../../src/ingest/index.ts";
import type { Broker } from "../support/mosquitto.ts";
import { quiet } from "./peer.ts";

// The appliance's own device plane, in which a test can break single answers.
export async function startPlane(broker: Broker, images: ImageDeps) {
  const { pki } = broker;
  const [caPem, deviceCaPem] = [pki.servers.cert, pki.devices.cert];
  const { pool } = images;
  // Returns true when it has dealt with the request.
  const faults: ((request: IncomingMessage, response: ServerResponse) => boolean)[] = [];
  const puts: number[] = [];
  const app = createDeviceApp({
    pool,
    enrol: { pool, ca: await readSigningCa(deviceCaPem, pki.devices.key) },
    images,
    limiter: { take: async () => ({}) },
    log: quiet,
    caPem,
    deviceCaPem,
    mqtt: { host: broker.host, port: broker.port },
  });
  const server = createServer(
    {
      cert: await readFile(pki.serverCertFile),
      key: await readFile(pki.serverKeyFile),
      ca: deviceCaPem,
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      if (faults.some((fault) => fault(request, response))) return;
      if (request.method === "PUT") puts.push(Number(request.headers["upload-offset"]));
      app(request, response);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caPem,
    faults,
    puts,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
