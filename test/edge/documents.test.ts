import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ValidateFunction } from "ajv/dist/2020.js";
import { parse } from "yaml";
import { startEdge } from "../../src/edge/edge.ts";
import { parseReceipt } from "../../src/edge/receipt.ts";
import { parseStatus, parseReceipt as parseStrictReceipt } from "../../src/record/receipts.ts";
import { parseWireEvents } from "../../src/record/wire.ts";
import { run, waitUntil } from "../support/process.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";
import { jpeg, testBox } from "./box.ts";
import { deviceSchemas, devicesDocs } from "./documents.ts";
import { enrolledDirectory, quiet, testBroker } from "./peer.ts";

const id = "01a20071-4c3f-7c44-9d0e-5b4f1a2c3d4e";
const outbox = "6f0d9f4e-6f5a-4a2c-8f0b-0d6b8a1c2e3f";
const event = { id, kind: "a", occurred: "2026-11-21T20:50:00Z", body: null };
const image = { sha256: "a".repeat(64), bytes: 1, type: "image/png" };

describe("device documents", () => {
  let schemas: Map<string, ValidateFunction>;
  before(async () => {
    schemas = await deviceSchemas();
  });
  const check = (name: string, value: unknown) => {
    const validate = schemas.get(name)!;
    assert.ok(validate(value), `${name}: ${JSON.stringify(validate.errors)} in ${JSON.stringify(value)}`);
  };

  it("describe what the reference edge sends", async () => {
    const test = await testBox({ quotaBytes: 20_000 });
    try {
      for (let i = 0; i < 5; i++) {
        await test.box.append({ kind: "a", body: { i }, subjects: ["badge:7"], images: [{ data: jpeg(6_000, i) }] });
      }
      for (let i = 0; i < 60; i++) await test.box.append({ kind: "b", body: "x".repeat(400) });
      const sent = test.box.pendingAfter(0, 200).map(({ wire }) => JSON.parse(wire));
      check("events", sent);
      check("events", sent[0]);
      const gaps = sent.filter(({ kind }) => kind === "edge.gap");
      for (const { body } of gaps) check("gap", body);
      assert.ok(gaps.some(({ body }) => body.images) && gaps.some(({ body }) => body.from));
    } finally {
      await test.stop();
    }
  });

  it("agree with the appliance's own reader on what an event is", () => {
    const cases: [boolean, unknown][] = [
      [true, event],
      [true, { ...event, outbox, seq: 1 }],
      [true, { ...event, subjects: Array(16).fill("x".repeat(128)), images: Array(16).fill(image) }],
      [true, { ...event, occurred: "2026-11-21T20:50:00.123456Z" }],
      [false, { ...event, occurred: "2026-11-21T20:50:00.1234567Z" }],
      [false, { ...event, occurred: "2026-11-21T21:50:00+01:00" }],
      [false, { ...event, id: outbox }],
      [false, { ...event, id: id.toUpperCase() }],
      [false, { ...event, kind: "a b" }],
      [false, { ...event, kind: "x".repeat(129) }],
      [false, { ...event, body: undefined }],
      [false, { ...event, seq: 1 }],
      [false, { ...event, outbox }],
      [false, { ...event, outbox, seq: 0 }],
      [false, { ...event, extra: 1 }],
      [false, { ...event, subjects: Array(17).fill("a") }],
      [false, { ...event, subjects: [""] }],
      [false, { ...event, images: Array(17).fill(image) }],
      [false, { ...event, images: [{ ...image, type: "image/gif" }] }],
      [false, { ...event, images: [{ ...image, bytes: 0 }] }],
      [false, { ...event, images: [{ ...image, sha256: "A".repeat(64) }] }],
      [false, 7],
    ];
    for (const [expected, value] of cases) {
      const text = JSON.stringify(value);
      assert.equal(schemas.get("event")!(JSON.parse(text)), expected, `schema: ${text}`);
      assert.equal(parseWireEvents(text)[0]?.ok, expected, `reader: ${text}`);
    }
  });

  it("have an AsyncAPI description whose references resolve and whose examples are valid", async () => {
    const text = await readFile(new URL("asyncapi.yaml", devicesDocs), "utf8");
    const api = parse(text);
    const resolve = (ref: string) =>
      ref
        .slice(2)
        .split("/")
        .reduce((node, part) => node?.[part], api);
    for (const [, ref = ""] of text.matchAll(/\$ref: '?([^'\n]+)'?/g)) {
      const found = ref.startsWith("#/") ? resolve(ref) : existsSync(new URL(ref, devicesDocs));
      assert.ok(found, `${ref} leads nowhere`);
    }
    for (const { payload, examples } of Object.values<{
      payload: { schema: { $ref: string } };
      examples: { payload: unknown }[];
    }>(api.components.messages)) {
      const name = payload.schema.$ref.replace(/^schemas\/|\.json$/g, "");
      for (const example of examples) {
        check(name, example.payload);
        if (name === "status") parseStatus(JSON.stringify(example.payload));
        if (name === "receipt") {
          const text = JSON.stringify(example.payload);
          assert.deepEqual(parseReceipt(Buffer.from(text)), parseStrictReceipt(text));
        }
        if (name === "events") assert.ok(parseWireEvents(JSON.stringify(example.payload)).every(({ ok }) => ok));
      }
    }
  });

  it("describe the status message", async () => {
    const net = await testBroker();
    const enrolled = await enrolledDirectory(net.broker);
    const edge = await startEdge({ dir: enrolled.dir, log: quiet });
    try {
      await waitUntil("status", async () => net.listener.statuses.length > 0);
      const { text } = net.listener.statuses[0]!;
      check("status", JSON.parse(text));
      parseStatus(text);
    } finally {
      await edge.stop();
      await net.stop();
      await enrolled.stop();
    }
  });
});

