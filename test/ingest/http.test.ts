import assert from "node:assert/strict";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { type Principal, withTenant } from "../../src/audit/index.ts";
import {
  createRecorder,
  type EventResult,
  type HttpIngestDeps,
  type ImageDeps,
  imageUploadStatus,
  ingestHttp,
  ingestMultipart,
  requireIngestSite,
  uploadImage,
} from "../../src/ingest/index.ts";
import { readNdjson } from "../../src/ingest/ndjson.ts";
import { unwrapImageKey } from "../../src/keys/index.ts";
import { createDirectoryStore, type ObjectStore } from "../../src/objects/index.ts";
import { AppError } from "../../src/platform/errors.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";
import { wireEvent } from "./device.ts";
import { createEstate, type Estate, type Tenant } from "./estate.ts";
import { recomputeTenant } from "./recompute.ts";

const jpeg = (bytes: number): Buffer => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(bytes - 4)]);
const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const isCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;

describe("ingest: over HTTPS", () => {
  let estate: Estate;
  let directory: string;
  let objects: ObjectStore;
  let deps: HttpIngestDeps & { images: ImageDeps };
  let tenant: Tenant;
  let key: Principal;
  const rows = async (sql: string) => (await estate.database.superuser.query(sql, [tenant.tenantId])).rows;

  before(async () => {
    estate = await createEstate();
    directory = await temporaryDirectory("objects");
    objects = createDirectoryStore(directory);
    const limits = { maxBodyBytes: 65_536, maxImageBytes: 33_554_432, longestOfflineDays: 60 };
    deps = {
      pool: estate.pool,
      recorder: createRecorder({ ...estate, limits, log: createLogger("test", "silent"), mostAttempts: 3 }),
      maxMessageBytes: 1_048_576,
      diskFull: () => false,
      images: { pool: estate.pool, keyring: estate.keyring, objects, minFreeBytes: 0 },
    };
  });
  beforeEach(async () => {
    tenant = await estate.newTenant();
    key = {
      tenantId: tenant.tenantId,
      actor: { type: "api-key", id: randomUUID() },
      via: "api",
      correlation: randomUUID(),
      sites: [tenant.siteId],
    };
  });
  afterEach(() => recomputeTenant(estate.database.superuser, tenant.tenantId));
  after(async () => {
    await estate.stop();
    await removeDirectory(directory);
  });

  async function send(lines: (string | Buffer)[], pieces = 1): Promise<EventResult[]> {
    const whole = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from("\n")]));
    const size = Math.ceil(whole.length / pieces);
    const chunks = Array.from({ length: pieces }, (_, n) => whole.subarray(n * size, (n + 1) * size));
    const results: EventResult[] = [];
    const source = readNdjson(Readable.from(chunks), deps.maxMessageBytes);
    for await (const some of ingestHttp(deps, key, tenant.siteId, source)) results.push(...some);
    return results;
  }

  it("each line has its result in order, and a bad line harms no other", async () => {
    const lines = [
      JSON.stringify(wireEvent()),
      "{",
      "",
      JSON.stringify(wireEvent({ kind: "no token" })),
      "[]",
      `"${"x".repeat(2_000_000)}"`,
      Buffer.from([0x7b, 0xff, 0x7d]),
      JSON.stringify(wireEvent({ body: "last" })),
    ];
    for (const pieces of [1, 1000]) {
      const results = await send(lines, pieces);
      assert.deepEqual(
        results.map(({ item, status, reason }) => `${item} ${pieces === 1 ? status : (reason ?? "")}`),
        pieces === 1
          ? ["1 stored", "2 rejected", "3 rejected", "4 rejected", "5 rejected", "6 rejected", "7 stored"]
          : ["1 ", "2 malformed", "3 schema", "4 malformed", "5 oversize", "6 malformed", "7 "],
      );
    }
    assert.equal((await rows("select 1 from dead_letters where tenant_id = $1")).length, 5);
  });

  it("20,000 lines are stored in memory that does not grow with them", async () => {
    const line = (n: number) => `${JSON.stringify(wireEvent({ body: { n } }))}\n`;
    async function* lines() {
      for (let n = 0; n < 20_000; n++) yield Buffer.from(line(n));
    }
    let stored = 0;
    for await (const some of ingestHttp(deps, key, tenant.siteId, readNdjson(lines(), 1_048_576))) {
      stored += some.filter(({ status }) => status === "stored").length;
    }
    assert.equal(stored, 20_000);
  });

  it("without an id, or with one of its own, an event sent twice is stored once", async () => {
    const own = JSON.stringify(wireEvent({ id: "order/17" }));
    const none = JSON.stringify({ ...wireEvent(), id: undefined });
    const first = await send([own, none, own]);
    assert.deepEqual(
      first.map(({ status }) => status),
      ["stored", "stored", "duplicate"],
    );
    const again = await send([none, own]);
    assert.deepEqual(
      again.map(({ status }) => status),
      ["duplicate", "duplicate"],
    );
    assert.deepEqual(new Set(again.map(({ id }) => id)), new Set(first.map(({ id }) => id)));
  });

  it("a key reaches its own sites alone", async () => {
    assert.equal(await requireIngestSite(deps, key), tenant.siteId);
    await assert.rejects(requireIngestSite(deps, key, tenant.otherSiteId), isCode("not-found"));
    const stranger = await estate.newTenant();
    await assert.rejects(requireIngestSite(deps, key, stranger.siteId), isCode("not-found"));
    await assert.rejects(requireIngestSite(deps, { ...key, sites: "all" }, stranger.siteId), isCode("not-found"));
    await assert.rejects(requireIngestSite(deps, { ...key, sites: "all" }), isCode("invalid"));
  });

  it("multipart brings an event with its images, and sent again nothing twice", async () => {
    const photos = [jpeg(300_000), jpeg(10)];
    const images = photos.map((photo) => ({ sha256: sha256(photo), bytes: photo.length, type: "image/jpeg" }));
    const event = JSON.stringify(wireEvent({ images }));
    const request = () => {
      const form = new FormData();
      form.append("event", event);
      for (const photo of photos) form.append(sha256(photo), new Blob([new Uint8Array(photo)]), "photo.jpg");
      form.append("0".repeat(64), new Blob(["not declared"]), "x.jpg");
      const response = new Response(form);
      return {
        headers: { "content-type": response.headers.get("content-type")! },
        stream: Readable.fromWeb(response.body! as import("node:stream/web").ReadableStream),
      };
    };
    const { results, ignored } = await ingestMultipart(deps, key, tenant.siteId, request());
    assert.deepEqual(
      results[0]?.images?.map(({ status }) => status),
      ["stored", "stored"],
    );
    assert.deepEqual(ignored, ["0".repeat(64)]);
    const again = await ingestMultipart(deps, key, tenant.siteId, request());
    assert.deepEqual([again.results[0]?.status, again.results[0]?.images], ["duplicate", undefined]);
    const stored = await rows("select 1 from images where tenant_id = $1 and stored_at is not null");
    assert.equal(stored.length, 2);
    const said = await rows("select 1 from ledger.rows where tenant_id = $1 and action = 'image.stored'");
    assert.equal(said.length, 2);
  });

  it("an image part before its event, or no event at all, is refused", async () => {
    const form = new FormData();
    form.append("a".repeat(64), new Blob(["x"]), "x.jpg");
    const response = new Response(form);
    const headers = { "content-type": response.headers.get("content-type")! };
    const stream = Readable.fromWeb(response.body! as import("node:stream/web").ReadableStream);
    await assert.rejects(ingestMultipart(deps, key, tenant.siteId, { headers, stream }), isCode("invalid"));
    const garbage = Readable.from([Buffer.from("--b\r\nno multipart")]);
    const wrong = { headers: { "content-type": "multipart/form-data; boundary=b" }, stream: garbage };
    await assert.rejects(ingestMultipart(deps, key, tenant.siteId, wrong), isCode("invalid"));
  });

  describe("images of devices", () => {
    const device = (deviceId = tenant.deviceId): Principal => ({
      ...tenant.principal,
      actor: { type: "device", id: deviceId },
      via: "edge",
    });
    async function declare(photo: Buffer, type = "image/jpeg"): Promise<string> {
      const { parseWireEvents } = await import("../../src/record/wire.ts");
      const image = { sha256: sha256(photo), bytes: photo.length, type };
      const [parsed] = parseWireEvents(JSON.stringify(wireEvent({ images: [image] })));
      const sender = { type: "device" as const, id: tenant.deviceId };
      const { outcomes } = await deps.recorder.record(tenant.principal, [{ sender, siteId: null, parsed: parsed! }]);
      assert.ok(outcomes[0]?.status === "stored");
      return outcomes[0].tickets[0]!.image;
    }
    const put = (imageId: string, offset: number, bytes: Buffer, who = device()) =>
      uploadImage(deps.images, who, { imageId, offset, stream: Readable.from([bytes]) });

    it("an upload goes on where it stopped, and the stored file opens with the wrapped key alone", async () => {
      const photo = jpeg(700_000);
      const imageId = await declare(photo);
      const part = await put(imageId, 0, photo.subarray(0, 400_000));
      assert.deepEqual(part, { ok: true, complete: false, offset: 400_000, length: photo.length });
      assert.deepEqual(await imageUploadStatus(deps.images, device(), imageId), {
        ok: true,
        offset: 400_000,
        length: photo.length,
      });
      const wrong = await put(imageId, 1, photo);
      assert.ok(!wrong.ok && wrong.reason === "offset" && wrong.offset === 400_000);
      assert.deepEqual(await put(imageId, 400_000, photo.subarray(400_000)), {
        ok: true,
        complete: true,
        length: photo.length,
      });
      assert.deepEqual(await put(imageId, 0, photo), { ok: true, complete: true, length: photo.length });
      const [row] = await rows(
        "select wrapped_key, key_version, to_char(received at time zone 'UTC', 'YYYY-MM-DD') as day from images where tenant_id = $1",
      );
      const dataKey = await estate.keyring.dataKeyVersion(
        { principal: tenant.principal, raw: undefined as never, query: undefined as never },
        row.key_version,
      );
      const ref = { tenantId: tenant.tenantId, imageId, day: row.day, kind: "image" as const };
      const parts: Buffer[] = [];
      for await (const chunk of objects.read(ref, unwrapImageKey(dataKey, imageId, row.wrapped_key))) parts.push(chunk);
      assert.ok(Buffer.concat(parts).equals(photo));
    });

    it("the same image sent many times at once is stored once, under the key that its row has", async () => {
      for (let round = 0; round < 5; round++) {
        const photo = jpeg(300_000);
        const imageId = await declare(photo);
        await Promise.allSettled([1, 2, 3, 4, 5, 6].map(() => put(imageId, 0, photo)));
        await put(imageId, 0, photo).catch(() => put(imageId, 0, photo));
        const found = await estate.database.superuser.query(
          "select wrapped_key, key_version, to_char(received at time zone 'UTC', 'YYYY-MM-DD') as day from images where image_id = $1",
          [imageId],
        );
        const { wrapped_key, key_version, day } = found.rows[0];
        const dataKey = await withTenant(deps.images.pool, tenant.principal, (tx) =>
          estate.keyring.dataKeyVersion(tx, key_version),
        );
        const ref = { tenantId: tenant.tenantId, imageId, day, kind: "image" as const };
        const parts: Buffer[] = [];
        for await (const chunk of objects.read(ref, unwrapImageKey(dataKey, imageId, wrapped_key))) parts.push(chunk);
        assert.ok(Buffer.concat(parts).equals(photo));
      }
    });

    it("other bytes, too many, or another kind of file than declared are refused and dropped", async () => {
      const photo = jpeg(1000);
      for (const bytes of [jpeg(1000), Buffer.concat([photo, photo])]) {
        const imageId = await declare(photo);
        const result = await put(imageId, 0, bytes);
        assert.ok(!result.ok && result.reason === "mismatch");
        assert.deepEqual(await imageUploadStatus(deps.images, device(), imageId), {
          ok: true,
          offset: 0,
          length: 1000,
        });
      }
      const script = Buffer.from("<script>alert(1)</script>");
      const imageId = await declare(script);
      const result = await put(imageId, 0, script);
      assert.ok(!result.ok && result.reason === "mismatch");
    });

    it("another device's image, another tenant's and none at all are not found", async () => {
      const photo = jpeg(100);
      const imageId = await declare(photo);
      const stranger = await estate.newTenant();
      const others = [
        device(await tenant.newDevice()),
        { ...stranger.principal, actor: { type: "device" as const, id: stranger.deviceId } },
        key,
      ];
      for (const other of others)
        assert.deepEqual(await put(imageId, 0, photo, other), { ok: false, reason: "not-found" });
      assert.deepEqual(await put(randomUUID(), 0, photo), { ok: false, reason: "not-found" });
      await estate.database.superuser.query("update devices set revoked_at = now() where device_id = $1", [
        tenant.deviceId,
      ]);
      assert.deepEqual(await put(imageId, 0, photo), { ok: false, reason: "not-found" });
    });
  });
});
