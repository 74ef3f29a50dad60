import type { z } from "zod";
import type { TenantTx } from "../../audit/index.ts";
import { notFound } from "../../platform/errors.ts";
import type { CallerSession } from "../../platform/route.ts";
import { type Access, accessRecord } from "../access/access.ts";
import { countRecoveryCodes, selectFactors } from "../mfa/store.ts";
import { requireUser } from "../people/users.ts";
import { OWN_ACCOUNT } from "../permissions.ts";
import { csrfToken } from "../sessions/cookie.ts";
import { freshUntil } from "../sessions/fresh.ts";
import { selectOpenSession } from "../sessions/store.ts";
import type { sessionAnswer } from "./schema.ts";
import { selectTenantSignIn } from "./store.ts";

export type OwnSession = z.output<typeof sessionAnswer>;

/** Who one is here, and what one may do. */
export async function describeSession(tx: TenantTx, caller: CallerSession, access: Access): Promise<OwnSession> {
  const { sessionId, userId } = caller;
  const session = await selectOpenSession(tx, sessionId);
  if (!session) throw notFound("session");
  const { userName, displayName, email, source } = await requireUser(tx, userId);
  const { tenantId, slug, name, mfaRequired } = await selectTenantSignIn(tx);
  const { via, strength, createdAt, expiresAt, steppedUpAt } = session;
  const { [OWN_ACCOUNT]: _, ...held } = accessRecord(access);
  const until = freshUntil(steppedUpAt);
  return {
    user: { userId, userName, displayName, email, source },
    tenant: { tenantId, slug, name },
    access: held,
    csrfToken: csrfToken(caller.token),
    session: {
      sessionId,
      via,
      strength,
      createdAt,
      expiresAt,
      steppedUpUntil: until > Date.now() ? new Date(until).toISOString().replace("Z", "000Z") : null,
    },
    mfa: {
      required: mfaRequired,
      factors: (await selectFactors(tx, userId)).length,
      recoveryCodesLeft: await countRecoveryCodes(tx, userId),
      missing: session.factorMissing,
    },
  };
}
