import type { TenantTx } from "../../audit/index.ts";
import { notFound } from "../../platform/errors.ts";
import { deviceName } from "../anomalies/places.ts";
import { endSession } from "./sessions.ts";
import { type PersonsSession, type Session, selectAllSessions, selectOpenSessions } from "./store.ts";

export type ListedSession = Session & { device: string; current: boolean };

/** A person's open sessions, newest first. `asking` is the session that asks, if one does. */
export async function listSessions(
  tx: TenantTx,
  userId: string,
  asking: string | undefined,
): Promise<{ sessions: ListedSession[] }> {
  const sessions = await selectOpenSessions(tx, userId);
  return { sessions: sessions.map((session) => listed(session, asking)) };
}

export type ListedPersonsSession = PersonsSession & Pick<ListedSession, "device" | "current">;

/** Everybody's open sessions. */
export async function listAllSessions(
  tx: TenantTx,
  wanted: Parameters<typeof selectAllSessions>[1],
  asking: string | undefined,
): Promise<{ sessions: ListedPersonsSession[]; next: string | null }> {
  const { sessions, next } = await selectAllSessions(tx, wanted);
  return { sessions: sessions.map((session) => listed(session, asking)), next };
}

const listed = <S extends Session>(session: S, asking: string | undefined) => ({
  ...session,
  device: deviceName(session.userAgent),
  current: session.sessionId === asking,
});

/** Ends one open session of this person; another person's is not found. */
export async function endSessionOf(tx: TenantTx, userId: string, sessionId: string, reason: string): Promise<void> {
  const found = await selectOpenSessions(tx, userId);
  if (!found.some((session) => session.sessionId === sessionId)) throw notFound("session");
  await endSession(tx, sessionId, reason);
}
