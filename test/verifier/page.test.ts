import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { tellStory } from "../support/bundle-scenario.ts";
import { failedChecks, Lab, verifyGiven } from "../support/verifier-lab.ts";
import { startVerifierPage, type VerifierPage } from "../support/verifier-page.ts";

describe("the HTML verifier as a page", () => {
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

  it("the page asks the network for nothing, and its policy would not let it", async () => {
    assert.deepEqual(html.requests, []);
    const reached = await html.page.evaluate(() =>
      fetch("https://example.com/").then(
        () => "reached",
        () => "refused",
      ),
    );
    assert.equal(reached, "refused");
    const policy = await html.page.getAttribute("meta[http-equiv]", "content");
    assert.match(policy ?? "", /^default-src 'none'; script-src 'sha256-[^ ]+'; style-src 'sha256-[^ ]+';/);
    assert.deepEqual(failedChecks(await verifyGiven(await lab.bundle(tellStory().chain))), []);
  });

  it("a verdict prints on one A4 page, with hashes, key and a line to sign", async () => {
    const given = await lab.bundle(tellStory().chain);
    await html.verify(given);
    const pdf = await html.page.pdf({ preferCSSPageSize: true });
    const text = pdf.toString("latin1");
    assert.equal(text.match(/\/Type \/Page\b/g)?.length, 1);
    assert.match(text, /\/MediaBox \[0 0 59[45](?:\.\d+)? 84[12](?:\.\d+)?\]/);
    await html.page.emulateMedia({ media: "print" });
    assert.equal(await html.page.isVisible(".signature"), true);
    assert.equal(await html.page.isVisible(".input"), false);
    await html.page.emulateMedia({ media: null });
  });

  it("the saved verdict is the verdict of Node", async () => {
    const given = await lab.bundle(tellStory().chain);
    await html.verify(given);
    const [download] = await Promise.all([html.page.waitForEvent("download"), html.page.click("#save")]);
    const saved = JSON.parse(readFileSync(await download.path(), "utf8"));
    assert.deepEqual(saved, await verifyGiven(given));
  });
});
