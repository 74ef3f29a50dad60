import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { open, readdir, rename } from "node:fs/promises";
import { checkBundle } from "../../src/evidence/check.ts";
import { openPlainSource } from "../../src/evidence/source.ts";
import { type SeededTenant, seedBatch, seedTenant } from "../support/seed.ts";
import { evidenceFixture, type Fixture } from "./fixture.ts";

describe("export that meets a fault", () => {
  let fixture: Fixture;
  let tenant: SeededTenant;
  let imageId: string;

  before(async () => {
    fixture = await evidenceFixture();
    tenant = await freshTenant();
    const { rows } = await fixture.database.superuser.query(
      "select image_id from images where tenant_id = $1 limit 1",
      [tenant.tenantId],
    );
    imageId = rows[0].image_id;
  });
  after(() => fixture.stop());

  it("stops when it is told to, and leaves nothing", async () => {
    const stopping = new AbortController();
    const path = fixture.path("aborted.zip");
    const onProgress = ({ phase }: { phase: string }) =>
      phase === "images" && stopping.abort(new Error("told to stop"));
    const exporting = fixture.export(
      tenant.principal,
      {},
      { kind: "file", path },
      { signal: stopping.signal, onProgress },
    );
    await assert.rejects(exporting, /told to stop/);
    await assertNothing(path);
  });

  it("an image of other bytes than declared fails it, naming the image", async () => {
    const { superuser } = fixture.database;
    // What a person with the database might do to pass off another picture: the hash of the row is changed with it.
    await superuser.query("update images set bytes = bytes + 1 where image_id = $1", [imageId]);
    const path = fixture.path("mismatch.zip");
    await assert.rejects(
      fixture.export(tenant.principal, {}, { kind: "file", path }),
      new RegExp(`image ${imageId} is not what`),
    );
    await superuser.query("update images set bytes = bytes - 1 where image_id = $1", [imageId]);
    await assertNothing(path);
  });

  it("an image file that is damaged or missing fails it", async () => {
    const name = (await readdir(fixture.path("objects"), { recursive: true })).find((each) => each.endsWith(imageId))!;
    const file = fixture.path(`objects/${name}`);
    const handle = await open(file, "r+");
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, 100);
    await handle.write(Buffer.from([buffer[0]! ^ 1]), 0, 1, 100);
    const path = fixture.path("damaged.zip");
    await assert.rejects(fixture.export(tenant.principal, {}, { kind: "file", path }), /damaged/);
    await handle.write(buffer, 0, 1, 100);
    await handle.close();
    await rename(file, `${file}.away`);
    await assert.rejects(fixture.export(tenant.principal, {}, { kind: "file", path }), /missing/);
    await rename(`${file}.away`, file);
    await assertNothing(path);
  });

  it("a body changed in the database fails it by the verifier, and the bundle is removed", async () => {
    const { superuser } = fixture.database;
    const other = await freshTenant();
    await superuser.query("alter table events disable trigger no_rewrite");
    await superuser.query("update events set body = '{}' where tenant_id = $1 and index = 0", [other.tenantId]);
    const path = fixture.path("tampered.zip");
    await assert.rejects(
      fixture.export(other.principal, {}, { kind: "file", path }),
      (error: { code: string; found: string }) => {
        assert.equal(error.code, "export-unsound");
        assert.match(error.found, /check (7|8) failed/);
        return true;
      },
    );
    await assertNothing(path);
  });

  it("a bundle that was changed on the disk before the check is not handed over", async () => {
    const path = fixture.path("sound.zip");
    await fixture.export(tenant.principal, {}, { kind: "file", path });
    const packed = { path, open: () => openPlainSource(path), publish: () => assert.fail(), remove: async () => {} };
    const watch = { onProgress: () => {} };
    assert.equal((await checkBundle([packed], fixture.exporter.trust, watch)).result, "passed");
    const handle = await open(path, "r+");
    const { size } = await handle.stat();
    await handle.write(Buffer.from([0x55]), 0, 1, Math.floor(size / 2));
    await handle.close();
    await assert.rejects(checkBundle([packed], fixture.exporter.trust, watch), /did not pass|ZIP|CRC/);
  });

  it("without a checkpoint over its rows is refused", async () => {
    const unsealed = await freshTenant();
    const { seal } = fixture.exporter;
    fixture.exporter.seal = async () => {
      throw new Error("the sealer refuses: the chain is forked");
    };
    try {
      await assert.rejects(
        fixture.export(unsealed.principal, {}, { kind: "file", path: fixture.path("x.zip") }),
        /refuses/,
      );
    } finally {
      fixture.exporter.seal = seal;
    }
  });

  async function freshTenant(): Promise<SeededTenant> {
    const made = await seedTenant(fixture.seed);
    const image = (n: number) => ({
      bytes: Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(100_000, n)]),
      type: "image/jpeg" as const,
    });
    await seedBatch(
      fixture.seed,
      made.principal,
      made.sites.map((site, n) => ({ ...site, images: [image(n)] })),
    );
    return made;
  }

  async function assertNothing(path: string): Promise<void> {
    assert.deepEqual([existsSync(path), existsSync(`${path}.unfinished`)], [false, false]);
    assert.deepEqual(await readdir(fixture.path("work")), []);
  }
});
