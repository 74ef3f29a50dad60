import { appendRow, type TenantTx } from "../../audit/index.ts";
import { AppError } from "../../platform/errors.ts";
import { type IdentityDeps, personUnit } from "../deps.ts";
import { isLocking } from "./tries.ts";

/** Why somebody is not let in: a token for the ledger. The person learns none of it. */
export type SignInRefusal =
  | "unknown-user"
  | "no-password"
  | "deactivated"
  | "password"
  | "sso-enforced"
  | "link"
  | "totp"
  | "totp-replayed"
  | "recovery-code"
  | "email-code"
  | "webauthn"
  | "webauthn-counter";

export type Refused = {
  reason: SignInRefusal;
  userId: string | null;
  /** As typed; absent where none was. */
  userName?: string;
  address: string;
  userAgent: string;
  tries?: number;
};

/** One row for each try that was looked at. Whom it is about stands in its unit alone. */
export async function recordRefusal(deps: IdentityDeps, tx: TenantTx, refused: Refused): Promise<void> {
  const { userId, tries = 0, userAgent, ...rest } = refused;
  const detail = { ...rest, ...(userId && { userId }), userAgent: userAgent.slice(0, 400), tries };
  const unit = userId
    ? await personUnit(deps, tx, userId, detail, "detail")
    : { name: "detail", content: JSON.stringify(detail) };
  const entity = { type: "sign-in", id: tx.principal.correlation };
  await deps.watch?.refused(tx, { userId, address: refused.address });
  await appendRow(tx, { action: "sign-in.refused", entity, units: [unit] });
  if (tries > 0 && isLocking(tries)) await appendRow(tx, { action: "sign-in.locked", entity, units: [unit] });
}

// Only who knows the password, or has a link, learns this.
export const mustUseSso = (): AppError =>
  new AppError("sign-in-refused", "your organisation signs in through its identity provider", {
    remedy: "use the other way on the sign-in page",
  });

/** The same words for every reason. */
export const refusedSignIn = (): AppError =>
  new AppError("sign-in-refused", "user name or password is not right", {
    remedy: "try again, or ask an administrator for a new link",
  });

export const refusedFactor = (): AppError =>
  new AppError("sign-in-refused", "this second factor is not accepted", {
    remedy: "wait for a new code, or use another second factor",
  });
