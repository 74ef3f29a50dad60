import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { request } from "node:https";
import type { Principal } from "../../src/audit/index.ts";
import { createRecorder } from "../../src/ingest/index.ts";
import { createDirectoryStore } from "../../src/objects/index.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createPki, type TestPki } from "../support/pki.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";
import { wireEvent } from "./device.ts";
import { createEstate, type Estate, type Tenant } from "./estate.ts";
import { type Plane, startPlane } from "./plane.ts";
import { recomputeTenant } from "./recompute.ts";

type Answer = { status: number; text: string };

describe("ingest: POST /api/v1/events", () => {
  let estate: Estate;
  let directory: string;
  let pki: TestPki;
  let tenant: Tenant;
  let plane: Plane;
  let full = false;
  const json = "application/json";

  before(async () => {
    estate = await createEstate();
    directory = await temporaryDirectory("plane");
    pki = await createPki(directory);
    tenant = await estate.newTenant();
    const limits = { maxBodyBytes: 65_536, maxImageBytes: 33_554_432, longestOfflineDays: 60 };
    const objects = createDirectoryStore(directory);
    const deps = {
      pool: estate.pool,
      recorder: createRecorder({ ...estate, limits, log: createLogger("test", "silent"), mostAttempts: 3 }),
      maxMessageBytes: 65_536,
      diskFull: () => full,
      images: { pool: estate.pool, keyring: estate.keyring, objects, minFreeBytes: 0 },
    };
    const key: Principal = {
      tenantId: tenant.tenantId,
      actor: { type: "api-key", id: randomUUID() },
      via: "api",
      correlation: randomUUID(),
      sites: [tenant.siteId],
    };
    plane = await startPlane(pki, deps, { principal: () => key });
  });
  after(async () => {
    await plane?.stop();
    await recomputeTenant(estate.database.superuser, tenant.tenantId);
    await estate?.stop();
    await removeDirectory(directory);
  });

  function post(body: string | Buffer, type: string, query = "", credential = "key"): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asked = request(
        {
          host: "127.0.0.1",
          port: plane.port,
          path: `/api/v1/events${query}`,
          method: "POST",
          ca: pki.servers.cert,
          servername: "localhost",
          agent: false,
          headers: { "content-type": type, authorization: `Bearer ${credential}` },
        },
        (res) => {
          let text = "";
          res.setEncoding("utf8").on("data", (chunk) => {
            text += chunk;
          });
          res.on("end", () => resolve({ status: res.statusCode ?? 0, text }));
        },
      );
      asked.on("error", reject);
      asked.end(body);
    });
  }

  it("an array, one object and NDJSON are answered event by event", async () => {
    const events = [wireEvent(), wireEvent({ kind: "no token" }), wireEvent()];
    const array = await post(JSON.stringify(events), json);
    assert.equal(array.status, 200, array.text);
    assert.deepEqual(
      JSON.parse(array.text).results.map(({ status }: { status: string }) => status),
      ["stored", "rejected", "stored"],
    );
    const one = await post(JSON.stringify(wireEvent()), `${json}; charset=utf-8`, `?site=${tenant.siteId}`);
    assert.equal(JSON.parse(one.text).results[0].status, "stored");
    const lines = await post(events.map((event) => JSON.stringify(event)).join("\n"), "application/x-ndjson");
    const results = lines.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).status);
    assert.deepEqual(results, ["duplicate", "rejected", "duplicate"]);
  });

  it("hostile bodies are refused with a reason, never with a 500, and the next request is served", async () => {
    const good = JSON.stringify(wireEvent());
    const bodies: [number, string | Buffer, string][] = [
      [400, "{", json],
      [400, "", json],
      [400, "[]", json],
      [400, "[".repeat(500_000), json],
      [400, Buffer.from([0xff, 0xfe]), json],
      [400, Buffer.alloc(700_000, 0), json],
      [413, Buffer.alloc(10_000_000, 32), json],
      [415, good, "text/plain"],
      [415, good, "application/json-patch+json"],
      [400, good, "multipart/form-data"],
      [400, good, "multipart/form-data; boundary=x"],
      [200, Buffer.alloc(1_000_000, 0x41), "application/x-ndjson"],
      [200, "\n".repeat(100_000), "application/x-ndjson"],
      [200, `${"[".repeat(60_000)}\n${good}`, "application/x-ndjson"],
    ];
    for (const [status, body, type] of bodies) {
      const answer = await post(body, type);
      assert.equal(answer.status, status, `${type} ${body.length} bytes: ${answer.text.slice(0, 300)}`);
    }
    const same = await post(good, json);
    assert.equal(JSON.parse(same.text).results[0].status, "duplicate");
  });

  it("without a credential, on another's site, or while the disk is full nothing is stored", async () => {
    const event = JSON.stringify(wireEvent());
    assert.equal((await post(event, json, "", "stolen")).status, 401);
    assert.equal((await post(event, json, `?site=${tenant.otherSiteId}`)).status, 404);
    assert.equal((await post(event, json, "?site=../../x")).status, 400);
    full = true;
    assert.equal((await post(event, json)).status, 507);
    full = false;
    assert.equal(JSON.parse((await post(event, json)).text).results[0].status, "stored");
  });
});
