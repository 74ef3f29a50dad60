import type { TenantTx } from "../../audit/index.ts";
import { AppError } from "../../platform/errors.ts";
import { freshUntil } from "../sessions/fresh.ts";
import { selectOpenSession } from "../sessions/store.ts";
import { selectFactors } from "./store.ts";

/**
 * Whoever finds an open browser must not make its session his own by adding a factor: the present one must have been shown just now,
 * or, before the first, the sign-in be that fresh. @throws AppError `step-up`.
 */
export async function requireFresh(tx: TenantTx, { sessionId, userId }: { sessionId: string; userId: string }) {
  const session = await selectOpenSession(tx, sessionId);
  const hasFactors = (await selectFactors(tx, userId)).length > 0;
  const since = hasFactors ? session?.steppedUpAt : session?.createdAt;
  if (Date.now() <= freshUntil(since)) return;
  throw new AppError("step-up", "this needs a sign-in or second factor of the last ten minutes", {
    remedy: hasFactors ? "show your second factor: POST /api/v1/session/step-up" : "sign out and in again",
  });
}
