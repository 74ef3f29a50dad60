import "reflect-metadata"; // before @peculiar/x509, which refuses to load without it
import { createHash, X509Certificate } from "node:crypto";
import { Agent } from "node:https";
import { Pkcs10CertificateRequestGenerator } from "@peculiar/x509";
import { z } from "zod";
import { AppError } from "../platform/errors.ts";
import { certificateBlocks } from "../platform/pem.ts";
import { callHttps, type HttpsAnswer } from "./https.ts";
import {
  clientAgent,
  type EdgeSettings,
  hasIdentity,
  type Identity,
  isEnrolled,
  readIdentity,
  readSettings,
  tlsOptions,
  writeIdentity,
  writeSettings,
} from "./identity.ts";

export type EnrolmentCode = { device: string; secret: string; caSha256: string };

const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const codeForm = new RegExp(`^LSE1\\.(${uuid})\\.([a-z2-7]{26})\\.([0-9a-f]{64})$`);
const infoSchema = z.object({ device: z.uuid(), mqtt: z.object({ host: z.string(), port: z.int() }) });

// Blanks and capitals come from paper and scanners.
export function parseCode(text: string): EnrolmentCode {
  const parts = codeForm.exec(text.replaceAll(/\s/g, "").toLowerCase().replace(/^lse1/, "LSE1"));
  if (!parts) {
    throw new AppError("code-invalid", "this is not an enrolment code", {
      expected: "LSE1.<device>.<secret>.<fingerprint>",
      remedy: "copy the whole code from the console",
    });
  }
  return { device: parts[1]!, secret: parts[2]!, caSha256: parts[3]! };
}

// Makes the box's key, trades the code for a certificate and writes both to `dir`. The code works once: what it brought is
// on the disk before anything else can fail, and a second call goes on from there.
export async function enrol(dir: string, server: string, codeText: string): Promise<EdgeSettings> {
  const code = parseCode(codeText);
  const base = new URL(server);
  const identity = (await keptIdentity(dir, code.device)) ?? (await tradeCode(dir, base, code));
  const settings = { device: code.device, server: base.origin, mqtt: await fetchBroker(base, identity) };
  await writeSettings(dir, settings);
  return settings;
}

async function tradeCode(dir: string, base: URL, code: EnrolmentCode): Promise<Identity> {
  const ca = await fetchPinnedCa(base, code.caSha256);
  const { key, request } = await makeRequest(code.device);
  const verified = new Agent({ ca, allowPartialTrustChain: true, minVersion: "TLSv1.2" });
  const authorization = `Basic ${Buffer.from(`${code.device}:${code.secret}`).toString("base64")}`;
  const certificate = await postRequest(base, "simpleenroll", request, verified, { authorization });
  await writeIdentity(dir, { key, certificate, trust: joinPem([ca]) });
  const identity = { key, certificate, trust: joinPem([ca, ...(await serverCas(base, verified, certificate))]) };
  await writeIdentity(dir, identity);
  return identity;
}

// Of an enrolment of this device that broke off after its certificate had come.
async function keptIdentity(dir: string, device: string): Promise<Identity | null> {
  if ((await isEnrolled(dir)) || !hasIdentity(dir)) return null;
  const identity = await readIdentity(dir);
  const { subject, validToDate } = new X509Certificate(identity.certificate);
  return subject === `CN=${device}` && validToDate.getTime() > Date.now() ? identity : null;
}

export type Renewal = { renewed: false; dueAt: number } | { renewed: true };

// At half of the certificate's life: a new key, a new certificate, proven over mutual TLS by the old ones.
export async function renewIfDue(dir: string, now: number): Promise<Renewal> {
  const old = await readIdentity(dir);
  const { validFromDate, validToDate } = new X509Certificate(old.certificate);
  const dueAt = (validFromDate.getTime() + validToDate.getTime()) / 2;
  if (now < dueAt) return { renewed: false, dueAt };
  const { device, server } = await readSettings(dir);
  const base = new URL(server);
  const { key, request } = await makeRequest(device);
  const agent = clientAgent(old);
  try {
    const certificate = await postRequest(base, "simplereenroll", request, agent, {});
    const trust = joinPem([...certificateBlocks(old.trust), ...(await serverCas(base, agent, certificate))]);
    await writeIdentity(dir, { key, certificate, trust });
  } finally {
    agent.destroy();
  }
  return { renewed: true };
}

