import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, readdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { appendRow, withTenant } from "../../src/audit/index.ts";
import { openSealedPart, type Target } from "../../src/evidence/deliver.ts";
import { type ExporterDeps, exportBundle } from "../../src/evidence/export.ts";
import { openZip, verifyBundle } from "../../src/verifier/index.ts";
import { type SeededTenant, seedBatch, seedTenant } from "../support/seed.ts";
import { everythingRequest, evidenceFixture, type Fixture, killExport } from "./fixture.ts";

const images = 24;
const imageBytes = 600_000;

describe("export that was killed", () => {
  let fixture: Fixture;
  let tenant: SeededTenant;
  let exports = 0;

  before(async () => {
    fixture = await evidenceFixture();
    tenant = await seedTenant(fixture.seed);
    const pictures = Array.from({ length: images }, () => {
      const bytes = randomBytes(imageBytes);
      bytes.set([0xff, 0xd8, 0xff]);
      return { ...tenant.sites[0]!, images: [{ bytes, type: "image/jpeg" as const }] };
    });
    await seedBatch(fixture.seed, tenant.principal, pictures);
  });
  after(() => fixture.stop());

  const targets: Record<string, (out: string) => Target> = {
    "a file": (out) => ({ kind: "file", path: join(out, "bundle.zip") }),
    "a sealed file": (out) => ({ kind: "sealed", directory: out, key: randomBytes(32), name: "x" }),
    "a sealed file in parts": (out) => ({
      kind: "sealed",
      directory: out,
      key: randomBytes(32),
      name: "x",
      partBytes: 4_000_000,
    }),
    "a file for age": (out) => ({
      kind: "file",
      path: join(out, "bundle.zip.age"),
      encryption: { kind: "passphrase", passphrase: "correct horse battery staple" },
    }),
  };
  for (const [name, makeTarget] of Object.entries(targets)) {
    it(`while it packed images into ${name} goes on with those that are there`, async () => {
      const { out, target } = await killed("images", images / 2, makeTarget);
      const again = await resume(out, target);
      // What was not written yet, a megabyte or two, is done again.
      assert.ok(again.reads <= images / 2 + 6, `read ${again.reads} images again`);
      assert.equal(again.resumed, true);
      assert.equal(again.result.images, images);
      await assertSound(target, again.result.files.length);
    });
  }

  it("while it checked packs no image again", async () => {
    const { out, target } = await killed("verify", 3, targets["a sealed file"]!);
    const again = await resume(out, target);
    assert.deepEqual([again.resumed, again.reads], [true, 0]);
    await assertSound(target, 1);
  });

  it("while it read rows begins anew", async () => {
    const { out, target } = await killed("rows", 1, targets["a file"]!);
    const again = await resume(out, target);
    assert.deepEqual([again.resumed, again.reads], [false, images]);
    assert.deepEqual(await readdir(out), ["bundle.zip"]);
    await assertSound(target, 1);
  });

  it("and lost the end of its file, or has other bytes in it, does again what is not whole", async () => {
    for (const [name, makeTarget] of Object.entries(targets).slice(0, 2)) {
      const { out, target } = await killed("images", images / 2, makeTarget);
      const unfinished = join(out, target.kind === "sealed" ? "part-1.unfinished" : "bundle.zip.unfinished");
      const { size } = await stat(unfinished);
      await truncate(unfinished, size - 700_001);
      const file = await open(unfinished, "r+");
      await file.write(Buffer.from("torn"), 0, 4, 2_500_000);
      await file.close();
      const again = await resume(out, target);
      assert.ok(again.reads > images - 6 && again.reads < images, `${name}: read ${again.reads} images again`);
      await assertSound(target, 1);
    }
  });

  it("is made anew when an erasure was asked for since", async () => {
    const { out, target } = await killed("images", images / 2, targets["a sealed file"]!);
    await withTenant(fixture.seed.pool, tenant.principal, async (tx) => {
      const requestId = crypto.randomUUID();
      const entity = { type: "request", id: requestId };
      const { seq, at } = await appendRow(tx, { action: "erasure.requested", entity });
      await tx.query(
        `insert into erasure_requests (tenant_id, request_id, basis, event_ids, requested_by_type, requested_by, seq, requested_at)
         values ($1::uuid, $2::uuid, 'request', $3::uuid[], 'user', 'test', $4::bigint, $5::timestamptz)`,
        [tenant.tenantId, requestId, [crypto.randomUUID()], seq, at],
      );
    });
    const again = await resume(out, target);
    assert.deepEqual([again.resumed, again.reads], [false, images]);
    await assertSound(target, 1);
  });

  it("is made anew when something else is asked for at the same place", async () => {
    const { out, target } = await killed("images", images / 2, targets["a file"]!);
    const again = await resume(out, target, { withholdUnits: "all" });
    assert.deepEqual([again.resumed, again.reads], [false, images]);
    await assertSound(target, 1);
  });

  async function killed(phase: string, after: number, makeTarget: (out: string) => Target) {
    const out = fixture.path(`killed-${++exports}`);
    await mkdir(out);
    const target = makeTarget(out);
    await killExport({ ...fixture.settings, principal: tenant.principal, out, phase, after, target });
    assert.equal(existsSync(pathOf(target)), false, "no bundle under its name before it was verified");
    assert.equal((await readdir(join(out, "work"))).length > 0, true, "the kill left work behind");
    return { out, target };
  }

  async function resume(out: string, target: Target, request = {}) {
    let reads = 0;
    let resumed = false;
    const { objects } = fixture.exporter;
    const counting: ExporterDeps = {
      ...fixture.exporter,
      objects: {
        ...objects,
        readInto(...parts) {
          reads++;
          return objects.readInto(...parts);
        },
      },
    };
    const asked = {
      principal: tenant.principal,
      request: { ...everythingRequest, ...request },
      target,
      directory: join(out, "work"),
    };
    const onResumed = () => {
      resumed = true;
    };
    const result = await exportBundle(counting, asked, { onResumed });
    assert.equal(existsSync(join(out, "work")), false, "no work is left");
    return { reads, resumed, result };
  }

  const pathOf = (target: Target): string =>
    target.kind === "sealed" ? join(target.directory, "part-1") : target.path;

  async function assertSound(target: Target, parts: number): Promise<void> {
    if (target.kind !== "sealed") {
      const secrets = target.encryption ? { passphrase: "correct horse battery staple" } : {};
      assert.equal((await fixture.verify(target.path, secrets)).result, "passed");
      return;
    }
    assert.equal((await readdir(target.directory)).length, parts);
    assert.equal(parts > 1, target.partBytes !== undefined);
    if (parts > 1) return;
    const source = await openSealedPart(target.directory, target.key, target.name, 1);
    try {
      const bundle = await openZip(source, { label: "x", encrypted: false });
      assert.equal((await verifyBundle(bundle, { trust: fixture.exporter.trust })).result, "passed");
    } finally {
      await source.close();
    }
  }
});
