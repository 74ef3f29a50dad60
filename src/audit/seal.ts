import { createHmac } from "node:crypto";
import type { Clock } from "../platform/clock.ts";
import { type Pool, type Queryable, withConnection, withTransaction } from "../platform/db.ts";
import type { Logger } from "../platform/logger.ts";
import { toHex } from "../record/bytes.ts";
import { parseCheckpoint, signCheckpoint } from "../record/checkpoint.ts";
import type { Ed25519Signer } from "../record/ed25519.ts";
import { verifyConsistency } from "../record/proof.ts";
import { tileWidth } from "../record/tiles.ts";
import { timestampFromMillis } from "../record/time.ts";
import { chainRoot, chainTiles, type KnownTile, proveConsistency } from "./chain-tree.ts";
import { keyInUse, trustedKeys } from "./key-schedule.ts";
import { publish } from "./publish.ts";
import { type Fault, RowWalker, type WalkState, walkFromGenesis } from "./row-walker.ts";
import { CheckpointKeys } from "./signing-key.ts";
import { bindTenant } from "./store.ts";
import {
  type ChainHead,
  countTiles,
  insertCheckpoint,
  insertHmacs,
  insertTiles,
  lastHmacSeq,
  newestCheckpoint,
  readHead,
  readRowHashes,
  readWalkState,
  releaseSealLock,
  type StoredCheckpoint,
  trySealLock,
} from "./store-chain.ts";
import { readRotations } from "./store-keys.ts";
import { TileBuilder } from "./tile-builder.ts";
import { walkRange } from "./walk-range.ts";
import { readWitnessed, type WitnessedCheckpoint } from "./witness.ts";

export type SealDeps = {
  pool: Pool;
  log: Logger;
  clock: Clock;
  appliance: string;
  /** The key in use last; before it, during a rotation, the one that it follows. */
  signers: readonly Ed25519Signer[];
  witnessDirectories: readonly string[];
  /** AUDIT_SIGNING_KEY_FILE: an HMAC over each row's lines. */
  hmacKey?: Buffer;
  /** An idle chain is sealed again after this long. */
  idleSeconds?: number;
};

/** `found` and `expected` say why nothing was signed. `first` names the first row at fault, when one can be named. */
export type SealOutcome =
  | { ok: true; sealed: boolean; size: number }
  | { ok: false; found: string; expected: string; first?: number };

class Stop extends Error {
  readonly found: string;
  readonly expected: string;
  readonly first: number | undefined;
  constructor(found: string, expected: string, first?: number) {
    super(`found ${found}, expected ${expected}`);
    this.found = found;
    this.expected = expected;
    this.first = first;
  }
}

/**
 * Seals one chain: walks the rows since its last checkpoint, extends the tiles, proves consistency with what each witness keeps,
 * signs, commits, then publishes. A crash between the last two is made good by the next call.
 */
export async function sealChain(deps: SealDeps, tenantId: string): Promise<SealOutcome> {
  // It idles while the chain is walked, and holds the lock.
  return withConnection(deps.pool, async (session, condemn) => {
    if (!(await trySealLock(session as Queryable, tenantId))) return { ok: true, sealed: false, size: 0 };
    try {
      const sealed = await withTransaction(deps.pool, async (tx) => {
        await bindTenant(tx, tenantId, "all");
        return extend(deps, tx, tenantId);
      });
      // Publish only after commit: a witness must never keep a head that the database lacks.
      for (const directory of deps.witnessDirectories) await publish(deps.pool, tenantId, directory, sealed);
      return { ok: true, sealed: sealed.isNew, size: sealed.checkpoint.size };
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      const { found, expected, first } = error;
      return { ok: false, found, expected, ...(first === undefined ? {} : { first }) };
    } finally {
      await releaseSealLock(session as Queryable, tenantId).catch(condemn);
    }
  });
}

async function extend(
  deps: SealDeps,
  tx: Queryable,
  tenantId: string,
): Promise<{ isNew: boolean; checkpoint: StoredCheckpoint; edge: KnownTile[] }> {
  const head = await readHead(tx, tenantId);
  if (!head || head.seq < 1) throw new Stop("no chain head", "an opened chain");
  const previous = await newestCheckpoint(tx, tenantId);
  const rotations = await readRotations(tx, tenantId);
  const keys = new CheckpointKeys(
    trustedKeys(
      rotations,
      deps.signers.map((signer) => signer.publicKey),
    ),
  );
  const witnessed = await readAllWitnessed(deps, tenantId);
  for (const witness of witnessed) requireWithin(witness, head, keys);
  if (previous && previous.size > head.seq)
    throw new Stop(`a head of ${head.seq} rows`, `at least ${previous.size}, which are sealed`);
  const last = previous ? keys.signerOf(parseCheckpoint(previous.note)) : undefined;
  if (previous && !last)
    throw new Stop("a newest checkpoint by a key that is not configured", "the key of keys.signingKeyFile");
  const now = timestampFromMillis(deps.clock());
  if (previous && previous.size === head.seq && !isIdleLong(deps, previous)) {
    for (const witness of witnessed) await requireConsistent(tx, tenantId, witness, previous);
    return { isNew: false, checkpoint: previous, edge: [] };
  }
  const signer = signerInUse(deps, keyInUse(rotations, previous?.size ?? 0) ?? last);
  const edge = await walkNewRows(deps, tx, tenantId, { from: previous?.size ?? 0, head });
  const root = await chainRoot(tx, tenantId, head.seq, edge);
  const sealed = laterOf(now, head.at);
  const { appliance } = deps;
  const note = signCheckpoint({ appliance, tenant: tenantId, epoch: head.epoch, size: head.seq, root, sealed }, signer);
  const checkpoint = { epoch: head.epoch, size: head.seq, root: Buffer.from(root), sealed, note };
  for (const witness of witnessed) await requireConsistent(tx, tenantId, witness, checkpoint, edge);
  await insertCheckpoint(tx, tenantId, checkpoint);
  return { isNew: true, checkpoint, edge };
}

