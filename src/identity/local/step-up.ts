import { appendRow, type Principal, withTenant } from "../../audit/index.ts";
import { personUnit } from "../deps.ts";
import type { Proof } from "../mfa/schema.ts";
import { verifyFactor } from "../mfa/verify-factor.ts";
import { type StartedSession, stepUpSession } from "../sessions/sessions.ts";
import type { SignInDeps } from "./deps.ts";
import { knownBrowser } from "./known-browser.ts";
import { refusedFactor } from "./refuse.ts";
import { forgetTries, takeTry } from "./tries.ts";

type Shown = { sessionId: string; userId: string; device: string; proof: Proof };

/** A second factor shown again within a session, which goes on under a new token. @throws AppError `sign-in-refused`. */
export async function stepUp(
  deps: SignInDeps,
  principal: Principal,
  { sessionId, userId, device, proof }: Shown,
): Promise<StartedSession> {
  const { pool } = deps;
  const tried = await withTenant(pool, principal, async (tx) => {
    const tried = { factorOf: userId, from: await knownBrowser(deps, tx, { userId }, device) };
    await takeTry(deps, tx, tried);
    return tried;
  });
  const started = await withTenant(pool, principal, async (tx) => {
    const outcome = await verifyFactor(deps, tx, { holder: sessionId, userId }, proof);
    if (!outcome.ok) {
      await appendRow(tx, {
        action: "step-up.refused",
        entity: { type: "session", id: sessionId },
        units: [await personUnit(deps, tx, userId, { userId, reason: outcome.reason }, "detail")],
      });
      return null;
    }
    await forgetTries(deps, tx, tried);
    return stepUpSession(tx, sessionId);
  });
  if (!started) throw refusedFactor();
  return started;
}
