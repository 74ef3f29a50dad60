import { appendRow, type TenantTx } from "../../audit/index.ts";
import { notFound } from "../../platform/errors.ts";
import { hashToken, newToken } from "../../platform/tokens.ts";
import { type IdentityDeps, personUnit } from "../deps.ts";
import {
  insertSession,
  markSessionsEnded,
  type Session,
  type SignInVia,
  selectOpenSession,
  updateToken,
} from "./store.ts";

export type NewSession = {
  userId: string;
  via: SignInVia;
  strength: 1 | 2;
  /** The true client's. */
  address: string;
  userAgent: string;
  /** When the provider ends what it vouched for, if it says so. The tenant's own limit holds all the same. */
  notAfter?: Date | undefined;
  /** The browser's own token, by which it is known again: anomalies/places.ts `deviceToken`. */
  device?: string;
};

/** The token is in no table: 256 random bits, of which the SHA-256 is stored. */
export type StartedSession = { token: string; session: Session };

/** Begins a session of a person who has proven to be who they say. Lengths of life come from the tenant. */
export async function startSession(deps: IdentityDeps, tx: TenantTx, wanted: NewSession): Promise<StartedSession> {
  const token = newToken();
  const userAgent = wanted.userAgent.slice(0, 400);
  const sessionId = await insertSession(tx, { ...wanted, userAgent, tokenHash: hashToken(token) });
  const { userId, via, strength, address, device } = wanted;
  await appendRow(tx, {
    action: "session.started",
    entity: { type: "session", id: sessionId },
    units: [await personUnit(deps, tx, userId, { userId, via, strength, address, userAgent }, "detail")],
  });
  await deps.watch?.signedIn(tx, { userId, address, userAgent, ...(device && { device }) });
  const session = await selectOpenSession(tx, sessionId);
  if (!session) throw notFound("active user");
  return { token, session };
}

/**
 * After a second factor: the session is of strength 2, stepped up now, and has a new token (the old one is dead).
 */
export async function stepUpSession(tx: TenantTx, sessionId: string): Promise<StartedSession> {
  const token = newToken();
  await updateToken(tx, sessionId, hashToken(token));
  await appendRow(tx, { action: "session.stepped-up", entity: { type: "session", id: sessionId } });
  const session = await selectOpenSession(tx, sessionId);
  if (!session) throw notFound("session");
  return { token, session };
}

/** From its next request on. `reason` is a token: `signed-out`, `admin`, `deactivated` … False when it had ended before. */
export async function endSession(tx: TenantTx, sessionId: string, reason: string): Promise<boolean> {
  return (await end(tx, { sessionId }, reason)) > 0;
}

/** All of a person's, but one if it is named. How many there were. */
export async function endSessionsOf(tx: TenantTx, userId: string, reason: string, except?: string): Promise<number> {
  return end(tx, { userId, ...(except && { except }) }, reason);
}

async function end(
  tx: TenantTx,
  which: { userId?: string; sessionId?: string; except?: string },
  reason: string,
): Promise<number> {
  const ended = await markSessionsEnded(tx, which, reason);
  for (const id of ended) {
    await appendRow(tx, {
      action: "session.ended",
      entity: { type: "session", id },
      units: [{ name: "detail", content: JSON.stringify({ reason }) }],
    });
  }
  return ended.length;
}
