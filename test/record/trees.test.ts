import assert from "node:assert/strict";
import fc from "fast-check";
import { toHex } from "../../src/record/bytes.ts";
import { outsideRanges, rebuildRoot } from "../../src/record/outside.ts";
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from "../../src/record/proof.ts";
import { newTiles, subtreeRootFromTiles, type TileId } from "../../src/record/tiles.ts";
import { CompactTree, leafHash, rootOfLeaves } from "../../src/record/tree.ts";

describe("trees", () => {
  const leaves = Array.from({ length: 700 }, (_, i) => leafHash(Uint8Array.of(i >> 8, i & 255)));
  const subtree = (from: number, to: number) => rootOfLeaves(leaves.slice(from, to));
  const size = fc.integer({ min: 1, max: leaves.length });

  it("every inclusion proof verifies, and for no other leaf, index or root", async () => {
    await fc.assert(
      fc.asyncProperty(size, fc.nat(), async (n, at) => {
        const index = at % n;
        const proof = await inclusionProof(index, n, subtree);
        const claim = { index, size: n, leaf: leaves[index]!, root: subtree(0, n) };
        assert.ok(verifyInclusion(claim, proof));
        assert.ok(!verifyInclusion({ ...claim, leaf: leaves[(index + 1) % leaves.length]! }, proof));
        if (n > 1) assert.ok(!verifyInclusion({ ...claim, index: (index + 1) % n }, proof));
        if (proof.length > 0) assert.ok(!verifyInclusion(claim, proof.slice(1)));
      }),
    );
  });

  it("every consistency proof verifies, and for no other tree", async () => {
    await fc.assert(
      fc.asyncProperty(size, size, async (a, b) => {
        const [oldSize, newSize] = [Math.min(a, b), Math.max(a, b)];
        const proof = await consistencyProof(oldSize, newSize, subtree);
        const claim = { oldSize, newSize, oldRoot: subtree(0, oldSize), newRoot: subtree(0, newSize) };
        assert.ok(verifyConsistency(claim, proof));
        assert.ok(!verifyConsistency({ ...claim, oldRoot: leaves[0]!.map((byte) => byte ^ 1) }, proof));
        assert.ok(!verifyConsistency({ ...claim, newRoot: leaves[0]!.map((byte) => byte ^ 1) }, proof));
        assert.ok(!verifyConsistency(claim, [...proof, leaves[0]!]));
      }),
    );
  });

  it("a compact tree grows to the same roots, also when taken up again", () => {
    const tree = new CompactTree();
    for (const [i, leaf] of leaves.slice(0, 300).entries()) {
      tree.add(leaf);
      if (i % 37 === 0) assert.deepEqual(CompactTree.resume(tree.size, [...tree.nodes]).root(), subtree(0, i + 1));
    }
  });

  it("carried leaves and outside hashes rebuild the root, each used exactly once", () => {
    fc.assert(
      fc.property(size, fc.uniqueArray(fc.nat(699), { maxLength: 30 }), (n, picks) => {
        const carried = picks.filter((index) => index < n).sort((a, b) => a - b);
        const outside = [...outsideRanges(n, carried)].map(({ from, to }) => subtree(from, to));
        const rebuild = (hashes: Uint8Array[]) => {
          const [rows, rest] = [[...carried], [...hashes]];
          return rebuildRoot(n, {
            peekCarried: () => rows[0],
            takeCarried: () => leaves[rows.shift()!]!,
            takeOutside: () => rest.shift(),
          });
        };
        assert.deepEqual(rebuild(outside), { ok: true, root: subtree(0, n) });
        assert.equal(rebuild([...outside, leaves[0]!]).ok, false);
        if (outside.length > 0) assert.equal(rebuild(outside.slice(1)).ok, false);
      }),
    );
  });

  it("tiles answer every subtree that a proof asks for", async () => {
    const stored = new Map<string, Uint8Array>();
    const write = (tile: TileId) => {
      const span = 256 ** tile.level;
      const hashes = Array.from({ length: tile.width }, (_, i) =>
        subtree((tile.index * 256 + i) * span, (tile.index * 256 + i + 1) * span),
      );
      stored.set(`${tile.level}/${tile.index}`, Buffer.concat(hashes));
    };
    for (const tile of newTiles(0, 600)) write(tile);
    for (const tile of newTiles(600, 700)) write(tile);
    const root = subtreeRootFromTiles(700, ({ level, index }) => stored.get(`${level}/${index}`)!);
    const proof = await consistencyProof(600, 700, root);
    assert.ok(
      verifyConsistency({ oldSize: 600, newSize: 700, oldRoot: subtree(0, 600), newRoot: subtree(0, 700) }, proof),
    );
    const proofOf = async (source: typeof root) => (await inclusionProof(123, 700, source)).map(toHex);
    assert.deepEqual(await proofOf(root), await proofOf(async (from, to) => subtree(from, to)));
  });
});
