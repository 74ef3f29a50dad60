import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { createDirectoryStore, type ObjectRef } from "../../src/objects/index.ts";
import { startProcess } from "../support/process.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";
import { collect, declare, deterministicJpeg, keysFor } from "./fixture.ts";

describe("objects: killUploaderBetweenFrames", () => {
  it("three processes killed in one upload cost a little of it, and the fourth ends it", async () => {
    const directory = await temporaryDirectory("kill");
    const ref: ObjectRef = { tenantId: randomUUID(), imageId: randomUUID(), day: "2026-11-21", kind: "image" };
    const key = randomBytes(32);
    const image = deterministicJpeg(16_000_000);
    const store = createDirectoryStore(directory);
    let kept = 0;
    for (const killAt of [3_000_000, 6_000_000, 9_000_000]) {
      let said = 0;
      const child = startProcess({
        name: "uploader",
        command: process.execPath,
        args: [
          join(import.meta.dirname, "upload-child.ts"),
          directory,
          ref.tenantId,
          ref.imageId,
          key.toString("hex"),
          "16000000",
        ],
        onLine: (line) => {
          said = Number(line);
          if (said >= killAt) child.signal("SIGKILL");
        },
      });
      const { signal } = await child.exited;
      assert.equal(signal, "SIGKILL", child.output());
      const offset = await store.uploadedBytes(ref);
      assert.ok(offset > kept && Math.abs(said - offset) < 2_000_000, `${kept} ${offset} ${said}`);
      kept = offset;
    }
    const upload = await store.openUpload(ref, keysFor(key));
    assert.equal(upload.offset, kept);
    await upload.append(image.subarray(upload.offset));
    assert.deepEqual(await upload.finish(declare(image)), { ok: true });
    assert.ok((await collect(store.read(ref, key))).equals(image));
    await removeDirectory(directory);
  });
});
