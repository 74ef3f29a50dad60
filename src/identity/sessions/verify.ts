import { type Principal, withTenant } from "../../audit/index.ts";
import type { Pool } from "../../platform/db.ts";
import { hashToken, TOKEN } from "../../platform/tokens.ts";
import { type Access, accessOf } from "../access/access.ts";
import { OWN_ACCOUNT } from "../permissions.ts";
import { noteSessionUse, type OpenSession, selectOpenSession, selectSessionOwner } from "./store.ts";

export type VerifiedSession = {
  principal: Principal;
  access: Access;
  /** Without the second factor that is asked for there is one's own account alone, to add one. */
  session: OpenSession;
};

/** `passive`: it does not count as use, which an idle session would go on by. */
export type SessionRequest = { address: string; correlation: string; passive?: boolean };

export type SessionVerifier = {
  /** Undefined for a token of no session, an ended one, one that ran out, or of somebody who is not active. */
  verify(token: string, request: SessionRequest): Promise<VerifiedSession | undefined>;
};

const noteEveryMs = 60_000;

/** Session, person and access are read on every request, so that whatever ends one ends it at once. */
export function createSessionVerifier({ pool }: { pool: Pool }): SessionVerifier {
  return {
    async verify(token, { address, correlation, passive = false }) {
      if (!TOKEN.test(token)) return undefined;
      const owner = await selectSessionOwner(pool, hashToken(token));
      if (!owner) return undefined;
      const { tenantId, sessionId } = owner;
      const asking: Principal = {
        tenantId,
        actor: { type: "system", id: "sign-in" },
        via: "web",
        correlation,
        sites: [],
      };
      return withTenant(pool, asking, async (tx) => {
        const session = await selectOpenSession(tx, sessionId);
        if (!session) return undefined;
        const held = session.factorMissing ? [] : await accessOf(tx, session.userId);
        const access = new Map([...held, [OWN_ACCOUNT, [] as readonly string[]]]);
        const isNoteDue = !passive && Date.now() - Date.parse(session.lastSeenAt) > noteEveryMs;
        if (isNoteDue) await noteSessionUse(tx, sessionId, address);
        const principal: Principal = { ...asking, actor: { type: "user", id: session.userId } };
        return { principal, access: access as Access, session };
      });
    },
  };
}
