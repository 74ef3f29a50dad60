import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { enrol, readIdentity } from "../../src/edge/index.ts";
import { connectDevice, type DeviceClient } from "../journeys/device-client.ts";
import { createSite, type EnrolledEdge, enrolEdge, photographs, type Site, succeed } from "../journeys/fleet.ts";
import { type Appliance, startAppliance } from "../support/appliance.ts";
import { memoryOf, type RawAnswer, raw } from "./raw.ts";

describe("http: hostile requests to the device plane", function () {
  this.timeout(120_000);
  let appliance: Appliance;
  let site: Site;
  let edge: EnrolledEdge;
  let stranger: EnrolledEdge;
  let device: DeviceClient;
  let photo: Buffer;

  before(async () => {
    appliance = await startAppliance({
      configure: (config) => {
        config.limits = { ...config.limits, auth: 1000 };
      },
    });
    site = await createSite(appliance, await appliance.createTenant("Alder"), "Gate");
    edge = await enrolEdge(appliance, site, "edge");
    stranger = await enrolEdge(
      appliance,
      await createSite(appliance, await appliance.createTenant("Birch"), "Yard"),
      "x",
    );
    device = await connectDevice(edge.dir);
    photo = await readFile(join(photographs, "image.jpg"));
  });
  after(async () => {
    await device?.stop();
    await appliance?.stop();
  });

  const newCode = async () => {
    const made = await appliance.call(site.apiKey, "POST", `/api/v1/sites/${site.siteId}/devices`, { name: "box" });
    return succeed<{ deviceId: string; code: string }>(made);
  };
  const simpleEnrol = (authorization: string, body: string | Buffer, path = "simpleenroll") =>
    raw(
      `${appliance.deviceUrl}/.well-known/est/${path}`,
      { method: "POST", ca: appliance.ca, headers: { authorization, "content-type": "application/pkcs10" } },
      body,
    );
  const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const put = async (
    by: EnrolledEdge | undefined,
    path: string,
    body: Buffer,
    headers: Record<string, string> = {},
  ) => {
    const identity = by && (await readIdentity(by.dir));
    const tls = identity && { cert: identity.certificate, key: identity.key };
    return raw(`${appliance.deviceUrl}${path}`, { method: "PUT", ca: appliance.ca, headers, ...tls }, body);
  };
  const ticketFor = async (bytes: Buffer, given = bytes.length) => {
    const image = { sha256: createHash("sha256").update(bytes).digest("hex"), bytes: given, type: "image/jpeg" };
    const { receipt } = await device.send({ images: [image] });
    return receipt.tickets[0]!.path;
  };
  const isRefused = (answer: RawAnswer, statuses: number[], what: string) => {
    assert.ok(statuses.includes(answer.status), `${what}: ${answer.status} ${answer.body}`);
    if (answer.body !== "") assert.equal(answer.headers["content-type"], "application/problem+json", what);
  };

  it("enrolment refuses what is no request and whoever has no code, and the code still works", async () => {
    const { deviceId, code } = await newCode();
    const secret = code.split(".")[2]!;
    const right = basic(deviceId, secret);
    const bodies: [string, string | Buffer][] = [
      ["nothing", ""],
      ["no base64", "%%%"],
      ["base64 of nonsense", Buffer.alloc(600, 7).toString("base64")],
      ["NUL", "\0".repeat(2000)],
      ["JSON", JSON.stringify({ csr: [[[]]] })],
      ["a certificate", appliance.ca],
      ["deep DER", Buffer.alloc(9000, 0x30).toString("base64")],
      ["large", Buffer.alloc(2_000_000, 0x41)],
    ];
    for (const [what, body] of bodies) isRefused(await simpleEnrol(right, body), [400, 413], what);
    const request = Buffer.alloc(300, 1).toString("base64");
    const credentials = [
      "",
      "Basic",
      "Basic %%%",
      "Bearer x",
      basic("", ""),
      basic("../../x", secret),
      basic("'--", secret),
    ];
    for (const each of [...credentials, basic(crypto.randomUUID(), secret), basic(deviceId, "x".repeat(200))]) {
      isRefused(await simpleEnrol(each, request), [400, 401, 403], each);
    }
    isRefused(await simpleEnrol(right, request, "simplereenroll"), [401], "renewal without a certificate");
    await enrol(join(appliance.directory, "box"), appliance.deviceUrl, code);
  });

  it("an image is taken from its own device alone", async () => {
    const path = await ticketFor(photo);
    isRefused(await put(undefined, path, photo), [401], "no certificate");
    isRefused(await put(stranger, path, photo), [404], "another tenant's device");
    for (const id of ["..%2f..%2fetc%2fpasswd", "%00", crypto.randomUUID(), "ffffffff-ffff-7fff-bfff-ffffffffffff"]) {
      isRefused(await put(edge, `/device/v1/images/${id}`, photo), [404, 400], id);
    }
    for (const offset of ["-1", "1e3", "NaN", "0x10", String(2 ** 53), "1, 2"]) {
      const answer = await put(edge, path, photo, { "upload-offset": offset });
      assert.ok([400, 409].includes(answer.status), `offset ${offset}: ${answer.status} ${answer.body}`);
    }
    assert.equal((await put(edge, path, photo)).status, 201);
  });

  it("other bytes, too many bytes and another kind of file are refused with what was found", async () => {
    const altered = Buffer.concat([photo.subarray(0, -1), Buffer.from([photo.at(-1)! ^ 1])]);
    isRefused(await put(edge, await ticketFor(photo), altered), [422], "other bytes");
    isRefused(await put(edge, await ticketFor(photo, 1000), photo), [422], "too many bytes");
    const text = Buffer.from("<svg onload=alert(1)>".repeat(50));
    isRefused(await put(edge, await ticketFor(text), text), [422], "no image");
    const path = await ticketFor(photo);
    const half = await put(edge, path, photo.subarray(0, 100_000));
    assert.equal(half.status, 202, half.body);
    const rest = await put(edge, path, photo.subarray(100_000), {
      "upload-offset": String(half.headers["upload-offset"]),
    });
    assert.equal(rest.status, 201, rest.body);
  });

  it("an upload far beyond what was declared ends early, in bounded memory", async () => {
    const before = memoryOf(appliance.app.pid()).nowMb;
    const path = await ticketFor(photo, 1000);
    const large = Buffer.alloc(60_000_000, 1);
    await Promise.all(Array.from({ length: 4 }, () => put(edge, path, large).catch(() => undefined)));
    const { mostMb } = memoryOf(appliance.app.pid());
    assert.ok(mostMb < before + 250, `${Math.round(before)} MB before, ${Math.round(mostMb)} MB at most`);
    assert.equal((await put(edge, await ticketFor(photo), photo)).status, 201);
  });

  it("left no failure in the log", () => {
    assert.doesNotMatch(appliance.app.output(), /request failed/);
  });
});
