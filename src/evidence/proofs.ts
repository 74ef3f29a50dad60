import type { TenantTx } from "../audit/index.ts";
import { AppError } from "../platform/errors.ts";
import { checkpointName, consistencyName, names } from "../record/bag.ts";
import { toBase64, toHex } from "../record/bytes.ts";
import { outsideHashes } from "../record/outside.ts";
import { consistencyProof, type SubtreeRoot } from "../record/proof.ts";
import { CompactTree, leafHash } from "../record/tree.ts";
import type { Frame } from "./plan.ts";
import { selectRowHashes } from "./store-snapshot.ts";
import { type FinishedPart, openTextPart, type Workplace } from "./text-part.ts";

const pageRows = 10_000;

/** Roots of subtrees from the rows themselves, in this transaction's snapshot. */
export function subtreeRootsFromRows(tx: TenantTx): SubtreeRoot {
  return async (from, to) => {
    const tree = new CompactTree();
    while (from + tree.size < to) {
      const hashes = await selectRowHashes(tx, from + tree.size, to, pageRows);
      if (hashes.length === 0) {
        throw new AppError("chain-short", "rows are missing in the middle of the chain", {
          found: `no row ${from + tree.size + 1}`,
          expected: `rows ${from + 1} to ${to}`,
          remedy: "run 'ledgerstone verify', then restore the database",
        });
      }
      for (const hash of hashes) tree.add(leafHash(hash));
    }
    return tree.root();
  };
}

/** outside.txt, the checkpoint, and a consistency proof from each earlier size that the auditor holds. */
export async function writeProofs(
  workplace: Workplace,
  root: SubtreeRoot,
  { frame, carried, previous }: { frame: Frame; carried: number[]; previous: number[] },
): Promise<FinishedPart[]> {
  const { epoch, size, note } = frame.checkpoint;
  const outside = await openTextPart(workplace, names.outside);
  const indices = carried.map((seq) => seq - 1);
  for await (const hash of outsideHashes(size, indices, root)) await outside.write(`${toHex(hash)}\n`);
  const checkpoint = await openTextPart(workplace, checkpointName(epoch, size));
  await checkpoint.write(note);
  const parts = [await outside.finish(), await checkpoint.finish()];
  for (const old of [...new Set(previous)].filter((each) => each < size)) {
    const part = await openTextPart(workplace, consistencyName(old, size));
    for (const hash of await consistencyProof(old, size, root)) await part.write(`${toBase64(hash)}\n`);
    parts.push(await part.finish());
  }
  return parts;
}
