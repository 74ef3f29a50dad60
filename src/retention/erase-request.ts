import { appendRow, systemPrincipal, type TenantTx, withTenant } from "../audit/index.ts";
import { notFound } from "../platform/errors.ts";
import type { Progress, Task, TaskResult } from "../tasks/index.ts";
import { closeCaseOf } from "./cases/upkeep.ts";
import type { RetentionDeps } from "./deps.ts";
import { erasePerson } from "./erase-person.ts";
import { planTenant } from "./plan.ts";
import { untilFree } from "./retry.ts";
import { requestArguments } from "./schema.ts";
import {
  callEraseCopies,
  callEraseEvents,
  callEraseOpenings,
  type ErasureRequest,
  moveRequest,
  type PersonPart,
  type RequestPart,
  selectRequest,
} from "./store-requests.ts";

const linesPerTombstone = 5000;
const lookAgainMs = 3_600_000;

/** Erases what a request names, stops at holds and says so; the release of a hold runs it again. */
export async function eraseForRequest(deps: RetentionDeps, task: Task, progress: Progress): Promise<TaskResult> {
  const { requestId } = requestArguments.parse(task.arguments);
  const principal = systemPrincipal(task.tenantId, "retention", "cron");
  const inTenant = <T>(work: (tx: TenantTx) => Promise<T>) =>
    untilFree(progress.signal, () => withTenant(deps.executor, principal, work));
  const request = await inTenant((tx) => selectRequest(tx, requestId));
  if (!request) throw notFound(`erasure request ${requestId}`);
  const closeCase = () => closeCaseOf({ ...deps, pool: deps.app }, task.tenantId, requestId);
  if (request.state === "done" || request.state === "cancelled") {
    // Killed between the two, the request is done and its case is not.
    await closeCase();
    return { state: "done", result: { requestId } };
  }

  const parts = [
    await untilNothing(progress, () => inTenant((tx) => callEraseEvents(tx, requestId, linesPerTombstone))),
  ];
  const { userId } = request;
  if (userId) parts.push(partOf(await erasePerson(deps, principal, { requestId, userId }, inTenant)));
  if (request.hasSubject) {
    parts.push(
      await untilNothing(progress, () => inTenant((tx) => callEraseOpenings(tx, requestId, linesPerTombstone))),
    );
    const copies = await inTenant((tx) => callEraseCopies(tx, requestId));
    parts.push({ erased: copies.letters, images: 0, held: copies.held, heldBy: [] });
  }
  const held = parts.reduce((sum, part) => sum + part.held, 0);
  const heldBy = [...new Set(parts.flatMap((part) => part.heldBy))];
  await inTenant((tx) => recordState(tx, request, { held, heldBy }));
  await planTenant(deps, task.tenantId);
  const result = { requestId, erased: parts.map((part) => part.erased), held };
  if (held === 0) {
    await closeCase();
    return { state: "done", result };
  }
  const note = `${held} items are held by ${heldBy.slice(0, 20).join(", ") || "holds"}: goes on by itself when the holds are released`;
  return { state: "waiting", until: lookAgainMs, note, result };
}

const partOf = ({ outcome, heldBy }: PersonPart): Total => ({
  erased: outcome === "erased" ? 1 : 0,
  images: 0,
  held: outcome === "held" || outcome === "last-owner" ? 1 : 0,
  heldBy: outcome === "last-owner" ? ["the last local owner's account"] : heldBy,
});

type Total = Pick<RequestPart, "erased" | "images" | "held" | "heldBy">;

async function untilNothing(progress: Progress, erase: () => Promise<RequestPart>): Promise<Total> {
  const total: Total = { erased: 0, images: 0, held: 0, heldBy: [] };
  for (;;) {
    const part = await erase();
    total.erased += part.erased;
    total.images += part.images;
    total.held = part.held;
    total.heldBy = part.heldBy;
    if (part.outcome !== "erased") return total;
    await progress.report(total.erased);
  }
}

async function recordState(
  tx: TenantTx,
  request: ErasureRequest,
  stop: { held: number; heldBy: string[] },
): Promise<void> {
  const state = stop.held > 0 ? "held" : "done";
  if (!(await moveRequest(tx, request.requestId, state))) return;
  await appendRow(tx, {
    action: state === "held" ? "erasure.held" : "erasure.completed",
    entity: { type: "request", id: request.requestId },
    units: stop.held > 0 ? [{ name: "detail", content: JSON.stringify(stop) }] : [],
  });
}
