import { type Pool, type Queryable, withTransaction } from "../platform/db.ts";
import { describeError } from "../platform/errors.ts";
import { toHex } from "../record/bytes.ts";
import { type Fault, RowWalker, walkFromGenesis } from "./row-walker.ts";
import { bindTenant, listTenantIds } from "./store.ts";
import { type ChainHead, countRows, freezeSnapshot, lastSeq, readHead } from "./store-chain.ts";
import { readTombstones } from "./store-openings.ts";
import { TombstoneIndex } from "./tombstone-index.ts";
import { TombstoneRules } from "./tombstone-rules.ts";
import { EventsCheck } from "./verify-events.ts";
import { OpeningsCheck } from "./verify-openings.ts";
import { SealedCheck, type SealedOptions } from "./verify-sealed.ts";
import { walkRange } from "./walk-range.ts";
import type { WalkedRow } from "./walked-row.ts";
import { witnessedTenants } from "./witness.ts";

export type VerifyOptions = SealedOptions & {
  /** Openings and tombstones too; true unless said. */
  openings?: boolean;
  /** Leaves, bodies and images of events too; needs `openings`. */
  events?: boolean;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
};

export type VerifyReport = {
  tenantId: string;
  ok: boolean;
  /** The row to name: the first that any check found at fault; 0 when none can be named; absent when all is well. */
  firstBad?: number;
  /** By row; at most 100 are kept, `faultCount` counts all. */
  faults: Fault[];
  faultCount: number;
  rows: number;
  head?: ChainHead;
  /** Root of the tree over all rows, hex. */
  root: string;
  checkpoints: number;
  openings: { checked: number; erased: number };
  events: { events: number; images: number };
  elapsedMs: number;
};

const mostFaults = 100;

/**
 * Verifies one chain of any length in one snapshot and constant memory (but for the lines of its tombstones): every row from its
 * columns, links, gaps, epochs, control pointers, times, tiles, checkpoints, witnesses; openings, tombstones and events as asked.
 */
export async function verifyChain(pool: Pool, tenantId: string, options: VerifyOptions): Promise<VerifyReport> {
  const began = performance.now();
  const faults: Fault[] = [];
  let faultCount = 0;
  const onFault = (fault: Fault): void => {
    faultCount++;
    if (faults.length < mostFaults || faults.some(({ seq }) => seq > fault.seq)) faults.push(fault);
    if (faults.length > mostFaults) faults.sort(bySeq).pop();
  };
  const found = await withTransaction(pool, async (tx) => {
    await freezeSnapshot(tx);
    await bindTenant(tx, tenantId, "all");
    return walkChain(tx, tenantId, options, onFault);
  });
  faults.sort(bySeq);
  const elapsedMs = Math.round(performance.now() - began);
  const first = faults.find(({ seq }) => seq > 0) ?? faults[0];
  const firstBad = first ? { firstBad: first.seq } : {};
  return { tenantId, ok: faultCount === 0, ...firstBad, faults, faultCount, ...found, elapsedMs };
}

const bySeq = (a: Fault, b: Fault): number => a.seq - b.seq;

async function walkChain(
  tx: Queryable,
  tenantId: string,
  options: VerifyOptions,
  onFault: (fault: Fault) => void,
): Promise<Omit<VerifyReport, "tenantId" | "ok" | "faults" | "faultCount" | "elapsedMs">> {
  const head = await readHead(tx, tenantId);
  const total = Math.max(head?.seq ?? 0, await lastSeq(tx, tenantId));
  const withOpenings = options.openings ?? true;
  const tombstones = withOpenings ? await loadTombstones(tx, tenantId, onFault) : new TombstoneIndex(onFault);
  const openings = new OpeningsCheck(tombstones, onFault);
  const events = new EventsCheck(tenantId, tombstones, onFault);
  const sealed = new SealedCheck({ tx, tenantId }, options, onFault);
  await sealed.begin(head?.epoch ?? 1);
  const walker = new RowWalker(tenantId, walkFromGenesis(tenantId), onFault);
  let withUnits: WalkedRow[] = [];
  const onRow = (row: WalkedRow): void => {
    sealed.take(row);
    if (withOpenings && row.tail !== "") withUnits.push(row);
  };
  await walkRange(tx, walker, { from: 1, to: total, ...(options.signal ? { signal: options.signal } : {}) }, onRow, {
    before: (_from, to) => sealed.fetchUntil(to),
    after: async (from, to) => {
      await sealed.compareTiles();
      if (withOpenings) {
        const visible = await openings.check(tx, tenantId, { from, to }, withUnits);
        if (options.events) await events.check(tx, visible);
      }
      withUnits = [];
      options.onProgress?.(to, total);
    },
  });
  await sealed.finish();
  if (withOpenings) openings.finish();
  tombstones.finish({ openings: withOpenings, events: withOpenings && options.events === true });
  const rows = await countRows(tx, tenantId);
  checkHead(head, walker, rows, onFault);
  return {
    rows,
    ...(head ? { head } : {}),
    root: toHex(sealed.tree.root()),
    checkpoints: sealed.checkpoints,
    openings: { checked: openings.checked, erased: openings.erased },
    events: { events: events.events, images: events.images },
  };
}