// Only where libmosquitto-dev and libssl-dev are installed.
const canBuild = existsSync("/usr/include/mosquitto.h") && existsSync("/usr/include/openssl/rand.h");
(canBuild ? describe : () => {})("device sample in C", () => {
  let dir: string;
  let program: string;
  before(async () => {
    dir = await temporaryDirectory("sample");
    program = join(dir, "send_event");
    const source = fileURLToPath(new URL("sample/send_event.c", devicesDocs));
    const args = ["-O2", "-Wall", "-Wextra", "-Werror", "-o", program, source, "-lmosquitto", "-lcrypto"];
    await run({ name: "cc", command: "cc", args });
  });
  after(() => removeDirectory(dir));

  async function send(reject: boolean) {
    const net = await testBroker();
    const { dir: edgeDir, device, stop } = await enrolledDirectory(net.broker);
    try {
      if (reject) net.listener.hold();
      const pem = join(edgeDir, "identity.pem");
      const args = [net.broker.host, String(net.broker.port), device, join(edgeDir, "trust.pem"), pem, pem];
      const running = run({ name: "send_event", command: program, args });
      if (reject) {
        await waitUntil("arrived", async () => net.listener.arrivals.length > 0);
        const { id: sent, outbox: incarnation = "" } = net.listener.arrivals[0]!;
        const rejects = [{ id: sent!, seq: 1, reason: "too-old", detail: "" }];
        net.listener.send(device, { outbox: incarnation, through: 1, ranges: [], rejects });
      }
      return { output: await running, arrivals: net.listener.arrivals };
    } finally {
      await net.stop();
      await stop();
    }
  }

  it("sends an event that the appliance's reader takes, and sees its receipt", async () => {
    const { output, arrivals } = await send(false);
    assert.equal(arrivals.length, 1);
    assert.match(output, /"through":1/);
  });

  it("says when the event was rejected", async () => {
    await assert.rejects(send(true), /exit code 1/);
  });
});
