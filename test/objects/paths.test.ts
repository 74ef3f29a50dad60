import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type ObjectRef, objectPath, parseObjectPath } from "../../src/objects/index.ts";
import { AppError } from "../../src/platform/errors.ts";

const isCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;

describe("objects: paths", () => {
  it("paths are exactly ours", () => {
    const ref: ObjectRef = { tenantId: randomUUID(), imageId: randomUUID(), day: "2026-11-21", kind: "image" };
    assert.deepEqual(parseObjectPath(objectPath(ref)), ref);
    const thumbnail = { ...ref, kind: "thumbnail" as const };
    assert.deepEqual(parseObjectPath(objectPath(thumbnail)), thumbnail);
    const good = objectPath(ref);
    const wrong = [
      `/${good}`,
      `${good}/`,
      `${good}\n`,
      `./${good}`,
      good.replace("2026", "../x"),
      good.replace("2026/11/21", "2026/02/30"),
      good.replace("2026/11/21", "2026/13/01"),
      good.replace("images", "partial"),
      good.toUpperCase(),
      `${good}.key`,
      `${good}\0`,
    ];
    for (const path of wrong) assert.equal(parseObjectPath(path), null, JSON.stringify(path));
    for (const field of ["tenantId", "imageId", "day"] as const) {
      for (const value of ["../../etc", "", "..", "a/b", "2026-02-30"]) {
        assert.throws(() => objectPath({ ...ref, [field]: value }), isCode("object-path"), `${field} ${value}`);
      }
    }
  });
});
