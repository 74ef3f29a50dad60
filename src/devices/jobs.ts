import { systemPrincipal } from "../audit/index.ts";
import { describeError } from "../platform/errors.ts";
import { type RevokeDeps, repeatRevocation, revocationKind } from "./index.ts";

type RevocationRun = { tenantId: string; arguments: Record<string, unknown> };
type Outcome = { state: "done" } | { state: "again"; afterMs: number; note: string };

const againMs = 10_000;

/** Tells the broker of a revocation until it could be told. */
async function tellBroker(deps: RevokeDeps, task: RevocationRun): Promise<Outcome> {
  const principal = systemPrincipal(task.tenantId, "devices", "cron");
  const applied = await repeatRevocation(deps, principal, String(task.arguments.deviceId));
  if (applied.ok) return { state: "done" };
  const note = `the broker does not know of the revocation yet: ${describeError(applied.problem)}`;
  return { state: "again", afterMs: againMs, note: note.slice(0, 2000) };
}

/** Task kind → the function that does it. */
export const deviceHandlers = { [revocationKind]: tellBroker };
