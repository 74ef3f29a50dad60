import { AppError } from "../platform/errors.ts";
import { toBase64, toHex } from "../record/bytes.ts";
import { outsideHashes } from "../record/outside.ts";
import { chainSubtrees, proveConsistency, proveInclusion, readLeaves } from "./chain-tree.ts";
import { newestCheckpoint, readHead } from "./store-chain.ts";
import type { TenantTx } from "./with-tenant.ts";

export type RowProof = { seq: number; leaf: string; size: number; root: string; path: string[]; checkpoint: string };

async function requireSize(tx: TenantTx, size: number): Promise<void> {
  const head = await readHead(tx, tx.principal.tenantId);
  if (size < 1 || size > (head?.seq ?? 0)) {
    throw new AppError("invalid", `no tree of ${size} rows`, {
      found: `a chain of ${head?.seq ?? 0}`,
      expected: "a size within it",
    });
  }
}

/** That row `seq` stands under the newest checkpoint. Hashes are base64, as in a note. */
export async function proveRow(tx: TenantTx, seq: number): Promise<RowProof> {
  const { tenantId } = tx.principal;
  const checkpoint = await newestCheckpoint(tx, tenantId);
  if (!checkpoint || seq < 1 || seq > checkpoint.size) {
    throw new AppError("not-sealed", `row ${seq} stands under no checkpoint`, {
      found: checkpoint ? `checkpoint of ${checkpoint.size} rows` : "no checkpoint",
      remedy: "wait for the next checkpoint, or run 'ledgerstone seal'",
    });
  }
  const path = await proveInclusion(tx, tenantId, seq, checkpoint.size);
  const leaf = await readLeaves(tx, tenantId, seq, seq);
  const { size, root, note } = checkpoint;
  return { seq, leaf: toBase64(leaf), size, root: toBase64(root), path: path.map(toBase64), checkpoint: note };
}

/** Lines of `consistency-<a>-<b>.txt`: base64, one hash a line; empty when the sizes are equal. */
export async function consistencyFile(tx: TenantTx, oldSize: number, newSize: number): Promise<string> {
  await requireSize(tx, newSize);
  const proof = await proveConsistency(tx, tx.principal.tenantId, oldSize, newSize);
  return proof.map((hash) => `${toBase64(hash)}\n`).join("");
}

/**
 * Lines of `outside.txt` for the carried rows (seq, strictly ascending): the subtrees of the tree of `size` that hold none of
 * them, in the order of a walk from the root, left first. Hex, one a line with its LF.
 */
export async function* outsideLines(tx: TenantTx, size: number, carried: readonly number[]): AsyncGenerator<string> {
  await requireSize(tx, size);
  const indices = carried.map((seq) => seq - 1);
  const subtrees = chainSubtrees(tx, tx.principal.tenantId, size);
  for await (const hash of outsideHashes(size, indices, subtrees)) yield `${toHex(hash)}\n`;
}
