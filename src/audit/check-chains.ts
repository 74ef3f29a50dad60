import { type Pool, withTransaction } from "../platform/db.ts";
import { AppError } from "../platform/errors.ts";
import { equalBytes, toHex } from "../record/bytes.ts";
import { chainRoot, readLeaves } from "./chain-tree.ts";
import { trustedKeys } from "./key-schedule.ts";
import { RowWalker, walkFromGenesis } from "./row-walker.ts";
import { CheckpointKeys } from "./signing-key.ts";
import { bindTenant } from "./store.ts";
import { freezeSnapshot, readHead, readTile, readWalkState } from "./store-chain.ts";
import { readRotations } from "./store-keys.ts";
import { walkRange } from "./walk-range.ts";
import { readWitnessed, type WitnessedCheckpoint, witnessedTenants } from "./witness.ts";

export type CheckDeps = {
  pool: Pool;
  appliance: string;
  publicKeys: readonly Uint8Array[];
  witnessDirectories: readonly string[];
};

const tailRows = 4096;
const remedy =
  "restore the database to a state that holds these rows; with none, open a new epoch with 'ledgerstone restore'";

function refuse(checkpoint: WitnessedCheckpoint["checkpoint"], found: string, cause?: string): AppError {
  const { tenant, epoch, size, root } = checkpoint;
  return new AppError(
    "chain-refused",
    `tenant ${tenant}: the chain is not the one that was witnessed${cause ? ` (${cause})` : ""}`,
    {
      found,
      expected: `epoch ${epoch}, ${size} rows, root ${toHex(root)}, as witnessed at ${checkpoint.sealed}`,
      remedy,
    },
  );
}

/**
 * At start: each tenant that a witness directory knows must have its chain, not uninitialised, shorter or different. The root
 * is recomputed from tiles and the rows after them, and the newest 4,096 rows from their columns; `verifyChain` checks all rows.
 * @throws AppError `chain-refused` naming the tenant, both heads and the remedy.
 */
export async function checkChains(
  deps: CheckDeps,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<{ tenants: number }> {
  const known = new Map<string, string[]>();
  for (const directory of deps.witnessDirectories) {
    for (const tenant of await witnessedTenants(directory))
      known.set(tenant, [...(known.get(tenant) ?? []), directory]);
  }
  let done = 0;
  for (const [tenantId, directories] of known) {
    for (const directory of directories) {
      const witnessed = await readWitnessed(directory, tenantId);
      if (witnessed) await checkChain(deps, tenantId, witnessed);
    }
    onProgress(++done, known.size);
  }
  return { tenants: known.size };
}

async function checkChain(
  deps: CheckDeps,
  tenantId: string,
  { checkpoint, note, directory }: WitnessedCheckpoint,
): Promise<void> {
  if (checkpoint.tenant !== tenantId || checkpoint.appliance !== deps.appliance) {
    throw refuse(checkpoint, `a checkpoint of ${checkpoint.appliance}/${checkpoint.tenant} in ${directory}`);
  }
  await withTransaction(deps.pool, async (tx) => {
    await freezeSnapshot(tx);
    await bindTenant(tx, tenantId, "all");
    const keys = new CheckpointKeys(trustedKeys(await readRotations(tx, tenantId), deps.publicKeys));
    if (!keys.signerOf({ checkpoint, note })) {
      throw refuse(
        checkpoint,
        `its checkpoint in ${directory} is signed by no key of this appliance`,
        "wrong signing key or a forged witness",
      );
    }
    const head = await readHead(tx, tenantId);
    if (!head) throw refuse(checkpoint, "no chain head in the database", "missing");
    if (head.seq < 1) throw refuse(checkpoint, "an empty chain", "uninitialised");
    const heads = `epoch ${head.epoch}, ${head.seq} rows, head ${head.hash}`;
    if (head.epoch < checkpoint.epoch) throw refuse(checkpoint, heads, "an earlier epoch");
    if (head.epoch > checkpoint.epoch) return;
    if (head.seq < checkpoint.size) throw refuse(checkpoint, heads, "shorter");
    const fault = await walkTail({ tx, tenantId }, head);
    if (fault) throw refuse(checkpoint, `${heads}; ${fault}`, "altered");
    const root = await chainRoot(tx, tenantId, checkpoint.size).catch((error: Error) => error);
    if (root instanceof Error) throw refuse(checkpoint, `${heads}; ${root.message}`, "rows missing");
    if (!equalBytes(root, checkpoint.root)) {
      throw refuse(checkpoint, `${heads}, root ${toHex(root)} over the first ${checkpoint.size}`, "different");
    }
  });
}

type Scope = { tx: Parameters<typeof readHead>[0]; tenantId: string };

/** The newest rows from their columns, against head and tiles. Says what is wrong, or nothing. */
async function walkTail({ tx, tenantId }: Scope, head: { seq: number; hash: string }): Promise<string | undefined> {
  const first = Math.max(1, Math.floor((head.seq - tailRows) / 256) * 256 + 1);
  const start = first === 1 ? walkFromGenesis(tenantId) : await readWalkState(tx, tenantId, first - 1);
  if (!start) return `no row ${first - 1}`;
  let said: string | undefined;
  const walker = new RowWalker(tenantId, start, (fault) => {
    said ??= `row ${fault.seq}: ${fault.check}: found ${fault.found}, expected ${fault.expected}`;
  });
  await walkRange(tx, walker, { from: first, to: head.seq }, () => {});
  if (said) return said;
  if (walker.state.seq !== head.seq) return `no row ${walker.state.seq + 1}`;
  if (walker.state.hash !== head.hash) return `row ${head.seq} is not the head's`;
  for (let index = (first - 1) / 256; (index + 1) * 256 <= head.seq; index++) {
    const tile = await readTile(tx, tenantId, 0, index);
    if (!tile) continue;
    const leaves = await readLeaves(tx, tenantId, index * 256 + 1, index * 256 + 256);
    const at = leaves.findIndex((byte, i) => byte !== tile[i]);
    if (at >= 0) return `row ${index * 256 + 1 + Math.floor(at / 32)} is not the one that its tile holds`;
  }
  return undefined;
}
