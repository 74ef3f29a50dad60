import assert from "node:assert/strict";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { withTenant } from "../../src/audit/index.ts";
import { parseCheckpoint } from "../../src/record/checkpoint.ts";
import { parseScope } from "../../src/record/scope.ts";
import { run } from "../support/process.ts";
import { type SeededBatch, type SeededTenant, seedBatch, seedTenant } from "../support/seed.ts";
import { evidenceFixture, type Fixture } from "./fixture.ts";

const picture = (n: number) => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(200_000, n)]);

describe("export", () => {
  let fixture: Fixture;
  let tenant: SeededTenant;
  const batches: SeededBatch[] = [];
  let exports = 0;
  const file = () => ({ kind: "file" as const, path: fixture.path(`${++exports}.zip`) });
  const scopeOf = async (path: string) => parseScope(await fixture.read(path, "data/scope.json"));

  before(async () => {
    fixture = await evidenceFixture();
    tenant = await seedTenant(fixture.seed);
    const [north, south] = tenant.sites;
    for (let i = 0; i < 3; i++) {
      const jpeg = (n: number, stored = true) => ({ bytes: picture(n), type: "image/jpeg" as const, stored });
      batches.push(
        await seedBatch(fixture.seed, tenant.principal, [
          { ...north!, subjects: ["plate:AB12CDE"], images: [jpeg(0), jpeg(10 + i)] },
          { ...north!, subjects: ["plate:ZZ99ZZZ"], images: [jpeg(20 + i, false)] },
          { ...north!, kind: "temperature", body: "-3" },
          { ...south!, kind: "badge.swipe", subjects: ["badge:77"], body: '"=HYPERLINK(1)"' },
        ]),
      );
      await fixture.exporter.seal(tenant.tenantId);
    }
  });
  after(() => fixture.stop());

  it("of everything passes the auditor's verifier, and unzip and grep find it as it was", async () => {
    const target = file();
    const result = await fixture.export(tenant.principal, {}, target);
    const verdict = await fixture.verify(target.path);
    assert.equal(verdict.result, "passed");
    assert.deepEqual([...new Set(verdict.checks.map((check) => check.state))].sort(), ["not run", "passed"]);
    assert.equal(verdict.checks[5]!.state, "not run", "no earlier checkpoint was given");
    assert.equal(result.events, 12);
    assert.equal(result.images, 4, "the same picture is in the bundle once");
    const folder = fixture.path("unzipped");
    await run({ name: "unzip", command: "unzip", args: ["-q", target.path, "-d", folder] });
    const images = await readdir(`${folder}/data/images`, { recursive: true });
    const jpegs = images.filter((name) => name.endsWith(".jpg"));
    assert.equal(jpegs.length, 4);
    for (const name of jpegs) assert.equal((await readFile(`${folder}/data/images/${name}`)).length, 200_003);
    const { counts } = await scopeOf(target.path);
    assert.deepEqual(
      [counts.withheldImages, counts.withheldEvents, counts.withheldUnits],
      [3, 0, 0],
      "three never came",
    );
    assert.match(await fixture.read(target.path, "data/tables/events.csv"), /,"""=HYPERLINK\(1\)"""\r\n/);
    assert.match(await fixture.read(target.path, "data/tables/events.csv"), /,'-3\r\n/, "no cell begins a formula");
  });

  it("of a time range holds that range, and the control rows and checkpoint around it", async () => {
    const target = file();
    const from = batches[1]!.received;
    const to = batches[2]!.received;
    await fixture.export(tenant.principal, { scope: { kind: "range", from, to } }, target);
    assert.equal((await fixture.verify(target.path)).result, "passed");
    const scope = await scopeOf(target.path);
    assert.deepEqual(scope.range, { from: batches[1]!.seq, to: batches[1]!.seq });
    assert.equal(scope.counts.events, 4);
    assert.equal(scope.counts.rows, 5, "opened, two policies, the batch, the checkpoint's row");
  });

  it("of an incident shows its event alone, and says that completeness is not proven", async () => {
    const target = file();
    const [event] = batches[1]!.eventIds;
    const result = await fixture.export(tenant.principal, { scope: { kind: "incident", events: [event!] } }, target);
    const verdict = await fixture.verify(target.path);
    assert.equal(verdict.result, "passed");
    assert.match(verdict.completeness!, /integrity, not completeness/);
    assert.equal(result.events, 1);
    assert.equal(result.subjects.length, 1);
    const scope = await scopeOf(target.path);
    assert.deepEqual([scope.range, scope.extra, scope.counts.withheldEvents], [null, [batches[1]!.seq], 3]);
    const bodies = await fixture.read(target.path, "data/events/openings.jsonl");
    for (const other of batches.flatMap((batch) => batch.eventIds).filter((id) => id !== event)) {
      assert.equal(bodies.includes(other), false);
    }
  });

  it("of unknown events is refused, naming them", async () => {
    const events = [crypto.randomUUID()];
    await assert.rejects(fixture.export(tenant.principal, { scope: { kind: "incident", events } }, file()), /not here/);
  });

  it("withholds other sites, kinds and subjects, units and images, and lists each", async () => {
    const [north, south] = tenant.sites;
    const subjects = [await subject("plate:AB12CDE")];
    const cases = [
      [{ sites: [south!.siteId] }, 3, 9],
      [{ kinds: ["temperature"] }, 3, 9],
      [{ subjects }, 3, 9],
      [{ sites: [north!.siteId], kinds: ["gate.passage"] }, 6, 6],
    ] as const;
    for (const [filter, shown, withheld] of cases) {
      const target = file();
      await fixture.export(tenant.principal, { ...filter } as never, target);
      assert.equal((await fixture.verify(target.path)).result, "passed");
      const { counts } = await scopeOf(target.path);
      assert.deepEqual([counts.events, counts.withheldEvents], [shown, withheld]);
    }
    const target = file();
    await fixture.export(tenant.principal, { withholdUnits: "all", withholdImages: true }, target);
    const verdict = await fixture.verify(target.path);
    assert.equal(verdict.result, "passed");
    const { counts } = await scopeOf(target.path);
    assert.deepEqual([counts.images, counts.withheldImages, counts.withheldUnits], [0, 9, 5]);
    const strict = await fixture.verify(target.path, {}, { requireAll: true });
    assert.equal(strict.result, "failed");
  });

  it("encrypted with age opens with the passphrase or identity alone", async () => {
    const identity = await generateX25519Identity();
    const passphrase = "correct horse battery staple";
    const cases = [
      [{ kind: "passphrase", passphrase }, { passphrase }],
      [{ kind: "recipient", recipient: await identityToRecipient(identity) }, { identities: [identity] }],
    ] as const;
    for (const [encryption, secrets] of cases) {
      const target = { ...file(), encryption };
      await fixture.export(tenant.principal, {}, target);
      const bytes = await readFile(target.path);
      assert.equal(bytes.subarray(0, 21).toString(), "age-encryption.org/v1");
      assert.equal((await fixture.verify(target.path, secrets as never)).result, "passed");
      await assert.rejects(fixture.verify(target.path, { passphrase: "another one, and wrong" } as never));
      const decrypter = new Decrypter();
      if ("passphrase" in secrets) decrypter.addPassphrase(secrets.passphrase);
      else decrypter.addIdentity(identity);
      assert.equal((await decrypter.decrypt(bytes)).length > 800_000, true);
    }
  });

  it("in parts gives ZIPs that together hold the bag", async () => {
    const target = { ...file(), partBytes: 450_000 };
    const { files } = await fixture.export(tenant.principal, {}, target);
    assert.equal(files.length >= 2, true);
    const folder = fixture.path("joined");
    await mkdir(folder);
    for (const { path, bytes } of files) {
      assert.equal(bytes <= target.partBytes, true);
      await run({ name: "unzip", command: "unzip", args: ["-q", path, "-d", folder] });
    }
    assert.equal((await fixture.verify(folder)).result, "passed");
  });

  it("into a folder gives the same bag", async () => {
    const path = fixture.path("folder");
    await fixture.export(tenant.principal, {}, { kind: "directory", path });
    assert.equal((await fixture.verify(path)).result, "passed");
  });

  it("proves consistency with the checkpoints that the auditor holds", async () => {
    const { rows } = await fixture.database.superuser.query(
      "select note from ledger.checkpoints where tenant_id = $1 order by size limit 1",
      [tenant.tenantId],
    );
    const previous = parseCheckpoint(rows[0].note);
    const target = file();
    await fixture.export(tenant.principal, { previous: [previous.checkpoint.size] }, target);
    const verdict = await fixture.verify(target.path, {}, { previous });
    assert.deepEqual([verdict.result, verdict.checks[5]!.state], ["passed", "passed"]);
  });

  async function subject(name: string): Promise<Buffer> {
    const { subjectHash } = await import("../../src/keys/index.ts");
    return withTenant(fixture.seed.pool, tenant.principal, async (tx) =>
      subjectHash(await fixture.seed.keyring.indexKey(tx), name),
    );
  }
});
