import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { clientAgent } from "../../src/edge/identity.ts";
import { startUploads } from "../../src/edge/uploads.ts";
import { createPki, type TestPki } from "../support/pki.ts";
import { waitUntil } from "../support/process.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";
import { jpeg, receiptFor, testBox } from "./box.ts";
import { quiet } from "./peer.ts";

type Held = { length: number; data: Buffer; puts: number[]; client: string };
// What the server does instead of taking everything; returns true when it has dealt with the request.
type Fault = (request: IncomingMessage, response: ServerResponse, held: Held) => boolean;

describe("edge image uploads", () => {
  let pki: TestPki;
  let dir: string;
  let server: Server;
  let test: Awaited<ReturnType<typeof testBox>>;
  let uploads: ReturnType<typeof startUploads> | null = null;
  let agent: ReturnType<typeof clientAgent>;
  let fault: Fault = () => false;
  const held = new Map<string, Held>();
  let under = 0;
  let mostUnder = 0;

  async function serve(request: IncomingMessage, response: ServerResponse) {
    const image = held.get(request.url ?? "");
    if (!image) return void response.writeHead(404).end();
    if (fault(request, response, image)) return;
    const offset = { "upload-offset": `${image.data.length}`, "upload-length": `${image.length}` };
    if (request.method === "HEAD") return void response.writeHead(200, offset).end();
    const from = Number(request.headers["upload-offset"]);
    if (from !== image.data.length) return void response.writeHead(409, offset).end();
    image.puts.push(from);
    mostUnder = Math.max(mostUnder, ++under);
    for await (const part of request) image.data = Buffer.concat([image.data, part as Buffer]);
    under -= 1;
    response
      .writeHead(image.data.length === image.length ? 201 : 409, { "upload-offset": `${image.data.length}` })
      .end();
  }

  beforeEach(async () => {
    dir = await temporaryDirectory("edge-plane");
    pki = await createPki(dir);
    const [cert, key] = await Promise.all([readFile(pki.serverCertFile), readFile(pki.serverKeyFile)]);
    server = createServer({ cert, key, ca: pki.devices.cert, requestCert: true, rejectUnauthorized: true }, (i, o) => {
      serve(i, o).catch(() => {
        under -= 1;
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    test = await testBox();
    held.clear();
    fault = () => false;
    mostUnder = 0;
    const identity = await pki.devices.issue({ cn: randomUUID() });
    agent = clientAgent({ key: identity.key, certificate: identity.cert, trust: pki.servers.cert });
  });
  afterEach(async () => {
    await uploads?.stop();
    agent.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await test.stop();
    await removeDirectory(dir);
  });

  async function addImages(count: number, bytes: number, already = 0) {
    const paths: string[] = [];
    for (let i = 0; i < count; i++) {
      const data = jpeg(bytes, i + 1);
      const event = await test.box.append({ kind: "a", body: i, images: [{ data }] });
      const image = randomUUID();
      const path = `/device/v1/images/${image}`;
      held.set(path, { length: bytes, data: data.subarray(0, already), puts: [], client: "" });
      const sha256 = createHash("sha256").update(data).digest("hex");
      const tickets = [{ event, n: 0, sha256, image, path, expires: "2026-12-31T00:00:00Z" }];
      test.box.applyReceipt(receiptFor(test.box, { through: test.box.state().lastSeq, tickets }));
      paths.push(path);
    }
    return paths;
  }
  function start() {
    const { port } = server.address() as AddressInfo;
    const plane = async () => ({ base: new URL(`https://127.0.0.1:${port}`), agent });
    uploads = startUploads({ outbox: test.box, plane, log: quiet, firstBackoffMs: 20, longestBackoffMs: 100 });
  }
  const empty = () => waitUntil("nothing left", async () => test.box.state().heldBytes === 0);

  it("sends each image whole, two at a time, and then forgets it", async () => {
    fault = (request) => {
      if (request.method === "PUT") request.pause();
      setTimeout(() => request.resume(), 60);
      return false;
    };
    const paths = await addImages(7, 300_000);
    start();
    await empty();
    for (const [i, path] of paths.entries()) assert.ok(held.get(path)!.data.equals(jpeg(300_000, i + 1)));
    assert.equal(mostUnder, 2);
    assert.deepEqual(await test.files(), []);
  });

  it("goes on at the offset that the appliance has", async () => {
    const [path = ""] = await addImages(1, 100_000, 65_536);
    start();
    await empty();
    assert.deepEqual(held.get(path)!.puts, [65_536]);
    assert.ok(held.get(path)!.data.equals(jpeg(100_000, 1)));
  });

  it("goes on after the connection broke in the middle", async () => {
    let breaks = 3;
    fault = (request, _, image) => {
      if (request.method !== "PUT" || breaks-- <= 0) return false;
      request.once("data", (part: Buffer) => {
        image.data = Buffer.concat([image.data, part.subarray(0, 1_000)]);
        request.socket.destroy();
      });
      return true;
    };
    const [path = ""] = await addImages(1, 200_000);
    start();
    await empty();
    assert.deepEqual(held.get(path)!.puts, [3_000]);
    assert.ok(held.get(path)!.data.equals(jpeg(200_000, 1)));
  });

  it("tries again after 503, as often as it takes", async () => {
    let refusals = 5;
    fault = (_, response) => refusals-- > 0 && Boolean(response.writeHead(503).end());
    await addImages(2, 5_000);
    start();
    await empty();
    assert.equal(test.box.losses(9).length, 0);
  });

  it("finishes an upload whose answer was lost with an empty PUT", async () => {
    const [path = ""] = await addImages(1, 5_000, 5_000);
    start();
    await empty();
    assert.deepEqual(held.get(path)!.puts, [5_000]);
  });

  it("gives up what the appliance finds wrong, with a local record, and goes on with the next", async () => {
    const [first = ""] = await addImages(2, 5_000);
    fault = (request, response) =>
      request.method === "PUT" && request.url === first && Boolean(response.writeHead(422).end('{"title":"hash"}'));
    start();
    await empty();
    const losses = test.box.losses(9);
    assert.deepEqual(
      losses.map(({ what, reason }) => [what, reason]),
      [["image.0", "refused"]],
    );
    assert.match(losses[0]!.detail, /422.*hash/);
  });

  it("asks for a new ticket when the appliance knows the old one no more", async () => {
    const [path = ""] = await addImages(1, 5_000);
    held.delete(path);
    start();
    await waitUntil("ticket given back", async () => test.box.ticketedImages(1).length === 0);
    assert.equal(test.box.state().heldBytes > 5_000, true, "the image is still held");
  });
});

describe("edge outbox without tickets", () => {
  it("sends a stored event again until its image has a ticket, less and less often, and gives up in the end", async () => {
    let now = Date.parse("2026-11-21T20:00:00Z");
    const test = await testBox({ clock: () => now });
    try {
      await test.box.append({ kind: "a", body: 1, images: [{ data: jpeg(100) }] });
      test.box.applyReceipt(receiptFor(test.box, { through: 1 }));
      assert.equal(test.box.takeAsks(10).length, 0, "not at once");
      let asks = 0;
      for (let minutes = 0; minutes < 24 * 60; minutes++) {
        now += 60_000;
        asks += test.box.takeAsks(10).length;
      }
      assert.equal(asks, 12);
      assert.equal(test.box.losses(1)[0]?.reason, "no-ticket");
      assert.equal(test.box.state().heldBytes, 0);
    } finally {
      await test.stop();
    }
  });
});
