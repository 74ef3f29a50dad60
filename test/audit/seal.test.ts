import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  checkChains,
  consistencyFile,
  outsideLines,
  proveRow,
  rotateSigningKey,
  sealAll,
  sealChain,
  startSealer,
  verifyAll,
  withTenant,
} from "../../src/audit/index.ts";
import { fromBase64, fromHex, toHex } from "../../src/record/bytes.ts";
import { isSignedBy, parseCheckpoint } from "../../src/record/checkpoint.ts";
import { rebuildRoot } from "../../src/record/outside.ts";
import { verifyConsistency, verifyInclusion } from "../../src/record/proof.ts";
import { leafHash } from "../../src/record/tree.ts";
import { type ChainFixture, chainFixture, newSigner, principalOf } from "./chain-fixture.ts";

describe("sealing a chain", () => {
  let fixture: ChainFixture;
  before(async () => {
    fixture = await chainFixture();
  });
  after(() => fixture.stop());

  const latest = async (tenantId: string) =>
    parseCheckpoint(await readFile(join(fixture.witness, tenantId, "latest"), "utf8"));

  it("signs the root of all rows, stores it, and publishes it with its tiles", async () => {
    const tenantId = await fixture.newTenant();
    await fixture.append(tenantId, 300);
    assert.deepEqual(await sealChain(fixture.deps, tenantId), { ok: true, sealed: true, size: 301 });
    const signed = await latest(tenantId);
    assert.equal(signed.checkpoint.size, 301);
    assert.ok(isSignedBy(signed, fixture.signer.publicKey));
    const report = await fixture.verify(tenantId);
    assert.equal(report.ok, true, JSON.stringify(report.faults));
    assert.equal(report.root, toHex(signed.checkpoint.root));
    assert.equal(report.checkpoints, 1);
    assert.deepEqual(await readdir(join(fixture.witness, tenantId, "tile/0")), ["000", "001.p"]);
    assert.equal((await readFile(join(fixture.witness, tenantId, "tile/0/000"))).length, 8192);
  });

  it("does nothing when nothing grew, and seals an idle chain hourly", async () => {
    const tenantId = await fixture.newTenant();
    let now = Date.now();
    const deps = { ...fixture.deps, clock: () => now };
    assert.deepEqual(await sealChain(deps, tenantId), { ok: true, sealed: true, size: 1 });
    assert.deepEqual(await sealChain(deps, tenantId), { ok: true, sealed: false, size: 1 });
    now += 3_600_000;
    assert.deepEqual(await sealChain(deps, tenantId), { ok: true, sealed: true, size: 1 });
    assert.equal((await fixture.verify(tenantId)).checkpoints, 2);
  });

  it("publishes again what a crash kept from the witness", async () => {
    const tenantId = await fixture.newTenant();
    await sealChain(fixture.deps, tenantId);
    await rm(join(fixture.witness, tenantId), { recursive: true });
    assert.deepEqual(await sealChain(fixture.deps, tenantId), { ok: true, sealed: false, size: 1 });
    assert.equal((await latest(tenantId)).checkpoint.size, 1);
  });

  it("lets one sealer at a time have a tenant", async () => {
    const tenantId = await fixture.newTenant();
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => sealChain(fixture.deps, tenantId)));
    assert.equal(outcomes.filter((outcome) => outcome.ok && outcome.sealed).length, 1);
  });

  it("keeps an HMAC of each row's lines when a key is given", async () => {
    const tenantId = await fixture.newTenant();
    await fixture.append(tenantId, 3);
    const hmacKey = Buffer.alloc(32, 9);
    await sealChain({ ...fixture.deps, hmacKey }, tenantId);
    const { rows } = await fixture.database.superuser.query(
      `select h.hmac, ledger.row_lines(r.tenant_id, r.epoch, r.seq, r.prev, r.at, r.actor_type, r.actor_id, r.via, r.action,
              r.entity_type, r.entity_id, r.correlation, r.control, r.commits, r.units) as lines
         from ledger.rows r join ledger.row_hmacs h using (tenant_id, seq) where tenant_id = $1`,
      [tenantId],
    );
    assert.equal(rows.length, 4);
    for (const { hmac, lines } of rows) assert.deepEqual(hmac, createHmac("sha256", hmacKey).update(lines).digest());
  });

  it("proves rows, consistency and the outside of carried rows", async () => {
    const tenantId = await fixture.newTenant();
    await fixture.append(tenantId, 269);
    await sealChain(fixture.deps, tenantId);
    const old = (await latest(tenantId)).checkpoint;
    await fixture.append(tenantId, 330);
    await sealChain(fixture.deps, tenantId);
    const { checkpoint } = await latest(tenantId);
    await withTenant(fixture.pool, principalOf(tenantId), async (tx) => {
      for (const seq of [1, 256, 257, 600]) {
        const proof = await proveRow(tx, seq);
        const claim = { index: seq - 1, size: 600, leaf: fromBase64(proof.leaf), root: checkpoint.root };
        assert.ok(verifyInclusion(claim, proof.path.map(fromBase64)));
      }
      await assert.rejects(proveRow(tx, 601), { code: "not-sealed" });
      const lines = (await consistencyFile(tx, 270, 600)).split("\n").slice(0, -1);
      const claim = { oldSize: 270, newSize: 600, oldRoot: old.root, newRoot: checkpoint.root };
      assert.ok(verifyConsistency(claim, lines.map(fromBase64)));
      const carried = [1, 5, 300, 600];
      const outside: Uint8Array[] = [];
      for await (const line of outsideLines(tx, 600, carried)) outside.push(fromHex(line.trim()));
      const { rows } = await tx.query<{ row_hash: Buffer }>(
        "select row_hash from ledger.rows where seq = any($1::bigint[]) order by seq",
        [carried],
      );
      let at = 0;
      const rebuilt = rebuildRoot(600, {
        peekCarried: () => (at < carried.length ? carried[at]! - 1 : undefined),
        takeCarried: () => leafHash(rows[at++]!.row_hash),
        takeOutside: () => outside.shift(),
      });
      assert.ok(rebuilt.ok && toHex(rebuilt.root) === toHex(checkpoint.root));
    });
  });

  it("stops for one tenant only, when its chain is not what was witnessed", async () => {
    const good = await fixture.newTenant();
    await sealAll(fixture.deps);
    const stranger = { ...fixture.deps, signers: [newSigner()] };
    const forged = await fixture.newTenant();
    await sealChain(stranger, forged);
    await fixture.append(good, 1);
    const outcomes = await sealAll(fixture.deps);
    assert.deepEqual(outcomes.get(good), { ok: true, sealed: true, size: 2 });
    const refused = outcomes.get(forged);
    assert.ok(refused && !refused.ok && /signed by a stranger/.test(refused.found), JSON.stringify(refused));
    await rm(join(fixture.witness, forged), { recursive: true });
  });

  it("rotates the key: the old one covers the rotation's row, then the new one signs", async () => {
    const tenantId = await fixture.newTenant();
    await sealChain(fixture.deps, tenantId);
    const next = newSigner();
    const { seq, sealed } = await rotateSigningKey(fixture.deps, principalOf(tenantId), next);
    assert.equal(seq, 2);
    assert.deepEqual(sealed, { ok: true, sealed: true, size: 2 });
    assert.ok(isSignedBy(await latest(tenantId), fixture.signer.publicKey));
    await fixture.append(tenantId, 1);
    const refused = await sealChain(fixture.deps, tenantId);
    assert.ok(!refused.ok && /did not rotate to/.test(refused.found), JSON.stringify(refused));
    assert.deepEqual(await sealChain({ ...fixture.deps, signers: [next] }, tenantId), {
      ok: true,
      sealed: true,
      size: 3,
    });
    assert.ok(isSignedBy(await latest(tenantId), next.publicKey));
    const report = await fixture.verify(tenantId, { publicKeys: [next.publicKey] });
    assert.equal(report.ok, true, JSON.stringify(report.faults));
    await rm(join(fixture.witness, tenantId), { recursive: true });
  });

  it("signs nothing while a witness directory is not mounted", async () => {
    const deps = { ...fixture.deps, witnessDirectories: [fixture.witness, `${fixture.witness}/unmounted`] };
    await assert.rejects(sealAll(deps), { code: "witness" });
  });

  it("seals on its own and stops when told", async () => {
    const tenantId = await fixture.newTenant();
    let heard: () => void = () => {};
    const sealed = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const sealer = await startSealer({ ...fixture.deps, seconds: 1, onOutcome: (id) => id === tenantId && heard() });
    await sealed;
    await sealer.stop();
    assert.equal((await latest(tenantId)).checkpoint.size, 1);
  });

  it("passes the boot check, and verifies in parallel by tenant", async () => {
    const { pool, appliance, witness, signer } = fixture;
    const tenants = await readdir(witness);
    const scope = { pool, appliance, publicKeys: [signer.publicKey], witnessDirectories: [witness] };
    assert.equal((await checkChains(scope)).tenants, tenants.length);
    const reports = await verifyAll(pool, { ...scope, tenants, concurrency: 4 });
    assert.deepEqual(
      reports.filter((report) => !report.ok),
      [],
    );
  });
});
