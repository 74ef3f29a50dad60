import { type Principal, type TenantTx, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { AppError, invalid } from "../platform/errors.ts";
import type { BundleRequest } from "./schema.ts";
import { selectErasureSince } from "./store.ts";
import {
  type CheckpointRow,
  selectControlRows,
  selectErasedSince,
  selectEventBatches,
  selectLastControl,
  selectNewestCheckpoint,
  selectReceivedBounds,
  selectRowRange,
} from "./store-snapshot.ts";

/** Which rows are in scope, and between which instants their batches were received. */
export type Plan = {
  range: { from: number; to: number } | null;
  extra: number[];
  last: number;
  received: { from: string; to: string };
};

/** Asked before the sealer is: rows appended from now on are not in the bundle. */
export async function planBundle(pool: Pool, principal: Principal, request: BundleRequest): Promise<Plan> {
  return withTenant(pool, principal, async (tx) => {
    const rows = await rowsInScope(tx, request);
    const first = rows.range?.from ?? rows.extra[0]!;
    const last = rows.range?.to ?? rows.extra.at(-1)!;
    return { ...rows, last, received: await selectReceivedBounds(tx, [first, last]) };
  });
}

async function rowsInScope(tx: TenantTx, { scope }: BundleRequest): Promise<Pick<Plan, "range" | "extra">> {
  if (scope.kind === "range") {
    const { first, last } = await selectRowRange(tx, scope.from, scope.to);
    if (first !== undefined && last !== undefined && first <= last)
      return { range: { from: first, to: last }, extra: [] };
    throw invalid("there is nothing to export", {
      found: `no ledger row from ${scope.from} up to ${scope.to}`,
      expected: "at least one row",
      remedy: "choose another time range",
    });
  }
  const batches = await selectEventBatches(tx, scope.events);
  const found = new Set(batches.map((batch) => batch.eventId));
  const missing = scope.events.filter((event) => !found.has(event));
  if (missing.length > 0) {
    throw invalid("events of this incident are not here", {
      found: `no event ${missing.slice(0, 5).join(", ")}${missing.length > 5 ? " and others" : ""}`,
      expected: "events that were received and not erased",
      remedy: "leave them out, or export the time range: its tombstones show what was erased",
    });
  }
  return { range: null, extra: [...new Set(batches.map((batch) => batch.seq))].sort((a, b) => a - b) };
}

/** What stands around the rows in scope: the checkpoint that covers them, and every control row below it. */
export type Frame = { checkpoint: CheckpointRow; control: number[] };

/**
 * Undefined while the newest checkpoint does not cover the scope and every tombstone that this snapshot shows: content would
 * be missing that no row of the bundle explains. Ask the sealer, then take a new snapshot.
 */
export async function frameOf(tx: TenantTx, plan: Plan): Promise<Frame | undefined> {
  const checkpoint = await selectNewestCheckpoint(tx);
  if (!checkpoint || checkpoint.size < plan.last || checkpoint.size < (await selectLastControl(tx))) return undefined;
  return { checkpoint, control: await selectControlRows(tx, checkpoint.size) };
}

/** Whether everything that was to be seen when this frame was taken is to be seen still. */
export async function stillStands(tx: TenantTx, { checkpoint }: Frame): Promise<boolean> {
  const newest = await selectNewestCheckpoint(tx);
  if (newest?.epoch !== checkpoint.epoch || newest.size < checkpoint.size) return false;
  return !(await selectErasedSince(tx, checkpoint.size)) && !(await selectErasureSince(tx, checkpoint.size));
}

export function notSealed(tenantId: string): AppError {
  return new AppError("not-sealed", `the chain of tenant ${tenantId} has no checkpoint over what is asked for`, {
    found: "an older checkpoint, or none",
    expected: "a checkpoint that covers the last row in scope and the last tombstone",
    remedy: "see why the sealer does not run (worker log, 'ledgerstone verify'), then export again",
  });
}

/** Seqs of all carried rows, ascending: in scope, control rows, and row n of the checkpoint. */
export function carriedRows(plan: Plan, frame: Frame): number[] {
  const all = new Set<number>([...plan.extra, ...frame.control, frame.checkpoint.size]);
  if (plan.range) for (let seq = plan.range.from; seq <= plan.range.to; seq++) all.add(seq);
  return [...all].sort((a, b) => a - b);
}

export function isInScope(plan: Plan, seq: number): boolean {
  if (plan.range && seq >= plan.range.from && seq <= plan.range.to) return true;
  return plan.extra.includes(seq);
}
