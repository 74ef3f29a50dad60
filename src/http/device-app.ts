import type { TLSSocket } from "node:tls";
import express, { type Express, type Request, type RequestHandler, type Response } from "express";
import {
  type AuthenticatedDevice,
  authenticateDevice,
  customerRoot,
  devicePrincipal,
  type EnrolDeps,
  redeemEnrolmentCode,
  renewCertificate,
} from "../devices/index.ts";
import { type ImageDeps, imageUploadStatus, uploadImage } from "../ingest/index.ts";
import type { Pool } from "../platform/db.ts";
import { AppError } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import { isUuid } from "../record/text.ts";
import { answerErrors, correlate, correlationOf } from "./common.ts";
import type { Limiter } from "./limits.ts";
import { degeneratePkcs7 } from "./pkcs7.ts";

export interface DeviceAppDeps {
  pool: Pool;
  enrol: EnrolDeps;
  images: ImageDeps;
  limiter: Limiter;
  log: Logger;
  /** PEM: what devices must trust for our servers, then the device CA. */
  caPem: string;
  deviceCaPem: string;
  /** Where devices reach the broker. */
  mqtt: { host: string; port: number };
  /** The broker's port for certificates of the customer's own CA. */
  customerPort?: number;
}

type Known = Extract<AuthenticatedDevice, { ok: true }>;

/** The device plane: enrolment (EST-shaped, RFC 7030), and images over mutual TLS. */
export function createDeviceApp(deps: DeviceAppDeps): Express {
  const app = express();
  app.disable("x-powered-by");
  app.set("etag", false);
  app.set("query parser", "simple");
  app.use(correlate);
  app.get("/.well-known/est/cacerts", (req, res) => sendCertificates(req, res, [deps.caPem, deps.deviceCaPem]));
  app.post("/.well-known/est/simpleenroll", csrBody, enrolHandler(deps));
  app.post("/.well-known/est/simplereenroll", csrBody, renewHandler(deps));
  app.get("/device/v1/info", async (req, res) => {
    const device = await requireDevice(deps.pool, req);
    res.json({ device: device.deviceId, site: device.siteId, ...brokerOf(deps, device) });
  });
  app.head("/device/v1/images/:image", imageStatusHandler(deps));
  app.put("/device/v1/images/:image", imageUploadHandler(deps));
  app.use(answerErrors(deps.log));
  return app;
}

function brokerOf({ mqtt, customerPort }: DeviceAppDeps, { deviceId, commonName }: Known) {
  if (commonName === null) return { mqtt, topics: `v1/${deviceId}` };
  return { mqtt: { ...mqtt, port: customerPort ?? mqtt.port }, topics: `${customerRoot}/${commonName}` };
}

const csrBody = express.text({ type: () => true, limit: "16kb" });

function enrolHandler(deps: DeviceAppDeps): RequestHandler {
  return async (req, res) => {
    await deps.limiter.take("auth", `enrol-${req.ip}`);
    const [deviceId, secret] = basicCredentials(req.get("authorization"));
    const request = requestPem(req.body);
    const issued = await redeemEnrolmentCode(deps.enrol, {
      deviceId,
      secret,
      request,
      correlation: correlationOf(req),
    });
    sendCertificates(req, res, [issued.pem]);
  };
}

function renewHandler(deps: DeviceAppDeps): RequestHandler {
  return async (req, res) => {
    const device = await requireDevice(deps.pool, req);
    const issued = await renewCertificate(deps.enrol, device, requestPem(req.body), correlationOf(req));
    sendCertificates(req, res, [issued.pem]);
  };
}

function imageStatusHandler(deps: DeviceAppDeps): RequestHandler {
  return async (req, res) => {
    const device = await requireDevice(deps.pool, req);
    const status = await imageUploadStatus(deps.images, principalOf(device, req), imageId(req));
    if (!status.ok) throw new AppError("not-found", "no such image");
    res.set({
      "upload-offset": String(status.offset),
      "upload-length": String(status.length),
      "cache-control": "no-store",
    });
    res.status(200).end();
  };
}

