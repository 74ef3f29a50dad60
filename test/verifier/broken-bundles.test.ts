import assert from "node:assert/strict";
import { failedChecks, type Given, Lab, verifyGiven } from "../support/verifier-lab.ts";
import { startVerifierPage, type VerifierPage } from "../support/verifier-page.ts";
import { shownOf } from "../support/verifier-shown.ts";
import { brokenCases } from "./broken/all.ts";

describe("broken bundles, in Node and in Chromium", () => {
  let lab: Lab;
  let html: VerifierPage;

  before(async () => {
    lab = new Lab();
    html = await startVerifierPage();
  });

  after(async () => {
    lab?.stop();
    await html?.stop();
  });

  for (const broken of brokenCases) {
    it(`check ${broken.check} fails on ${broken.name}`, async () => {
      const given: Given = await broken.make(lab);
      const verdict = await verifyGiven(given);
      const check = verdict.checks[broken.check - 1]!;
      const told = JSON.stringify(
        verdict.checks.filter(({ state }) => state !== "passed"),
        null,
        1,
      );
      assert.equal(check.state, "failed", told);
      assert.equal(verdict.exitCode, 1);
      assert.match(check.place ?? "", broken.place ?? /./, told);
      assert.deepEqual(await html.verify(given), shownOf(verdict), failedChecks(verdict).join(" "));
    });
  }

  it("there are at least 40 of them, and every check has several", () => {
    assert.ok(brokenCases.length >= 40);
    for (let check = 1; check <= 11; check++) {
      const count = brokenCases.filter((broken) => broken.check === check).length;
      assert.ok(count >= 3, `check ${check} has ${count}`);
    }
  });
});
