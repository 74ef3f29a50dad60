import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { wireEvent } from "../journeys/device-client.ts";
import { createSite, photographs, type Site } from "../journeys/fleet.ts";
import { type Appliance, startAppliance } from "../support/appliance.ts";
import { pngBomb } from "./bombs.ts";
import { formData, memoryOf, type RawAnswer, raw } from "./raw.ts";

type Result = { status: string; reason?: string; id: string | null; images?: { status: string }[] };

describe("http: hostile events", function () {
  this.timeout(120_000);
  let appliance: Appliance;
  let site: Site;
  let startMb: number;

  before(async () => {
    appliance = await startAppliance();
    site = await createSite(appliance, await appliance.createTenant("Alder"), "Gate");
    await post(JSON.stringify([wireEvent()]));
    startMb = memoryOf(appliance.app.pid()).nowMb;
  });
  after(() => appliance?.stop());

  const post = (body: string | Buffer, type = "application/json", headers: Record<string, string> = {}) =>
    raw(
      `${appliance.apiUrl}/api/v1/events?site=${site.siteId}`,
      {
        method: "POST",
        ca: appliance.ca,
        headers: { authorization: `Bearer ${site.apiKey}`, "content-type": type, ...headers },
      },
      body,
    );
  const resultsOf = (answer: RawAnswer): Result[] => {
    assert.equal(answer.status, 200, answer.body);
    return JSON.parse(answer.body).results;
  };
  const count = async (table: "events" | "dead_letters") =>
    (await appliance.superuser.query<{ n: number }>(`select count(*)::int as n from ${table}`)).rows[0]!.n;
  const text = (fields: string) => JSON.stringify(wireEvent()).replace('{"open":true}', fields);
  const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

  it("a bad event among good ones is refused by itself, with a reason, and kept as a dead letter", async () => {
    const lines: [string, string, string?][] = [
      ["good", text('{"a":1}')],
      ["cut off", '{"id":', "malformed"],
      ["duplicate keys", text('{"a":1}').replace('"kind"', '"kind":"x","kind"')],
      ["duplicate keys in the body", text('{"a":1,"a":2}')],
      ["a lone surrogate", text('"\\ud800"')],
      ["NUL", text('"\\u0000"')],
      ["raw NUL", text('"\u0000"')],
      ["too deep", text(`${"[".repeat(40)}${"]".repeat(40)}`)],
      ["endless depth", text(`${"[".repeat(20_000)}${"]".repeat(20_000)}`)],
      ["an unknown key", text('{"a":1}').replace('"kind"', '"tenant":"x","kind"')],
      ["__proto__", text('{"a":1}').replace('"kind"', '"__proto__":{"x":1},"kind"')],
      ["a path for an id", JSON.stringify(wireEvent({ id: "../../../etc/passwd", occurred: "nonsense" }))],
      ["a kind that is no token", JSON.stringify(wireEvent({ kind: "a\nb" }))],
      ["the far future", JSON.stringify(wireEvent({ occurred: "9999-12-31T23:59:59Z" }))],
      ["the far past", JSON.stringify(wireEvent({ occurred: "0001-01-01T00:00:00Z" }))],
      ["a large body", text(JSON.stringify("x".repeat(70_000)))],
      [
        "a path for an image",
        JSON.stringify(wireEvent({ images: [{ sha256: "../x", bytes: 1, type: "image/jpeg" }] })),
      ],
      [
        "a huge image",
        JSON.stringify(wireEvent({ images: [{ sha256: "a".repeat(64), bytes: 2 ** 53 - 1, type: "image/jpeg" }] })),
      ],
      [
        "another kind of image",
        JSON.stringify(wireEvent({ images: [{ sha256: "a".repeat(64), bytes: 1, type: "image/svg+xml" }] })),
      ],
      ["seventeen subjects", JSON.stringify(wireEvent({ subjects: Array.from({ length: 17 }, (_, n) => `s:${n}`) }))],
      ["good at the end", text('{"b":2}')],
    ];
    const before = { events: await count("events"), letters: await count("dead_letters") };
    const answer = await post(lines.map(([, line]) => line).join("\n"), "application/x-ndjson");
    assert.equal(answer.status, 200, answer.body);
    const results = answer.body
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Result);
    assert.equal(results.length, lines.length);
    for (const [n, [what]] of lines.entries()) {
      const good = what.startsWith("good");
      assert.equal(results[n]!.status, good ? "stored" : "rejected", `${what}: ${JSON.stringify(results[n])}`);
      if (!good) assert.match(results[n]!.reason ?? "", /^[a-z-]+$/, what);
    }
    assert.equal(await count("events"), before.events + 2);
    assert.equal(await count("dead_letters"), before.letters + lines.length - 2);
  });

  it("numbers beyond any type are kept as they were sent", async () => {
    const bodies = ["1e999", `-${"9".repeat(1000)}`, "1E-9999", '{"n":0.1000000000000000055511151231257827}'];
    const events = bodies.map((body) => text(body));
    const results = resultsOf(await post(`[${events.join(",")}]`));
    for (const [n, body] of bodies.entries()) {
      if (results[n]!.status === "rejected") continue;
      const { rows } = await appliance.superuser.query("select body from events where event_id = $1", [results[n]!.id]);
      assert.equal(rows[0].body, body);
    }
  });

  it("a body that is none is refused whole, and nothing of it is stored", async () => {
    const before = await count("events");
    const good = JSON.stringify(wireEvent());
    const bodies: [number, string | Buffer, string, Record<string, string>?][] = [
      [400, `[${good},{]`, "application/json"],
      [400, `[${good}] trailing`, "application/json"],
      [400, `\ufeff[${good}]`, "application/json"],
      [400, "[".repeat(1_000_000), "application/json"],
      [400, Buffer.alloc(10_000_000, 0x30), "application/json"],
      [413, Buffer.alloc(20_000_000, 0x20), "application/json"],
      [400, gzipSync(Buffer.alloc(50_000_000, 0x20)), "application/json", { "content-encoding": "gzip" }],
      [415, good, "application/xml"],
      [415, good, ""],
      [400, good, "multipart/form-data"],
      [
        400,
        formData([{ name: "event", body: good }]).body.subarray(0, 80),
        "multipart/form-data; boundary=----test-boundary",
      ],
      [400, formData([{ name: "../../event", body: good }]).body, "multipart/form-data; boundary=----test-boundary"],
      [
        400,
        formData([{ name: "a".repeat(5000), file: "../../x", body: good }]).body,
        "multipart/form-data; boundary=----test-boundary",
      ],
      [400, Buffer.alloc(1_000_000, 0x2d), `multipart/form-data; boundary=${"-".repeat(70)}`],
    ];
    for (const [status, body, type, headers] of bodies) {
      const answer = await post(body, type, headers);
      assert.equal(answer.status, status, `${type} of ${body.length} bytes: ${answer.body.slice(0, 300)}`);
    }
    assert.equal(await count("events"), before);
  });

  it("images that are not what was declared are dropped, and a bomb of pixels is kept without being opened", async () => {
    const photo = await readFile(join(photographs, "image.jpg"));
    const bomb = pngBomb(30_000, 30_000);
    const other = randomBytes(1000);
    const declare = (bytes: Buffer, type: string, given = bytes.length) => ({
      sha256: sha256(bytes),
      bytes: given,
      type,
    });
    const cases: [string, string, Record<string, unknown>, Buffer][] = [
      ["as declared", "stored", declare(photo, "image/jpeg"), photo],
      ["a bomb", "stored", declare(bomb, "image/png"), bomb],
      [
        "other bytes",
        "mismatch",
        declare(photo, "image/jpeg"),
        Buffer.concat([photo.subarray(0, -1), Buffer.from([1])]),
      ],
      ["too few", "pending", declare(photo, "image/jpeg"), photo.subarray(0, 1000)],
      ["too many", "mismatch", declare(photo, "image/jpeg", 1000), photo],
      ["no image at all", "mismatch", declare(other, "image/jpeg"), other],
      ["another type", "mismatch", declare(photo, "image/png"), photo],
    ];
    for (const [what, status, image, bytes] of cases) {
      const event = { name: "event", body: JSON.stringify(wireEvent({ images: [image] })) };
      const form = formData([
        event,
        { name: String(image.sha256), file: "../../../etc/passwd", type: "text/html", body: bytes },
      ]);
      const [result] = resultsOf(await post(form.body, form.type));
      assert.equal(result?.status, "stored", what);
      assert.equal(result?.images?.[0]?.status, status, `${what}: ${JSON.stringify(result)}`);
    }
  });

  it("an upload cut off in the middle leaves the event and harms nobody else", async () => {
    const form = formData([
      { name: "event", body: JSON.stringify(wireEvent()) },
      { name: "x", file: "x", body: Buffer.alloc(100_000) },
    ]);
    await assert.rejects(
      new Promise((_, reject) => {
        const asked = request(`${appliance.apiUrl}/api/v1/events?site=${site.siteId}`, {
          method: "POST",
          ca: appliance.ca,
          agent: false,
          headers: {
            authorization: `Bearer ${site.apiKey}`,
            "content-type": form.type,
            "content-length": form.body.length,
          },
        });
        asked.on("error", reject);
        asked.write(form.body.subarray(0, 50_000), () => asked.destroy(new Error("cut")));
      }),
      /cut/,
    );
    resultsOf(await post(JSON.stringify([wireEvent()])));
  });

  it("memory stays bounded under many large bodies at once", async () => {
    const line = `${text(JSON.stringify("y".repeat(60_000)))}\n`;
    const junk = Buffer.alloc(10_000_000, 0x41);
    const lines = Buffer.from(line.repeat(160));
    const spaces = Buffer.alloc(20_000_000, 0x20);
    await Promise.all(
      Array.from({ length: 12 }, (_, n) => {
        if (n % 3 === 0) return post(junk, "application/x-ndjson");
        return n % 3 === 1 ? post(lines, "application/x-ndjson") : post(spaces);
      }),
    );
    const { mostMb } = memoryOf(appliance.app.pid());
    assert.ok(mostMb < startMb + 450, `${Math.round(startMb)} MB at the beginning, ${Math.round(mostMb)} MB at most`);
    resultsOf(await post(JSON.stringify([wireEvent()])));
  });

  it("every chain verifies afterwards, and no request failed", async () => {
    await appliance.cli(["verify"]);
    assert.doesNotMatch(appliance.app.output(), /request failed/);
    assert.ok(appliance.app.isRunning() && appliance.worker.isRunning(), "app and worker are those of the beginning");
  });
});