async function loadTombstones(
  tx: Queryable,
  tenantId: string,
  onFault: (fault: Fault) => void,
): Promise<TombstoneIndex> {
  const index = new TombstoneIndex(onFault);
  const rules = new TombstoneRules(tx, tenantId, onFault);
  await rules.load();
  for (const tombstone of await readTombstones(tx, tenantId)) await rules.check(tombstone, index.add(tombstone));
  return index;
}

function checkHead(
  head: ChainHead | undefined,
  { state }: RowWalker,
  rows: number,
  onFault: (fault: Fault) => void,
): void {
  const say = (found: string, expected: string, seq = Math.min(state.seq, head?.seq ?? 0) + 1): void =>
    onFault({ seq, check: "head", found, expected });
  if (!head) {
    say("no chain head", `one at row ${state.seq}`, 0);
    return;
  }
  if (head.seq !== state.seq) {
    say(`rows up to ${state.seq}`, `${head.seq}, as the head says`);
    return;
  }
  if (rows !== head.seq) say(`${rows} rows visible`, `${head.seq}, as the head says`, 0);
  const last = `epoch ${state.epoch} hash ${state.hash} at ${state.at} control ${state.control}`;
  const said = `epoch ${head.epoch} hash ${head.hash} at ${head.at} control ${head.control}`;
  if (last !== said) say(last, said, head.seq);
}

/** Verifies all tenants of the database and of the witnesses, `concurrency` at a time. `onProgress` hears of each tenant's rows. */
export async function verifyAll(
  pool: Pool,
  options: Omit<VerifyOptions, "onProgress"> & {
    tenants?: readonly string[];
    concurrency?: number;
    onProgress?: (tenantId: string, done: number, total: number) => void;
  },
): Promise<VerifyReport[]> {
  const tenants = [...(options.tenants ?? (await knownTenants(pool, options.witnessDirectories)))];
  const reports: VerifyReport[] = [];
  const next = async (): Promise<void> => {
    for (let tenantId = tenants.shift(); tenantId; tenantId = tenants.shift()) {
      const id = tenantId;
      const onProgress = (done: number, total: number): void => options.onProgress?.(id, done, total);
      reports.push(await verifyChain(pool, id, { ...options, onProgress }).catch((error) => unreadable(id, error)));
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, options.concurrency ?? 2) }, next));
  return reports.sort((a, b) => (a.tenantId < b.tenantId ? -1 : 1));
}

/** Those of the database, and those that only a witness still knows. */
async function knownTenants(pool: Pool, witnessDirectories: readonly string[]): Promise<Set<string>> {
  const known = new Set(await listTenantIds(pool as never));
  for (const directory of witnessDirectories) {
    for (const tenant of await witnessedTenants(directory)) known.add(tenant);
  }
  return known;
}

function unreadable(tenantId: string, error: unknown): VerifyReport {
  if ((error as Error).name === "AbortError") throw error;
  const fault = { seq: 0, check: "read", found: describeError(error), expected: "a chain that can be read" };
  return {
    tenantId,
    ok: false,
    firstBad: 0,
    faults: [fault],
    faultCount: 1,
    rows: 0,
    root: "",
    checkpoints: 0,
    openings: { checked: 0, erased: 0 },
    events: { events: 0, images: 0 },
    elapsedMs: 0,
  };
}
