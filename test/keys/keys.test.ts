import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createImageKey,
  createMasterKey,
  loadMasterKey,
  normaliseSubject,
  seal,
  sealedVersion,
  subjectHash,
  type TenantKey,
  unseal,
  unwrapImageKey,
} from "../../src/keys/index.ts";
import { AppError } from "../../src/platform/errors.ts";

const dataKey = (version = 1, tenantId: string = randomUUID()): TenantKey => ({
  tenantId,
  purpose: "data",
  version,
  secret: randomBytes(32),
});
const isCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;

describe("keys: sealing", () => {
  it("a sealed value opens with its key and context, and names the key's version", () => {
    const key = dataKey(7);
    const sealed = seal(key, "dead-letter 1", Buffer.from("plate AB12CDE"));
    assert.equal(sealedVersion(sealed), 7);
    assert.equal(unseal(key, "dead-letter 1", sealed).toString(), "plate AB12CDE");
    assert.ok(!sealed.includes("AB12CDE"));
  });

  it("another context, tenant, version, purpose or any flipped bit does not open", () => {
    const key = dataKey(1);
    const sealed = seal(key, "dead-letter 1", Buffer.from("secret"));
    assert.throws(() => unseal(key, "dead-letter 2", sealed), isCode("sealed-broken"));
    assert.throws(() => unseal({ ...key, tenantId: randomUUID() }, "dead-letter 1", sealed), isCode("sealed-broken"));
    assert.throws(() => unseal({ ...key, version: 2 }, "dead-letter 1", sealed), isCode("sealed-broken"));
    assert.throws(() => unseal({ ...key, purpose: "index" }, "dead-letter 1", sealed), isCode("sealed-broken"));
    for (let at = 0; at < sealed.length; at++) {
      const broken = Buffer.from(sealed);
      broken.writeUInt8(broken.readUInt8(at) ^ 1, at);
      assert.throws(() => unseal(key, "dead-letter 1", broken), AppError, `byte ${at}`);
    }
    for (let length = 0; length < sealed.length; length++) {
      assert.throws(() => unseal(key, "dead-letter 1", sealed.subarray(0, length)), AppError);
    }
  });

  it("an image's key opens for that image alone", () => {
    const tenantKey = dataKey();
    const { key, wrappedKey } = createImageKey(tenantKey, "image-1");
    assert.deepEqual(unwrapImageKey(tenantKey, "image-1", wrappedKey), key);
    assert.throws(() => unwrapImageKey(tenantKey, "image-2", wrappedKey), isCode("sealed-broken"));
  });
});

describe("keys: master key", () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "ledgerstone-keys-"));
  });
  after(() => rm(directory, { recursive: true }));

  it("wraps for one tenant, purpose and version", () => {
    const master = createMasterKey(randomBytes(32));
    const name = { tenantId: randomUUID(), purpose: "data", version: 1 } as const;
    const wrapped = master.wrap(name, Buffer.alloc(32, 5));
    assert.deepEqual(master.unwrap(name, wrapped), Buffer.alloc(32, 5));
    assert.equal(master.unwrap({ ...name, version: 2 }, wrapped), null);
    assert.equal(master.unwrap({ ...name, purpose: "index" }, wrapped), null);
    assert.equal(master.unwrap({ ...name, tenantId: randomUUID() }, wrapped), null);
    assert.equal(createMasterKey(randomBytes(32)).unwrap(name, wrapped), null);
  });

  it("is read as 64 hex characters, and nothing else is taken for a key", async () => {
    const file = join(directory, "master");
    await writeFile(file, `${"0123456789abcdef".repeat(4)}\n`);
    const master = await loadMasterKey(file);
    assert.equal(master.fingerprint, "4884fdaafea47c29");
    for (const wrong of ["", "changeme", "0".repeat(64), "ab".repeat(31), `${"ab".repeat(32)}zz`]) {
      await writeFile(file, wrong);
      await assert.rejects(loadMasterKey(file), isCode("master-key-format"), JSON.stringify(wrong));
    }
  });
});

describe("keys: subjects", () => {
  it("the ways to write one subject are one subject", () => {
    for (const same of ["plate:AB12CDE", "plate:ab12 cde", " PLATE: AB-12-CDE ", "plate:ＡＢ１２ＣＤＥ"]) {
      assert.equal(normaliseSubject(same), "plate:AB12CDE", same);
    }
    assert.equal(normaliseSubject("badge:  77  b "), "badge:77 B");
    assert.equal(normaliseSubject("someone"), "subject:SOMEONE");
    assert.equal(normaliseSubject("url:a:b"), "url:A:B");
    assert.notEqual(normaliseSubject("plate:77"), normaliseSubject("badge:77"));
  });

  it("its hash depends on the tenant's index key", () => {
    const one: TenantKey = { ...dataKey(), purpose: "index" };
    const other: TenantKey = { ...dataKey(), purpose: "index" };
    assert.equal(subjectHash(one, "plate:AB12CDE").length, 32);
    assert.deepEqual(subjectHash(one, "plate:ab12cde"), subjectHash(one, "plate:AB12CDE"));
    assert.notDeepEqual(subjectHash(one, "plate:AB12CDE"), subjectHash(other, "plate:AB12CDE"));
  });
});
