import { type Principal, withTenant } from "../../audit/index.ts";
import { sqlState } from "../../platform/db.ts";
import { AppError, notFound } from "../../platform/errors.ts";
import type { RejectReason } from "../../record/wire.ts";
import type { Incoming, Outcome } from "../incoming.ts";
import { readMessage } from "../read-message.ts";
import type { Recorder } from "../recorder.ts";
import { type LetterDeps, requireLetter, unsealLetter } from "./open.ts";
import { callRemoveLetter, type Letter } from "./store.ts";

export type RetryDeps = LetterDeps & {
  recorder: Recorder;
  maxMessageBytes: number;
  /** Whether the disk is too full to take more. */
  diskFull(): Promise<boolean> | boolean;
};

export type Retried = {
  results: { status: Outcome["status"]; id: string | null; reason?: RejectReason; detail?: string }[];
  removed: boolean;
};

/**
 * Sends a dead letter through ingest again, as from who sent it: after a window was widened, a clock has caught up, a limit was
 * raised. What is refused as before stays; refused for something else it has a letter of its own. Killed between the storing and
 * the removal, it is found a duplicate when it is retried again.
 */
export async function retryLetter(deps: RetryDeps, principal: Principal, letterId: string): Promise<Retried> {
  if (await deps.diskFull())
    throw new AppError("disk-full", "there is no room for events", { remedy: "make room first" });
  const { letter, bytes } = await withTenant(deps.pool, principal, async (tx) => {
    const found = await requireLetter(tx, letterId);
    return { letter: found, bytes: await unsealLetter(deps, tx, found) };
  });
  refuseHeld(letter.heldBy);
  const { parsed, bytes: unreadable } = readMessage(bytes, deps.maxMessageBytes);
  const items = parsed.map(
    (each): Incoming => ({
      sender: letter.source,
      siteId: letter.source.type === "api-key" ? letter.siteId : null,
      parsed: each,
      ...(unreadable && { bytes: unreadable }),
    }),
  );
  const { outcomes } = await deps.recorder.record(principal, items);
  const isRefusedAgain = outcomes.some((outcome) => stays(outcome, letter));
  if (!isRefusedAgain) await removeLetter(deps, principal, { letterId, as: "retried", reason: null });
  return { results: outcomes.map(resultOf), removed: !isRefusedAgain };
}

/** Its content goes for good. @throws AppError `not-found`, or `held` while a hold keeps it. */
export async function discardLetter(
  deps: Pick<LetterDeps, "pool">,
  principal: Principal,
  { letterId, reason }: { letterId: string; reason: string },
): Promise<void> {
  await removeLetter(deps, principal, { letterId, as: "discarded", reason });
}

// Over quota nothing new was kept of it, and for the same reason nothing but this letter.
function stays(outcome: Outcome, letter: Pick<Letter, "reason">): boolean {
  return outcome.status === "rejected" && (outcome.reason === letter.reason || outcome.reason === "quota");
}

async function removeLetter(
  { pool }: Pick<LetterDeps, "pool">,
  principal: Principal,
  wanted: Parameters<typeof callRemoveLetter>[1],
): Promise<void> {
  await withTenant(pool, principal, async (tx) => {
    const { outcome, heldBy } = await callRemoveLetter(tx, wanted).catch((error: unknown) => {
      throw sqlState(error) === "LS404" ? notFound("dead letter") : error;
    });
    if (outcome === "held") refuseHeld(heldBy);
  });
}

function refuseHeld(heldBy: readonly string[]): void {
  if (heldBy.length === 0) return;
  throw new AppError("held", "a legal hold keeps this dead letter", {
    found: `${heldBy.length} open holds: ${heldBy.slice(0, 5).join(", ")}`,
    remedy: "retry or discard it when they are released",
  });
}

function resultOf(outcome: Outcome): Retried["results"][number] {
  const { status, id } = outcome;
  return outcome.status === "rejected"
    ? { status, id, reason: outcome.reason, detail: outcome.detail }
    : { status, id };
}
