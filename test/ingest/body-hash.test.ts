import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createBodyHash } from "../../src/ingest/body-hash.ts";
import { unitHash } from "../../src/record/unit.ts";

describe("ingest: the hash of a body", () => {
  it("is that of the record's own function, for long bodies after short ones and back", () => {
    const bodyHash = createBodyHash();
    const bodies = ["", "{}", "Grüße 🚧".repeat(20), "x".repeat(70_000), '"é"', "y".repeat(200_000), "1"];
    for (const body of [...bodies, ...bodies.reverse()]) {
      const salt = randomBytes(32);
      assert.equal(bodyHash(salt, body, Buffer.byteLength(body)), unitHash("body", salt, body));
    }
  });
});