// The one request whose server is not verified: its answer counts only through the fingerprint on the code.
async function fetchPinnedCa(base: URL, caSha256: string): Promise<string> {
  const unverified = new Agent({ rejectUnauthorized: false, minVersion: "TLSv1.2" });
  const found = await fetchCas(base, unverified);
  const ca = found.find((pem) => createHash("sha256").update(new X509Certificate(pem).raw).digest("hex") === caSha256);
  if (ca) return ca;
  throw new AppError("ca-unknown", `the CA that ${base.host} shows is not the one on the code`, {
    found: `${found.length} certificates, none with that fingerprint`,
    expected: caSha256,
    remedy: "check the address; if it is right, somebody stands in between",
  });
}

// All CAs of the appliance but the one that issues to devices: a device must not be able to pose as the appliance.
async function serverCas(base: URL, agent: Agent, certificate: string): Promise<string[]> {
  const own = new X509Certificate(certificate);
  const cas = await fetchCas(base, agent);
  return cas.filter((pem) => !own.checkIssued(new X509Certificate(pem)));
}

async function fetchCas(base: URL, agent: Agent): Promise<string[]> {
  const url = new URL("/.well-known/est/cacerts", base);
  const headers = { accept: "application/pem-certificate-chain" };
  const answer = await callHttps({ url, method: "GET", headers, agent });
  if (answer.status !== 200) throw refusal("the CA certificates", answer);
  return certificateBlocks(answer.body.toString("latin1"));
}

// RFC 7030, sections 4.2.1 and 4.2.2.
async function postRequest(
  base: URL,
  what: "simpleenroll" | "simplereenroll",
  request: string,
  agent: Agent,
  headers: Record<string, string>,
): Promise<string> {
  const answer = await callHttps({
    url: new URL(`/.well-known/est/${what}`, base),
    method: "POST",
    headers: {
      ...headers,
      accept: "application/pem-certificate-chain",
      "content-type": "application/pkcs10",
      "content-transfer-encoding": "base64",
    },
    body: Buffer.from(request),
    agent,
  });
  if (answer.status !== 200 && answer.status !== 201) throw refusal("a certificate", answer);
  const chain = certificateBlocks(answer.body.toString("latin1"));
  if (chain.length === 0) throw refusal("a certificate", answer);
  return joinPem(chain);
}

async function fetchBroker(base: URL, identity: Identity): Promise<EdgeSettings["mqtt"]> {
  const agent = new Agent(tlsOptions(identity));
  const answer = await callHttps({ url: new URL("/device/v1/info", base), method: "GET", agent });
  if (answer.status !== 200) throw refusal("the broker's address", answer);
  const { mqtt } = infoSchema.parse(JSON.parse(answer.body.toString("utf8")));
  return { host: mqtt.host, port: mqtt.port };
}

async function makeRequest(device: string): Promise<{ key: string; request: string }> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: `CN=${device}`,
    keys,
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
  });
  const der = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  const lines = der.toString("base64").match(/.{1,64}/g)!;
  const key = `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`;
  return { key, request: Buffer.from(request.rawData).toString("base64") };
}

function refusal(what: string, answer: HttpsAnswer): AppError {
  return new AppError("enrolment-refused", `the appliance did not give ${what}`, {
    found: `status ${answer.status}: ${answer.body.toString("utf8").slice(0, 300)}`,
    remedy: answer.status === 401 ? "ask for a new code: it works once, for 72 hours" : "see the appliance's log",
  });
}

function joinPem(certificates: string[]): string {
  return `${[...new Set(certificates.map((pem) => pem.trim()))].join("\n")}\n`;
}
