import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { open, readdir, readFile, rename, stat, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createDirectoryStore, type ObjectRef, type ObjectStore, objectPath } from "../../src/objects/index.ts";
import { AppError } from "../../src/platform/errors.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";
import { collect, declare, jpeg, keysFor, listOf } from "./fixture.ts";

const frame = 262_144;
const isCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;

describe("objects: the directory store", () => {
  let directory: string;
  let store: ObjectStore;
  const tenantId = randomUUID();
  const newRef = (): ObjectRef => ({ tenantId, imageId: randomUUID(), day: "2026-11-21", kind: "image" });
  const fileOf = (ref: ObjectRef) => join(directory, objectPath(ref));
  const partialOf = (ref: ObjectRef) => join(directory, "tenants", tenantId, "partial", ref.imageId);

  before(async () => {
    directory = await temporaryDirectory("objects");
    store = createDirectoryStore(directory);
  });
  after(() => removeDirectory(directory));

  async function stored(image: Buffer, keys = keysFor()): Promise<ObjectRef> {
    const ref = newRef();
    const upload = await store.openUpload(ref, keys);
    await upload.append(image);
    assert.deepEqual(await upload.finish(declare(image)), { ok: true });
    return ref;
  }

  for (const size of [4096, frame - 1, frame, frame + 1, 3 * frame, 5_000_017]) {
    it(`${size} bytes come back as they went in, whole and by range`, async () => {
      const keys = keysFor();
      const image = jpeg(size);
      const ref = await stored(image, keys);
      assert.ok((await collect(store.read(ref, keys.key))).equals(image));
      for (const [from, to] of [
        [0, 1],
        [size - 1, size],
        [Math.floor(size / 3), Math.floor(size / 2)],
        [0, size],
        [frame - 1, frame + 1],
      ] as const) {
        const part = await collect(store.read(ref, keys.key, { from, to }));
        assert.ok(part.equals(image.subarray(from, to)), `${from}-${to}`);
      }
      const onDisk = await readFile(fileOf(ref));
      assert.equal(onDisk.indexOf(image.subarray(100, 132)), -1, "plaintext on disk");
      assert.deepEqual(await readdir(dirname(partialOf(ref))), [], "the wrapped key stays beside a finished object");
    });
  }

  it("an upload goes on where it broke off, also mid-frame and after a process that was killed", async () => {
    const keys = keysFor();
    const image = jpeg(1_000_003);
    const ref = newRef();
    let sent = 0;
    for (const step of [10, 300_000, 5, 500_000]) {
      const upload = await createDirectoryStore(directory).openUpload(ref, keys);
      assert.equal(upload.offset, sent);
      await upload.append(image.subarray(sent, sent + step));
      sent += step;
      assert.equal(await upload.suspend(), sent);
      assert.equal(await store.uploadedBytes(ref), sent);
    }
    // Killed while writing: the file ends inside a frame.
    await truncate(partialOf(ref), (await stat(partialOf(ref))).size - 7);
    const upload = await createDirectoryStore(directory).openUpload(ref, keys);
    assert.ok(upload.offset < sent && upload.offset > 500_000, `${upload.offset}`);
    await upload.append(image.subarray(upload.offset));
    assert.deepEqual(await upload.finish(declare(image)), { ok: true });
    assert.ok((await collect(store.read(ref, keys.key))).equals(image));
    assert.equal(await store.uploadedBytes(ref), 0);
  });

  it("bytes that were changed in a partial file are not built upon", async () => {
    const keys = keysFor();
    const image = jpeg(3 * frame);
    const ref = newRef();
    const first = await store.openUpload(ref, keys);
    await first.append(image.subarray(0, 2 * frame + 9));
    await first.suspend();
    const file = await open(partialOf(ref), "r+");
    await file.write(Buffer.from([1]), 0, 1, frame + 5_000);
    await file.close();
    const second = await store.openUpload(ref, keys);
    assert.equal(second.offset, frame, "whole frames before the changed one");
    await second.append(image.subarray(second.offset));
    assert.deepEqual(await second.finish(declare(image)), { ok: true });
  });

  it("a newer attempt ends the older one, and keeps what it had", async () => {
    const keys = keysFor();
    const image = jpeg(100_000);
    const ref = newRef();
    const older = await store.openUpload(ref, keys);
    await older.append(image.subarray(0, 30_000));
    const [newer] = await Promise.all([store.openUpload(ref, keys)]);
    assert.equal(newer.offset, 30_000);
    await assert.rejects(older.append(image.subarray(30_000)), isCode("upload-ended"));
    await newer.append(image.subarray(30_000));
    assert.deepEqual(await newer.finish(declare(image)), { ok: true });
  });

  it("no other attempt begins before a finished one is stored", async () => {
    const image = jpeg(50_000);
    const ref = newRef();
    const first = await store.openUpload(ref, keysFor());
    await first.append(image);
    const order: string[] = [];
    const finishing = first.finish(declare(image), async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      order.push("stored");
    });
    const second = await store.openUpload(ref, keysFor());
    order.push("opened");
    assert.deepEqual(await finishing, { ok: true });
    assert.deepEqual(order, ["stored", "opened"]);
    assert.equal(second.offset, 0);
    await second.suspend();
    await store.dropUpload(ref);
    assert.equal(await store.exists(ref), true);
  });

  it("a wrong hash, size or kind of file is refused by name, and leaves nothing", async () => {
    const image = jpeg(70_000);
    const right = declare(image);
    for (const [reason, declared] of [
      ["sha256", { ...right, sha256: randomBytes(32) }],
      ["size", { ...right, bytes: 70_001 }],
      ["type", { ...right, mediaType: "image/png" as const }],
    ] as const) {
      const ref = newRef();
      const upload = await store.openUpload(ref, keysFor());
      await upload.append(image);
      const result = await upload.finish(declared);
      assert.equal(!result.ok && result.reason, reason);
      assert.equal(await store.exists(ref), false);
      assert.equal(await store.uploadedBytes(ref), 0);
    }
    const script = Buffer.from("<script>alert(1)</script>");
    const upload = await store.openUpload(newRef(), keysFor());
    await upload.append(script);
    const result = await upload.finish({ ...declare(script), mediaType: "image/jpeg" });
    assert.deepEqual(!result.ok && result.found, "an unknown kind of file");
  });

  it("a file cut off, extended, reordered, moved, joined or under another key is found damaged", async () => {
    const keys = keysFor();
    const image = jpeg(4 * frame);
    const whole = frame + 32;
    const attacks: Record<string, (bytes: Buffer) => Buffer> = {
      "last frame cut": (b) => b.subarray(0, 8 + 4 * whole),
      "last two frames cut": (b) => b.subarray(0, 8 + 3 * whole),
      "cut inside a frame": (b) => b.subarray(0, b.length - 9),
      "one byte more": (b) => Buffer.concat([b, Buffer.from([0])]),
      "last frame twice": (b) => Buffer.concat([b, b.subarray(8 + 4 * whole)]),
      "frames swapped": (b) =>
        Buffer.concat([
          b.subarray(0, 8),
          b.subarray(8 + whole, 8 + 2 * whole),
          b.subarray(8, 8 + whole),
          b.subarray(8 + 2 * whole),
        ]),
      "a frame dropped": (b) => Buffer.concat([b.subarray(0, 8), b.subarray(8 + whole)]),
      "last flag set early": (b) => {
        const changed = Buffer.from(b);
        changed.writeUInt8(0x80, 8);
        return changed.subarray(0, 8 + whole);
      },
      "one bit": (b) => {
        const changed = Buffer.from(b);
        changed.writeUInt8(changed.readUInt8(100_000) ^ 1, 100_000);
        return changed;
      },
      empty: () => Buffer.alloc(0),
    };
    for (const [name, attack] of Object.entries(attacks)) {
      const ref = await stored(image, keys);
      await writeFile(fileOf(ref), attack(await readFile(fileOf(ref))));
      await assert.rejects(collect(store.read(ref, keys.key)), isCode("object-damaged"), name);
    }
    const ref = await stored(image, keys);
    await assert.rejects(collect(store.read(ref, randomBytes(32))), isCode("object-damaged"), "another key");
    const elsewhere = newRef();
    await rename(fileOf(ref), fileOf(elsewhere));
    await assert.rejects(collect(store.read(elsewhere, keys.key)), isCode("object-damaged"), "moved");
    await assert.rejects(collect(store.read(ref, keys.key)), isCode("object-missing"));
  });

  it("removing takes an object with its thumbnail, or a day, and nothing by another path", async () => {
    const keys = keysFor();
    const ref = await stored(jpeg(5000), keys);
    await store.write({ ...ref, kind: "thumbnail" }, keys.key, Buffer.from("small"));
    assert.equal((await collect(store.read({ ...ref, kind: "thumbnail" }, keys.key))).toString(), "small");
    const other = await stored(jpeg(5000), keys);
    await store.removePath(objectPath(ref));
    assert.equal(await store.exists(ref), false);
    assert.equal(await store.exists({ ...ref, kind: "thumbnail" }), false);
    assert.equal(await store.exists(other), true);
    await store.removePath(objectPath(ref));
    for (const path of ["", "/", ".", `tenants/${tenantId}`, `tenants/${tenantId}/images/2026/11`, `tenants/../x`]) {
      await assert.rejects(store.removePath(path), isCode("object-path"), path);
    }
    assert.equal(await store.exists(other), true);
    await store.removePath(`tenants/${tenantId}/images/2026/11/21/`);
    assert.equal(await store.exists(other), false);
    assert.equal(await store.remove(other), false);
  });

  it("lists every object, strange file and partial upload", async () => {
    const ref = await stored(jpeg(5000));
    const unfinished = newRef();
    const upload = await store.openUpload(unfinished, keysFor());
    await upload.append(jpeg(1000));
    await upload.suspend();
    await writeFile(join(dirname(fileOf(ref)), "strange"), "");
    const listed = await listOf(store.list());
    assert.deepEqual(listed.find((each) => each.path === objectPath(ref))?.ref, ref);
    assert.deepEqual(
      listed.filter((each) => each.ref === null).map((each) => each.path.endsWith("/strange")),
      [true],
    );
    const partials = await listOf(store.listPartials());
    assert.ok(partials.some((each) => each.imageId === unfinished.imageId && each.tenantId === tenantId));
    await store.dropUpload(unfinished);
    assert.equal(await store.uploadedBytes(unfinished), 0);
    assert.ok((await store.freeBytes()) > 0);
  });
});