function imageUploadHandler(deps: DeviceAppDeps): RequestHandler {
  return async (req, res) => {
    const device = await requireDevice(deps.pool, req);
    const offset = Number(req.get("upload-offset") ?? "0");
    if (!Number.isSafeInteger(offset) || offset < 0) {
      throw new AppError("invalid", "Upload-Offset is not a byte count", {
        found: String(req.get("upload-offset")),
        expected: "a number from HEAD",
      });
    }
    const result = await uploadImage(deps.images, principalOf(device, req), {
      imageId: imageId(req),
      offset,
      // Not destroyed when the upload has seen enough: the answer goes out on the same socket.
      stream: { [Symbol.asyncIterator]: () => req.iterator({ destroyOnReturn: false }) },
    });
    if (result.ok) {
      if (!result.complete) res.set({ "upload-offset": String(result.offset) });
      res.set({ "upload-length": String(result.length) });
      res.status(result.complete ? 201 : 202).end();
      return;
    }
    if (result.reason === "not-found") throw new AppError("not-found", "no such image");
    if (result.reason === "offset") {
      res.set({ "upload-offset": String(result.offset), "upload-length": String(result.length) });
      res.status(409).end();
      return;
    }
    throw new AppError("unprocessable", "the image is not the one that its event declared", {
      found: result.found,
      expected: result.expected,
    });
  };
}

function imageId(req: Request): string {
  const id = String(req.params.image);
  if (!isUuid(id)) throw new AppError("not-found", "no such image");
  return id;
}

const principalOf = (device: Known, req: Request) =>
  devicePrincipal(device.tenantId, device.deviceId, correlationOf(req));

/** TLS has checked chain and dates; the database says whose certificate it is and whether it still holds. */
async function requireDevice(pool: Pool, req: Request): Promise<Known> {
  const socket = req.socket as TLSSocket;
  const raw = socket.authorized ? socket.getPeerCertificate().raw : undefined;
  const device = raw ? await authenticateDevice(pool, raw) : undefined;
  if (device?.ok) return device;
  const found = !raw
    ? `no valid client certificate${socket.authorizationError ? ` (${socket.authorizationError})` : ""}`
    : `a certificate that is ${device?.reason}`;
  throw new AppError("unauthorized", "this needs a device certificate", {
    found,
    expected: "a certificate of an enrolled device",
    remedy: "enrol the device with a new code",
  });
}

function basicCredentials(header: string | undefined): [string, string] {
  const match = /^Basic ([A-Za-z0-9+/=]{1,400})$/i.exec(header ?? "");
  const text = match ? Buffer.from(match[1]!, "base64").toString("utf8") : "";
  const at = text.indexOf(":");
  const deviceId = text.slice(0, Math.max(0, at)).toLowerCase();
  if (!isUuid(deviceId)) {
    throw new AppError("unauthorized", "enrolment needs the code", {
      expected: "HTTP Basic with the device's id and the secret part of its code",
    });
  }
  return [deviceId, text.slice(at + 1)];
}

/** RFC 7030 sends bare base64 PKCS#10; PEM is taken too. */
function requestPem(body: unknown): string {
  if (typeof body !== "string" || body.trim() === "") {
    throw new AppError("invalid", "no certificate request came", { expected: "a PKCS#10 request in base64 or PEM" });
  }
  if (body.includes("-----BEGIN")) return body;
  const base64 = body.replace(/\s/g, "");
  return `-----BEGIN CERTIFICATE REQUEST-----\n${base64.replace(/(.{64})/g, "$1\n")}\n-----END CERTIFICATE REQUEST-----\n`;
}

function sendCertificates(req: Request, res: Response, pems: string[]): void {
  res.setHeader("cache-control", "no-store");
  if (
    req.accepts(["application/pkcs7-mime", "application/pem-certificate-chain"]) === "application/pem-certificate-chain"
  ) {
    res.type("application/pem-certificate-chain").send(pems.map((pem) => `${pem.trimEnd()}\n`).join(""));
    return;
  }
  res.setHeader("content-type", "application/pkcs7-mime; smime-type=certs-only");
  res.setHeader("content-transfer-encoding", "base64");
  res.end(
    degeneratePkcs7(pems)
      .toString("base64")
      .replace(/(.{76})/g, "$1\r\n"),
  );
}
