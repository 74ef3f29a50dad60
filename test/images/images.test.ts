import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import sharp from "sharp";
import type { Principal } from "../../src/audit/index.ts";
import { createApp } from "../../src/http/app.ts";
import type { Authenticated } from "../../src/http/context.ts";
import type { ThumbnailDeps } from "../../src/images/index.ts";
import { imageHandlers } from "../../src/images/jobs.ts";
import { imageRoutes } from "../../src/images/routes.ts";
import { createRecorder, type Recorder, uploadImage } from "../../src/ingest/index.ts";
import { createDirectoryStore, createThumbnailer, objectPath, type Thumbnailer } from "../../src/objects/index.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { parseWireEvents } from "../../src/record/wire.ts";
import { bindHandlers, runTask } from "../../src/tasks/index.ts";
import { wireEvent } from "../ingest/device.ts";
import { createEstate, type Estate, type Tenant } from "../ingest/estate.ts";
import { recomputeTenant } from "../ingest/recompute.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";

const log = createLogger("test", "silent");

describe("images: thumbnails, and who saw what", () => {
  let estate: Estate;
  let directory: string;
  let deps: ThumbnailDeps;
  let recorder: Recorder;
  let server: Server;
  let tenant: Tenant;
  let key: Principal;
  const viewers = new Map<string, Authenticated>();
  let whole: Buffer;

  before(async () => {
    estate = await createEstate();
    directory = await temporaryDirectory("images");
    const { pool, keyring } = estate;
    deps = { pool, keyring, objects: createDirectoryStore(directory), thumbnailer: createThumbnailer(), log };
    const limits = { maxBodyBytes: 65_536, maxImageBytes: 33_554_432, longestOfflineDays: 60 };
    recorder = createRecorder({ pool, keyring, log, limits, mostAttempts: 3 });
    const app = createApp({
      routes: imageRoutes(deps),
      publicRoutes: [],
      authenticate: async ({ authorization }) => viewers.get(authorization ?? "")!,
      pool,
      keyring,
      limiter: { take: async () => ({}) },
      log,
      trustedProxies: [],
      securityContact: [],
      isCorsOrigin: async () => false,
      ready: async () => {},
    });
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    whole = await picture(600, 400);
  });
  beforeEach(async () => {
    tenant = await estate.newTenant();
    key = apiKey([tenant.siteId]);
    viewers.clear();
    for (const name of ["anna", "ben"]) viewer(name, apiKey("all"));
  });
  after(async () => {
    await deps.thumbnailer.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await estate.stop();
    await removeDirectory(directory);
  });

  const picture = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: { r: 200, g: 40, b: 10 } } })
      .jpeg()
      .toBuffer();
  const apiKey = (sites: Principal["sites"], tenantId = tenant.tenantId): Principal => ({
    ...{ tenantId, actor: { type: "api-key", id: randomUUID() }, via: "api", correlation: randomUUID(), sites },
  });
  const viewer = (name: string, principal: Principal, permissions = ["images:read"]) =>
    viewers.set(name, {
      principal,
      access: new Map(permissions.map((each) => [each, principal.sites])),
      session: undefined,
    });
  const rows = async (sql: string) => (await estate.database.superuser.query(sql, [tenant.tenantId])).rows;
  const get = (who: string, path: string) =>
    fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/events/${path}`, {
      headers: { authorization: who },
    });

  /** An event whose images are stored. */
  async function store(...images: Buffer[]): Promise<string> {
    const declared = images.map((bytes) => ({
      sha256: createHash("sha256").update(bytes).digest("hex"),
      bytes: bytes.length,
      type: "image/jpeg",
    }));
    const [parsed] = parseWireEvents(JSON.stringify(wireEvent({ images: declared })));
    const sender = { type: "api-key", id: key.actor.id } as const;
    const { outcomes } = await recorder.record(key, [{ sender, siteId: tenant.siteId, parsed: parsed! }]);
    const outcome = outcomes[0]!;
    assert.equal(outcome.status, "stored");
    const tickets = outcome.status === "stored" ? outcome.tickets : [];
    const imageDeps = { ...deps, minFreeBytes: 0 };
    for (const { n, image } of tickets) {
      const request = { imageId: image, offset: 0, stream: Readable.from([images[n]!]) };
      assert.deepEqual(await uploadImage(imageDeps, key, request), {
        ...{ ok: true, complete: true, length: images[n]!.length },
      });
    }
    return outcome.id!;
  }
  async function runTasks(kind: string, thumbnailer: Thumbnailer = deps.thumbnailer): Promise<number> {
    const handlers = bindHandlers({ ...deps, thumbnailer }, imageHandlers);
    const due = await rows("update tasks set run_after = now() where tenant_id = $1 and state = 'ready' returning *");
    const wanted = due.filter((task) => task.kind === kind);
    for (const { task_id: taskId } of wanted) {
      const outcome = await runTask(estate.database.pool("executor"), { tenantId: tenant.tenantId, taskId }, handlers);
      assert.equal(outcome.ran && outcome.result.state, "done");
    }
    return wanted.length;
  }
  const details = async (action: string) => {
    const found = await rows(
      `select r.actor_id as actor, o.content from ledger.rows r
         join ledger.openings o on o.tenant_id = r.tenant_id and o.seq = r.seq and o.unit = 'detail'
        where r.tenant_id = $1 and r.action = '${action}' order by r.seq`,
    );
    return found.map(({ actor, content }) => ({ actor, ...JSON.parse(content) }));
  };

  it("a stored image gets a thumbnail under its own key, told in one ledger row, and both are served", async () => {
    const eventId = await store(whole, await picture(50, 900));
    assert.equal((await get("anna", `${eventId}/images/0/thumbnail`)).status, 404);
    assert.equal(await runTasks("images.thumbnail"), 1);
    const original = await get("anna", `${eventId}/images/0`);
    assert.equal(original.status, 200);
    assert.deepEqual(
      ["content-type", "cache-control", "content-length"].map((name) => original.headers.get(name)),
      ["image/jpeg", "no-store", String(whole.length)],
    );
    assert.deepEqual(Buffer.from(await original.arrayBuffer()), whole);
    const small = await get("anna", `${eventId}/images/1/thumbnail`);
    assert.deepEqual(
      [small.headers.get("content-type"), small.headers.get("cache-control")],
      ["image/webp", "no-store"],
    );
    const { format, height } = await sharp(Buffer.from(await small.arrayBuffer())).metadata();
    assert.deepEqual([format, height], ["webp", 320]);
    const [row, ...more] = await details("images.thumbnails");
    assert.deepEqual([row.made.length, row.none.length, more.length], [2, 0, 0]);
    await recomputeTenant(estate.database.superuser, tenant.tenantId);
  });

  it("broken pictures and pixel bombs keep their original, have no thumbnail, and are tried once", async () => {
    const bomb = await picture(9000, 7000);
    const eventId = await store(bomb, whole.subarray(0, 300), whole);
    await runTasks("images.thumbnail");
    for (const [n, bytes] of [bomb, whole.subarray(0, 300)].entries()) {
      assert.equal((await get("anna", `${eventId}/images/${n}/thumbnail`)).status, 404);
      assert.deepEqual(
        Buffer.from(await (await get("anna", `${eventId}/images/${n}`)).arrayBuffer()),
        Buffer.from(bytes),
      );
    }
    assert.equal((await get("anna", `${eventId}/images/2/thumbnail`)).status, 200);
    let asked = 0;
    const counting: Thumbnailer = {
      ...deps.thumbnailer,
      make: (bytes) => deps.thumbnailer.make(bytes).finally(() => asked++),
    };
    await store(whole);
    await runTasks("images.thumbnail", counting);
    assert.equal(asked, 1);
    await recomputeTenant(estate.database.superuser, tenant.tenantId);
  });

  it("one row tells what one person saw in a minute, and it is kept before a byte leaves", async () => {
    const [first, second] = [await store(whole, whole), await store(whole)];
    await runTasks("images.thumbnail");
    for (let round = 0; round < 3; round++) {
      for (const path of [`${first}/images/0`, `${first}/images/1/thumbnail`, `${second}/images/0/thumbnail`]) {
        assert.equal((await get("anna", path)).status, 200);
      }
    }
    assert.equal((await get("ben", `${second}/images/0`)).status, 200);
    const kept = await rows("select count(*)::int as n from image_views where tenant_id = $1");
    assert.ok(kept[0].n >= 4);
    assert.deepEqual(await details("images.seen"), []);
    await runTasks("images.seen");
    const told = await details("images.seen");
    const idOf = (name: string) => viewers.get(name)!.principal.actor.id;
    // A minute may end in between: then two rows say it.
    const seenBy = (name: string) => told.filter(({ actor }) => actor === idOf(name)).flatMap(({ events }) => events);
    assert.ok(told.length <= 4);
    const anna = new Set(
      seenBy("anna").flatMap((each) => [
        ...each.images.map((n: number) => `${each.event} ${n}`),
        ...each.thumbnails.map((n: number) => `${each.event} ${n} small`),
      ]),
    );
    assert.deepEqual(anna, new Set([`${first} 0`, `${first} 1 small`, `${second} 0 small`]));
    assert.deepEqual(
      seenBy("ben").map(({ event }) => event),
      [second],
    );
    assert.equal((await rows("select count(*)::int as n from image_views where tenant_id = $1"))[0].n, 0);
    assert.equal(await runTasks("images.seen"), 0);
    await recomputeTenant(estate.database.superuser, tenant.tenantId);
  });

  it("another tenant, another site, no permission, and numbers that are none, see nothing and leave no trace", async () => {
    const eventId = await store(whole);
    const stranger = await estate.newTenant();
    viewer("stranger", apiKey("all", stranger.tenantId));
    viewer("neighbour", apiKey([tenant.otherSiteId]));
    viewer("clerk", apiKey("all"), ["events:read"]);
    for (const who of ["stranger", "neighbour"]) assert.equal((await get(who, `${eventId}/images/0`)).status, 404, who);
    assert.equal((await get("clerk", `${eventId}/images/0`)).status, 403);
    for (const n of ["1", "15", "16", "00", "-1", "x", "0%20", "0.0", "9999999999", "..%2f0"]) {
      assert.equal((await get("anna", `${eventId}/images/${n}`)).status, 404, n);
    }
    assert.equal((await get("anna", `not-a-uuid/images/0`)).status, 404);
    assert.equal((await rows("select count(*)::int as n from image_views where tenant_id = $1"))[0].n, 0);
  });

  it("an image erased while its thumbnail is made leaves no file, and erasing removes both files", async () => {
    const eventId = await store(whole);
    const [{ image_id: imageId, day }] = await rows(
      "select image_id, to_char(received at time zone 'UTC', 'YYYY-MM-DD') as day from images where tenant_id = $1",
    );
    const ref = { tenantId: tenant.tenantId, imageId, day };
    const file = (kind: "image" | "thumbnail") => join(directory, objectPath({ ...ref, kind }));
    const erasing: Thumbnailer = {
      ...deps.thumbnailer,
      async make(bytes) {
        await rows("delete from images where tenant_id = $1");
        return deps.thumbnailer.make(bytes);
      },
    };
    await runTasks("images.thumbnail", erasing);
    assert.deepEqual([existsSync(file("image")), existsSync(file("thumbnail"))], [true, false]);
    assert.equal((await get("anna", `${eventId}/images/0`)).status, 404);

    await deps.objects.write({ ...ref, kind: "thumbnail" }, Buffer.alloc(32, 1), whole);
    await deps.objects.removePath(objectPath({ ...ref, kind: "image" }));
    assert.deepEqual([existsSync(file("image")), existsSync(file("thumbnail"))], [false, false]);
  });

  it("a file that is missing or damaged is an error without a byte, not half an image", async () => {
    const eventId = await store(whole);
    const [{ image_id: imageId, day }] = await rows(
      "select image_id, to_char(received at time zone 'UTC', 'YYYY-MM-DD') as day from images where tenant_id = $1",
    );
    await deps.objects.remove({ tenantId: tenant.tenantId, imageId, day, kind: "image" });
    const answer = await get("anna", `${eventId}/images/0`);
    assert.equal(answer.status, 500);
    assert.match(answer.headers.get("content-type") ?? "", /problem\+json/);
    // The task goes on without it.
    await runTasks("images.thumbnail");
    assert.deepEqual((await details("images.thumbnails"))[0].none, [imageId]);
  });
});