// Timestamps have one width: bytewise order is the order in time.
const laterOf = (a: string, b: string): string => [a, b].sort()[1]!;

function isIdleLong(deps: SealDeps, previous: StoredCheckpoint): boolean {
  return deps.clock() - Date.parse(`${previous.sealed.slice(0, 23)}Z`) >= (deps.idleSeconds ?? 3600) * 1000;
}

async function readAllWitnessed(deps: SealDeps, tenantId: string): Promise<WitnessedCheckpoint[]> {
  const found = await Promise.all(deps.witnessDirectories.map((directory) => readWitnessed(directory, tenantId)));
  return found.filter((witness) => witness !== undefined);
}

function requireWithin(
  { checkpoint, note, directory }: WitnessedCheckpoint,
  head: ChainHead,
  keys: CheckpointKeys,
): void {
  if (!keys.signerOf({ checkpoint, note })) {
    throw new Stop(
      `a checkpoint in ${directory} signed by a stranger`,
      "one by the appliance's key, or one it rotated from",
    );
  }
  if (checkpoint.epoch > head.epoch)
    throw new Stop(`epoch ${head.epoch}`, `epoch ${checkpoint.epoch}, which was witnessed`);
  if (checkpoint.epoch === head.epoch && checkpoint.size > head.seq) {
    throw new Stop(`a head of ${head.seq} rows`, `at least ${checkpoint.size}, which were witnessed`, head.seq + 1);
  }
}

/** The consistency proof of RFC 6962 between what a witness keeps and what is about to be signed. */
async function requireConsistent(
  tx: Queryable,
  tenantId: string,
  { checkpoint: old, directory }: WitnessedCheckpoint,
  next: { epoch: number; size: number; root: Uint8Array },
  edge: readonly KnownTile[] = [],
): Promise<void> {
  // Across epochs rows were lost on purpose, and the row that opened the epoch says which.
  if (old.epoch !== next.epoch) return;
  const proof = await proveConsistency(tx, tenantId, old.size, next.size, edge);
  const claim = { oldSize: old.size, newSize: next.size, oldRoot: old.root, newRoot: next.root };
  if (!verifyConsistency(claim, proof)) {
    throw new Stop(`rows 1 to ${old.size} with another root`, `root ${toHex(old.root)}, witnessed in ${directory}`);
  }
}

function signerInUse(deps: SealDeps, inUse: string | undefined): Ed25519Signer {
  const wanted = inUse ?? toHex(deps.signers.at(-1)!.publicKey);
  const signer = deps.signers.find(({ publicKey }) => toHex(publicKey) === wanted);
  if (!signer) throw new Stop("a configured signing key that the chain did not rotate to", `the key ${wanted}`);
  return signer;
}

/** Walks the rows after `from` and stores the tiles that they fill. Returns the partial tiles at the end of each level. */
async function walkNewRows(
  deps: SealDeps,
  tx: Queryable,
  tenantId: string,
  { from, head }: { from: number; head: ChainHead },
): Promise<KnownTile[]> {
  const start: WalkState | undefined = from === 0 ? walkFromGenesis(tenantId) : await readWalkState(tx, tenantId, from);
  if (!start) throw new Stop(`no row ${from}`, "the row of the last checkpoint", from);
  const walker = new RowWalker(tenantId, start, (fault: Fault) => {
    throw new Stop(`row ${fault.seq}: ${fault.check} ${fault.found}`, fault.expected, fault.seq);
  });
  await fillTiles(tx, tenantId, from);
  const hashes = await readRowHashes(tx, tenantId, from - (from % tileWidth) + 1, from);
  const tiles = await TileBuilder.resume(from, hashes, chainTiles(tx, tenantId));
  const macFrom = deps.hmacKey ? (await lastHmacSeq(tx, tenantId)) + 1 : 0;
  let macs: Buffer[] = [];
  let firstMac = 0;
  await walkRange(
    tx,
    walker,
    { from: from + 1, to: head.seq },
    (row) => {
      tiles.take(row);
      if (!deps.hmacKey || row.seq < macFrom) return;
      if (macs.length === 0) firstMac = row.seq;
      macs.push(createHmac("sha256", deps.hmacKey).update(row.lines).digest());
    },
    {
      after: async () => {
        const full = tiles.takeFull();
        if (full.length > 0) await insertTiles(tx, tenantId, full);
        if (macs.length > 0) await insertHmacs(tx, tenantId, firstMac, macs);
        macs = [];
      },
    },
  );
  const { seq, hash } = walker.state;
  if (seq !== head.seq || hash !== head.hash)
    throw new Stop(`a last row ${seq} ${hash}`, `the head ${head.seq} ${head.hash}`, Math.min(seq, head.seq));
  return tiles.partial();
}

/** Stores the full tiles of the tree of `size` that are not there: none, unless someone took them away. */
async function fillTiles(tx: Queryable, tenantId: string, size: number): Promise<void> {
  const read = chainTiles(tx, tenantId);
  let span = tileWidth;
  for (let level = 0; span <= size; level++, span *= tileWidth) {
    for (let index = await countTiles(tx, tenantId, level); (index + 1) * span <= size; index++) {
      const hashes = await read({ level, index, width: tileWidth });
      await insertTiles(tx, tenantId, [{ level, index, hashes }]);
    }
  }
}
