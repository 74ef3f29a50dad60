import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { enrol } from "../../src/edge/enrol.ts";
import { type CertificateAuthority, createPki, type TestPki } from "../support/pki.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";

const fingerprint = (ca: CertificateAuthority) =>
  createHash("sha256").update(Buffer.from(ca.certificate.rawData)).digest("hex");

// Somebody between the device and the appliance, with a certificate of their own for the appliance's name.
describe("edge enrolment with somebody in between", () => {
  let dir: string;
  let pki: TestPki;
  let server: Server;
  let shownCa: string;
  const requests: string[] = [];
  const secret = "a".repeat(26);
  const target = () => join(dir, "edge");
  const code = (ca: CertificateAuthority) => `LSE1.${randomUUID()}.${secret}.${fingerprint(ca)}`;
  const url = () => `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sawSecret = () =>
    requests.some((header) => Buffer.from(header.replace("Basic ", ""), "base64").toString().endsWith(`:${secret}`));

  beforeEach(async () => {
    dir = await temporaryDirectory("middle");
    pki = await createPki(dir);
    requests.length = 0;
    const { cert, key } = await pki.stranger.issue({ cn: "appliance", usage: "server", names: ["127.0.0.1"] });
    server = createServer({ cert, key }, (request, response) => {
      requests.push(request.headers.authorization ?? "");
      response.end(request.url?.endsWith("/cacerts") ? shownCa : "");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await removeDirectory(dir);
  });

  it("stops before the secret leaves when they show their own CA", async () => {
    shownCa = pki.stranger.cert;
    await assert.rejects(enrol(target(), url(), code(pki.servers)), /not the one on the code/);
    assert.equal(sawSecret(), false);
    assert.equal(existsSync(target()), false);
  });

  it("stops before the secret leaves when they show the appliance's real CA", async () => {
    shownCa = pki.servers.cert + pki.stranger.cert;
    await assert.rejects(enrol(target(), url(), code(pki.servers)), /certificate/);
    assert.equal(sawSecret(), false);
  });

  it("would hand them the secret if the code named their CA", async () => {
    shownCa = pki.stranger.cert;
    await assert.rejects(enrol(target(), url(), code(pki.stranger)), /did not give a certificate/);
    assert.equal(sawSecret(), true);
  });
});
