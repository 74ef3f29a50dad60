import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  batchCommit,
  batchContent,
  parseBatchContent,
  rootOfHashes,
  siteLine,
  siteRoot,
} from "../../src/record/batch.ts";
import { encodeUtf8, fromHex, toHex } from "../../src/record/bytes.ts";
import { type EventRecord, eventLeaf, eventLines, parseEvent } from "../../src/record/event.ts";
import { outsideHashes, rebuildRoot } from "../../src/record/outside.ts";
import { consistencyProof, verifyConsistency } from "../../src/record/proof.ts";
import { parseRow, type Row, rowHash, rowLines } from "../../src/record/row.ts";
import { parseTombstoneList, tombstoneCommit, tombstoneList } from "../../src/record/tombstone.ts";
import { leafHash, rootOfLeaves } from "../../src/record/tree.ts";
import { genesisHash, unitHash } from "../../src/record/unit.ts";

const vectors = JSON.parse(readFileSync(new URL("../ledger-vectors.json", import.meta.url), "utf8"));
type Named = [string, string];
const named = (list: Named[]) => list.map(([name, hash]) => ({ name, hash }));
const pair = ([type, id]: [string, string]) => ({ type, id });

describe("the ledger's test vectors", () => {
  const rowLeaves: Uint8Array[] = vectors.rows.map((row: { hash: string }) => leafHash(fromHex(row.hash)));
  const byteLeaves = Array.from({ length: 7 }, (_, i) => leafHash(Uint8Array.of(i)));
  const subtree = (leaves: Uint8Array[]) => (from: number, to: number) => rootOfLeaves(leaves.slice(from, to));

  it("genesis", () => assert.equal(genesisHash(vectors.genesis.tenant), vectors.genesis.hash));

  it("units, also with text beyond ASCII", () => {
    for (const unit of [...vectors.units, vectors.batch.unit, vectors.tombstone.unit]) {
      assert.equal(unitHash(unit.name, fromHex(unit.salt), unit.content), unit.hash);
    }
  });

  it("events, their openings and leaves", () => {
    for (const vector of vectors.events) {
      const event: EventRecord = { ...vector, source: pair(vector.source), units: named(vector.units) };
      assert.equal(eventLines(event), vector.lines);
      assert.equal(toHex(eventLeaf(vector.lines)), vector.leaf);
      assert.equal(eventLines(parseEvent(vector.lines)), vector.lines);
      for (const opening of vector.openings) {
        const hash = event.units.find((unit) => unit.name === opening.unit)?.hash;
        assert.equal(unitHash(opening.unit, fromHex(opening.salt), opening.content), hash);
      }
    }
  });

  it("site roots, site lines and the batch commit", () => {
    const batch = parseBatchContent(vectors.batch.unit.content);
    assert.deepEqual(batch.sites.map(siteLine), vectors.batch.site_lines);
    assert.equal(batchContent(batch), vectors.batch.unit.content);
    assert.equal(batchCommit(batch.sites), vectors.batch.commit);
    for (const site of batch.sites) {
      const events = vectors.events.filter((event: { site: string }) => event.site === site.site);
      assert.equal(siteRoot(events.map((event: { lines: string }) => eventLeaf(event.lines))), site.root);
    }
  });

  it("the tombstone's list, its commit and the roots in its lines", () => {
    const { content } = vectors.tombstone.unit;
    const lines = parseTombstoneList(content);
    assert.equal(tombstoneList(lines), content);
    assert.equal(tombstoneCommit(content), vectors.tombstone.commit);
    const [siteDay, imageDay] = lines;
    assert.ok(siteDay?.kind === "site-day" && imageDay?.kind === "image-day");
    assert.equal(rootOfHashes([parseBatchContent(vectors.batch.unit.content).sites[0]!.root]), siteDay.root);
    const images = vectors.events[0].units.slice(1).map((unit: Named) => unit[1]);
    assert.equal(rootOfHashes(images), imageDay.root);
  });

  it("rows and their links", () => {
    let prev = vectors.genesis.hash;
    for (const vector of vectors.rows) {
      const { lines, hash, ...fields } = vector;
      const row: Row = {
        ...fields,
        actor: pair(vector.actor),
        entity: pair(vector.entity),
        commits: named(vector.commits),
        units: named(vector.units),
      };
      assert.equal(rowLines(row), lines);
      assert.equal(rowHash(lines), hash);
      assert.deepEqual(parseRow(lines), row);
      assert.equal(row.prev, prev);
      prev = hash;
    }
  });

  it("roots and consistency proofs, of rows and of RFC 6962's own example", async () => {
    for (const [leaves, want] of [
      [rowLeaves, vectors.tree],
      [byteLeaves, vectors.rfc6962],
    ] as const) {
      for (const [size, root] of Object.entries(want.roots)) {
        assert.equal(toHex(rootOfLeaves(leaves.slice(0, Number(size)))), root);
      }
      for (const [sizes, hashes] of Object.entries(want.consistency)) {
        const [oldSize = 0, newSize = 0] = sizes.split("-").map(Number);
        const proof = await consistencyProof(oldSize, newSize, subtree(leaves));
        assert.deepEqual(proof.map(toHex), hashes, sizes);
        const claim = {
          oldSize,
          newSize,
          oldRoot: fromHex(want.roots[oldSize]),
          newRoot: fromHex(want.roots[newSize]),
        };
        assert.ok(verifyConsistency(claim, proof));
      }
    }
  });

  it("outside hashes of carried rows 1, 4, 5 of 5, and the root they rebuild", async () => {
    const hashes: Uint8Array[] = [];
    for await (const hash of outsideHashes(5, [0, 3, 4], subtree(rowLeaves))) hashes.push(hash);
    assert.deepEqual(hashes.map(toHex), vectors.tree.outside["carried rows 1,4,5 of 5"]);
    const carried = [0, 3, 4];
    const rebuilt = rebuildRoot(5, {
      peekCarried: () => carried[0],
      takeCarried: () => rowLeaves[carried.shift()!]!,
      takeOutside: () => hashes.shift(),
    });
    assert.ok(rebuilt.ok && toHex(rebuilt.root) === vectors.tree.roots[5]);
  });

  it("unit hash of bytes equals that of their text", () => {
    const salt = fromHex(vectors.units[1].salt);
    assert.equal(unitHash("context", salt, encodeUtf8(vectors.units[1].content)), vectors.units[1].hash);
  });
});
