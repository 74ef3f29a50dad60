import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Encrypter, generateIdentity, identityToRecipient } from "age-encryption";
import { checkpointName, consistencyName } from "../../src/record/bag.ts";
import { encodeUtf8, toBase64 } from "../../src/record/bytes.ts";
import { keyContent } from "../../src/record/control.ts";
import { consistencyProof } from "../../src/record/proof.ts";
import { type Files, finishBag } from "../support/bundle-bag.ts";
import { siteA, tellOn, tellStory } from "../support/bundle-scenario.ts";
import { zipFiles } from "../support/bundle-zip.ts";
import { type Given, Lab, trustText, verifyGiven } from "../support/verifier-lab.ts";
import { startVerifierPage, type VerifierPage } from "../support/verifier-page.ts";
import { shownOf } from "../support/verifier-shown.ts";
import { restored } from "./broken/checkpoints.ts";

describe("good bundles, in Node and in Chromium", () => {
  let lab: Lab;
  let html: VerifierPage;
  let folder: string;

  before(async () => {
    lab = new Lab();
    html = await startVerifierPage();
    folder = mkdtempSync(join(tmpdir(), "ledgerstone-good-"));
  });

  after(async () => {
    lab?.stop();
    await html?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Both verifiers agree; returns Node's verdict. */
  async function bothSay(result: string, given: Given) {
    const verdict = await verifyGiven(given);
    const told = JSON.stringify(
      verdict.checks.filter(({ state }) => state === "failed"),
      null,
      1,
    );
    assert.equal(verdict.result, result, told);
    assert.deepEqual(await html.verify(given), shownOf(verdict));
    return verdict;
  }

  it("a whole chain with erasures of every kind passes, and is complete", async () => {
    const verdict = await bothSay("passed", await lab.bundle(tellStory().chain));
    assert.match(verdict.completeness ?? "", /^complete for rows 1 to 18/);
    assert.equal(verdict.exitCode, 0);
    assert.equal(verdict.checks[5]!.state, "not run");
    assert.deepEqual(verdict.tombstones, { total: 3, discretionary: 1, undecided: 0 });
  });

  it("batches whose openings went with their last event are covered by the day's tombstones", async () => {
    await bothSay("passed", await lab.bundle(tellOn(tellStory()).chain));
  });

  it("a range passes with hashes in place of the other rows", async () => {
    const { chain } = tellStory();
    const verdict = await bothSay("passed", await lab.bundle(chain, { range: { from: 9, to: 12 } }));
    assert.match(verdict.completeness ?? "", /^complete for rows 9 to 12/);
    assert.equal(verdict.tombstones?.undecided, 1, "the request, whose row is outside the range");
  });

  it("a single incident shows integrity, not completeness", async () => {
    const { chain } = tellStory();
    const one = chain.events(10, siteA)[2]!.record.event;
    const withholdEvent = (event: { record: { event: string } }) => event.record.event !== one;
    const request = chain.rows.find(({ row }) => row.action === "erasure.requested")!.row.seq;
    const spec = { range: null, extra: [10, request], withholdEvent };
    const verdict = await bothSay("passed", await lab.bundle(chain, spec));
    assert.equal(verdict.completeness, "integrity, not completeness: single rows are carried");
    assert.ok(verdict.checks[9]!.notes.includes("3 withheld, existence not shown (0 units, 3 events, 0 images)"));
  });

  it("withheld units, events and images are counted, and images that never arrived", async () => {
    const { chain } = tellStory();
    const images = [{ bytes: new Uint8Array(9), type: "image/png" as const, arrived: false }];
    chain.record([{ site: siteA, kind: "gate.passage", body: "{}", images }]);
    const given = await lab.bundle(chain, {
      withholdUnit: (unit) => unit === "context",
      withholdEvent: (event) => event.record.kind === "temperature" || event.record.site === siteA,
    });
    const verdict = await bothSay("passed", given);
    assert.equal(verdict.counts?.withheldImages, 0);
    const shown = await bothSay("passed", await lab.bundle(chain));
    assert.equal(shown.counts?.withheldImages, 1);
  });

  it("without keys from outside a good bundle is consistent, not authenticated", async () => {
    const { bytes } = await lab.bundle(tellStory().chain);
    const verdict = await bothSay("consistent, not authenticated", { bytes });
    assert.equal(verdict.exitCode, 3);
  });

  it("an earlier checkpoint that is still a prefix passes", async () => {
    const story = tellStory();
    const previous = story.chain.checkpoints[0]!.text;
    const verdict = await bothSay("passed", { ...(await lab.bundle(story.chain)), previous });
    assert.equal(verdict.checks[5]!.state, "passed");
  });

  it("rows lost in a restore pass once their epoch is accepted, and are printed", async () => {
    const { chain, before: previous } = restored();
    const given = { ...(await lab.bundle(chain)), previous, acceptEpoch: 2 };
    const verdict = await bothSay("passed", given);
    assert.deepEqual(verdict.lostRows, [{ epoch: 2, from: 11, to: 12, reason: "restore" }]);
  });

  it("a key rotated under a checkpoint of the old key is trusted through the old one", async () => {
    const { chain } = tellStory();
    const trust = lab.trustOf(chain);
    const content = keyContent({ oldKey: chain.signer.publicKey, newKey: lab.strangerSigner.publicKey });
    chain.append({
      action: "ledger.key.rotated",
      entity: { type: "key", id: "00000000" },
      units: [{ name: "key", content }],
    });
    const covering = chain.seal();
    chain.signer = lab.strangerSigner;
    chain.append({ action: "site.changed", entity: { type: "site", id: siteA } });
    const files = await lab.files(chain);
    files.set(checkpointName(1, 19), encodeUtf8(covering.text));
    const proof = await consistencyProof(19, 20, chain.subtree);
    files.set(consistencyName(19, 20), encodeUtf8(proof.map((hash) => `${toBase64(hash)}\n`).join("")));
    const signed = lab.cms.sign(finishBag(files, chain.tenant), lab.key);
    await bothSay("passed", { bytes: zipFiles(signed), trust });
  });

  it("deflated entries and RSA signatures pass", async () => {
    const { chain } = tellStory();
    const rsa = lab.cms.makeKey("rsa-signer", "RSA");
    const files = lab.cms.sign(await lab.files(chain), rsa);
    const trust = { ...lab.trustOf(chain), cmsSha256: [rsa.sha256] };
    const verdict = await bothSay("passed", { bytes: zipFiles(files, { deflate: true }), trust });
    assert.match(verdict.signer?.subject ?? "", /CN=rsa-signer/);
  });

  it("a bundle encrypted with age opens by passphrase and by identity, and with nothing else", async () => {
    const given = await lab.bundle(tellStory().chain);
    const encrypter = new Encrypter();
    encrypter.setScryptWorkFactor(10);
    encrypter.setPassphrase("correct horse");
    const sealed = { ...given, bytes: await encrypter.encrypt(given.bytes) };
    const opened = await bothSay("passed", { ...sealed, secrets: { passphrase: "correct horse" } });
    assert.equal(opened.bundle.encrypted, true);
    await assert.rejects(verifyGiven({ ...sealed, secrets: { passphrase: "wrong" } }), /does not open/);
    await assert.rejects(html.verify({ ...sealed, secrets: { passphrase: "wrong" } }), /does not open/);
    const identity = await generateIdentity();
    const second = new Encrypter();
    second.addRecipient(await identityToRecipient(identity));
    const bytes = await second.encrypt(given.bytes);
    await bothSay("passed", { ...given, bytes, secrets: { identities: [identity] } });
    const spoiled = bytes.slice();
    spoiled[spoiled.length >> 1]! ^= 1;
    await bothSay("failed", { ...given, bytes: spoiled, secrets: { identities: [identity] } });
  });

  function unpack(name: string, files: Files): string {
    const target = join(folder, name);
    for (const [path, bytes] of files) {
      mkdirSync(dirname(join(target, path)), { recursive: true });
      writeFileSync(join(target, path), bytes);
    }
    return target;
  }

  function run(...args: string[]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [html.nodeFile, ...args], { encoding: "utf8" });
    return { status, stdout, stderr };
  }

  it("the built Node file says the same of a ZIP and a folder, and exits 0, 1, 2 and 3", async () => {
    const { chain } = tellStory();
    const files = lab.cms.sign(await lab.files(chain), lab.key);
    const given = { bytes: zipFiles(files), trust: lab.trustOf(chain) };
    const zip = join(folder, "bundle.zip");
    const trust = join(folder, "trust.json");
    writeFileSync(zip, given.bytes);
    writeFileSync(trust, trustText(given));
    const verdict = await verifyGiven(given);
    const json = run(zip, "--trust", trust, "--json");
    assert.equal(json.status, 0, json.stderr);
    assert.deepEqual(JSON.parse(json.stdout), verdict);
    assert.match(run(zip, "--trust", trust).stdout, /PASSED/);
    assert.equal(run(zip).status, 3);
    const unpacked = unpack("unpacked", files);
    assert.equal(run(unpacked, "--trust", trust).status, 0);
    const shown = await html.verifyFolder(unpacked, given);
    assert.equal(shown.result, "passed");
    symlinkSync("README.txt", join(unpacked, "link.txt"));
    assert.equal(run(unpacked, "--trust", trust).status, 1);
    assert.equal(run(join(folder, "nothing.zip")).status, 2);
    assert.equal(run(zip, "--trust", zip).status, 2);
    assert.equal(run("--nonsense").status, 2);
  });

  it("openssl and sha256sum agree with the manifests", async () => {
    const { chain } = tellStory();
    const unpacked = unpack("tools", lab.cms.sign(await lab.files(chain), lab.key));
    const options = { cwd: unpacked, encoding: "utf8" as const };
    execFileSync("sha256sum", ["-c", "--quiet", "--strict", "tagmanifest-sha256.txt"], options);
    execFileSync("sha256sum", ["-c", "--quiet", "--strict", "manifest-sha256.txt"], options);
    const detached = ["-inform", "DER", "-in", "tagmanifest-sha256.txt.p7s", "-content", "tagmanifest-sha256.txt"];
    execFileSync(
      "openssl",
      ["cms", "-verify", "-binary", ...detached, "-CAfile", lab.key.certFile, "-purpose", "any"],
      {
        ...options,
        stdio: "pipe",
      },
    );
  });
});
