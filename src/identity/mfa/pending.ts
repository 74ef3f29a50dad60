import { appendRow, type TenantTx } from "../../audit/index.ts";
import { hashToken, newToken } from "../../platform/tokens.ts";
import { countLocalOwners } from "../access/store.ts";
import { type IdentityDeps, personUnit } from "../deps.ts";
import type { AccountNotice } from "../notices/account.ts";
import { type StartedSession, startSession } from "../sessions/sessions.ts";
import { countRecoveryCodes, selectFactors } from "./store.ts";
import { insertPending } from "./store-pending.ts";

/** `__Host-` as the session's, and another name: neither is taken for the other. Five minutes, as the server has it. */
export const PENDING_COOKIE = "__Host-ledgerstone-pending";
export const pendingCookie = (token: string): string =>
  `${PENDING_COOKIE}=${token}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=300`;
export const endedPendingCookie = `${PENDING_COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0`;

export type FactorMethod = "totp" | "webauthn" | "email" | "recovery";
export type Entering = {
  userId: string;
  via: "web" | "ldap";
  address: string;
  userAgent: string;
  /** The browser's own token (anomalies/places.ts), where it brought or was given one. */
  device?: string;
};
export type Entered =
  | ({ state: "signed-in" } & StartedSession)
  | { state: "second-factor"; token: string; pendingId: string; methods: FactorMethod[] };
export type EnterDeps = IdentityDeps & {
  /** Whether everybody but local owners must come through the identity provider. */
  isSsoEnforced(tx: TenantTx): Promise<boolean>;
  /** Tells a person what happened to their account, in the transaction in which it does. */
  notify?(tx: TenantTx, userId: string, notice: AccountNotice): Promise<void>;
};

/**
 * Behind a right password: whoever has a second factor must show it and holds no session until then. Whoever has none gets a session
 * of strength 1, which reaches nothing but his own account where the tenant asks for a second factor (sessions/verify.ts).
 */
export async function afterFirstFactor(deps: EnterDeps, tx: TenantTx, entering: Entering): Promise<Entered> {
  const methods = await factorMethods(tx, entering.userId);
  if (methods.length === 0) return { state: "signed-in", ...(await enter(deps, tx, entering, 1)) };
  const token = newToken();
  const { userId, via } = entering;
  const pendingId = await insertPending(tx, { userId, via, tokenHash: hashToken(token) });
  return { state: "second-factor", token, pendingId, methods };
}

/** With what this person can go on; nothing without a factor. */
export async function factorMethods(tx: TenantTx, userId: string): Promise<FactorMethod[]> {
  const kinds = new Set<FactorMethod>((await selectFactors(tx, userId)).map(({ kind }) => kind));
  if (kinds.size > 0 && (await countRecoveryCodes(tx, userId)) > 0) kinds.add("recovery");
  return (["webauthn", "totp", "email", "recovery"] as const).filter((kind) => kinds.has(kind));
}

/** Begins the session. A local owner's, while the identity provider is the way for everybody, is marked in the ledger. */
export async function enter(
  deps: EnterDeps,
  tx: TenantTx,
  { userId, via, address, userAgent, device }: Entering,
  strength: 1 | 2,
): Promise<StartedSession> {
  const started = await startSession(deps, tx, { userId, via, strength, address, userAgent, device });
  if (via === "web" && (await deps.isSsoEnforced(tx)) && (await countLocalOwners(tx, userId)) > 0) {
    await appendRow(tx, {
      action: "session.break-glass",
      entity: { type: "session", id: started.session.sessionId },
      units: [await personUnit(deps, tx, userId, { userId, address }, "detail")],
    });
    await deps.notify?.(tx, userId, "break-glass");
  }
  return started;
}
