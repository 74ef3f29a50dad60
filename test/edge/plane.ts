import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import {
  authenticateDevice,
  devicePrincipal,
  type EnrolDeps,
  readSigningCa,
  redeemEnrolmentCode,
  renewCertificate,
} from "../../src/devices/index.ts";
import { type ImageDeps, imageUploadStatus, uploadImage } from "../../src/ingest/index.ts";
import { AppError } from "../../src/platform/errors.ts";
import type { Broker } from "../support/mosquitto.ts";

type Answer = { status: number; body?: string; headers?: Record<string, string> };

// The device plane's addresses over the appliance's own enrolment and uploads, so that a test can break single answers.
export async function startPlane(broker: Broker, images: ImageDeps) {
  const { pki } = broker;
  const [caPem, deviceCaPem] = [pki.servers.cert, pki.devices.cert];
  const enrolment: EnrolDeps = { pool: images.pool, ca: await readSigningCa(deviceCaPem, pki.devices.key) };
  // Returns true when it has dealt with the request.
  const faults: ((request: IncomingMessage, response: ServerResponse) => boolean)[] = [];
  const puts: number[] = [];

  const known = async (request: IncomingMessage) => {
    const { raw } = (request.socket as TLSSocket).getPeerCertificate();
    const found = raw ? await authenticateDevice(images.pool, raw) : ({ ok: false } as const);
    if (!found.ok) throw new AppError("unauthorized", "no known certificate");
    return found;
  };
  const text = async (request: IncomingMessage) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    return Buffer.concat(parts).toString("utf8");
  };
  const image = async (request: IncomingMessage): Promise<Answer> => {
    const { tenantId, deviceId } = await known(request);
    const principal = devicePrincipal(tenantId, deviceId, randomUUID());
    const imageId = request.url?.split("/").at(-1) ?? "";
    if (request.method === "HEAD") {
      const status = await imageUploadStatus(images, principal, imageId);
      if (!status.ok) return { status: 404 };
      return { status: 200, headers: { "upload-offset": `${status.offset}`, "upload-length": `${status.length}` } };
    }
    const offset = Number(request.headers["upload-offset"]);
    puts.push(offset);
    const result = await uploadImage(images, principal, { imageId, offset, stream: request });
    if (result.ok && result.complete) return { status: 201 };
    if (result.ok || result.reason === "offset") {
      return { status: 409, headers: { "upload-offset": `${result.offset}` } };
    }
    return { status: result.reason === "mismatch" ? 422 : 404 };
  };
  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const correlation = randomUUID();
    switch (request.url) {
      case "/.well-known/est/cacerts":
        return { status: 200, body: caPem + deviceCaPem };
      case "/.well-known/est/simpleenroll": {
        const basic = Buffer.from(request.headers.authorization?.replace("Basic ", "") ?? "", "base64").toString();
        const [deviceId = "", secret = ""] = basic.split(":");
        const issued = { deviceId, secret, request: await text(request), correlation };
        return { status: 200, body: (await redeemEnrolmentCode(enrolment, issued)).pem };
      }
      case "/.well-known/est/simplereenroll": {
        const renewed = await renewCertificate(enrolment, await known(request), await text(request), correlation);
        return { status: 200, body: renewed.pem };
      }
      case "/device/v1/info": {
        const { deviceId, siteId } = await known(request);
        const mqtt = { host: broker.host, port: broker.port };
        return { status: 200, body: JSON.stringify({ device: deviceId, site: siteId, mqtt }) };
      }
      default:
        return image(request);
    }
  };
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
      answer(request)
        .catch((): Answer => ({ status: 401 }))
        .then(({ status, body = "", headers = {} }) => response.writeHead(status, headers).end(body));
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
