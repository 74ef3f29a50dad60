import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

describe("platform: the log", () => {
  it("says what failed in the database without the row that the database quotes", () => {
    const logger = join(import.meta.dirname, "../../src/platform/logger.ts");
    const script = `
      import { createLogger } from ${JSON.stringify(logger)};
      const facts = { code: "23502", constraint: "users_email", detail: "Failing row contains (ada@site.example)", where: "ada@site.example" };
      createLogger("test", "info").error({ err: Object.assign(new Error("null value"), facts) }, "request failed");`;
    const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    const { err } = JSON.parse(stderr);
    assert.deepEqual([err.message, err.code, err.constraint], ["null value", "23502", "users_email"]);
    assert.ok(!stderr.includes("ada@"), stderr);
  });
});
