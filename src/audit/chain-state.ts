import type { Pool } from "../platform/db.ts";
import { newestCheckpoint, readHead } from "./store-chain.ts";
import { isStored } from "./store-checkpoints.ts";
import { type Principal, type TenantTx, withTenant } from "./with-tenant.ts";
import { readWitnessed, type WitnessedCheckpoint } from "./witness.ts";

export type WitnessState = {
  /** agrees: has the newest checkpoint. behind: has an earlier one of this chain. differs: has one that this chain has not. */
  state: "agrees" | "behind" | "differs" | "empty" | "unreadable";
  size: number | null;
  sealedAt: string | null;
};

export type ChainState = {
  last: { epoch: number; seq: number; at: string };
  sealed: { epoch: number; size: number; at: string } | null;
  /** In the order of the configuration. */
  witnesses: WitnessState[];
};

type Kept = WitnessedCheckpoint | "empty" | "unreadable";

/**
 * Where the tenant's chain ends, how far it is sealed, and whether each witness says the same. It compares what was sealed; whether the
 * rows are what was sealed is for `verifyChain`.
 */
export async function readChainState(
  pool: Pool,
  principal: Principal,
  witnessDirectories: readonly string[],
): Promise<ChainState> {
  // Before the database: a checkpoint is committed first and witnessed after, so that no witness is ahead of what is read then.
  const kept = await Promise.all(witnessDirectories.map((directory) => readKept(directory, principal.tenantId)));
  return withTenant(pool, principal, async (tx) => {
    const head = await readHead(tx, principal.tenantId);
    if (!head) throw new Error(`tenant ${principal.tenantId} has no chain`);
    const newest = await newestCheckpoint(tx, principal.tenantId);
    const witnesses: WitnessState[] = [];
    for (const each of kept) witnesses.push(await compare(tx, each, newest?.note));
    return {
      last: { epoch: head.epoch, seq: head.seq, at: head.at },
      sealed: newest ? { epoch: newest.epoch, size: newest.size, at: newest.sealed } : null,
      witnesses,
    };
  });
}

// A witness that cannot be read is a state to show, not a reason to show nothing.
async function readKept(directory: string, tenantId: string): Promise<Kept> {
  try {
    return (await readWitnessed(directory, tenantId)) ?? "empty";
  } catch {
    return "unreadable";
  }
}

async function compare(tx: TenantTx, kept: Kept, newest: string | undefined): Promise<WitnessState> {
  if (kept === "empty" || kept === "unreadable") return { state: kept, size: null, sealedAt: null };
  const { size, sealed } = kept.checkpoint;
  const state = kept.text === newest ? "agrees" : (await isStored(tx, kept)) ? "behind" : "differs";
  return { state, size, sealedAt: sealed };
}
