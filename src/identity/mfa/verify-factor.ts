import type { TenantTx } from "../../audit/index.ts";
import { conflict } from "../../platform/errors.ts";
import { type MfaDeps, sealJson, unsealJson } from "./deps.ts";
import { type CodeMail, newEmailCode, takeEmailCode } from "./email-code.ts";
import { takeRecoveryCode } from "./recovery-codes.ts";
import type { Proof } from "./schema.ts";
import { type FactorSecret, noteFactorUse, raiseCounter, selectFactors } from "./store.ts";
import { type Holder, replaceChallenge, takeChallenge } from "./store-challenges.ts";
import { totpStep } from "./totp.ts";
import { authenticationOptions, CHALLENGE_MINUTES, relyingParty, verifyAuthentication } from "./webauthn.ts";

/** Why a second factor is not accepted: a token for the ledger, never for the person who asks. */
export type FactorRefusal = "totp" | "totp-replayed" | "recovery-code" | "email-code" | "webauthn" | "webauthn-counter";
export type FactorOutcome =
  | { ok: true; kind: Proof["kind"]; factorId: string | null }
  | { ok: false; reason: FactorRefusal };

/**
 * Checks a second factor of `held.userId`, answering to what `held.holder` (a session or pending sign-in) was asked. Good once: the
 * code's time step, the challenge, the recovery code are spent with it. Counting the tries is the caller's.
 */
export async function verifyFactor(deps: MfaDeps, tx: TenantTx, held: Holder, proof: Proof): Promise<FactorOutcome> {
  const factors = await selectFactors(tx, held.userId);
  // Codes outlive no factor, but a code alone must never be a second factor of somebody without one.
  if (factors.length === 0) return { ok: false, reason: "totp" };
  if (proof.kind === "recovery") {
    const good = await takeRecoveryCode(deps, tx, held.userId, proof.code);
    return good ? { ok: true, kind: "recovery", factorId: null } : { ok: false, reason: "recovery-code" };
  }
  const own = factors.filter(({ kind }) => kind === proof.kind);
  if (proof.kind === "totp") return verifyTotp(deps, tx, held, own, proof.code);
  if (proof.kind === "email") return verifyEmail(deps, tx, held, own, proof.code);
  return verifyKey(deps, tx, held, own, proof.response);
}

async function verifyTotp(
  deps: MfaDeps,
  tx: TenantTx,
  { userId }: Holder,
  factors: readonly FactorSecret[],
  code: string,
): Promise<FactorOutcome> {
  const now = (deps.now ?? Date.now)();
  let reason: FactorRefusal = "totp";
  for (const { factorId, sealed } of factors) {
    const { secret } = await unsealJson<{ secret: string }>(deps, tx, userId, "totp", sealed);
    const step = totpStep(secret, code, now);
    if (step === null) continue;
    if (await raiseCounter(tx, factorId, step)) return { ok: true, kind: "totp", factorId };
    reason = "totp-replayed";
  }
  return { ok: false, reason };
}

async function verifyEmail(
  deps: MfaDeps,
  tx: TenantTx,
  held: Holder,
  [factor]: readonly FactorSecret[],
  code: string,
): Promise<FactorOutcome> {
  if (!factor || !(await takeEmailCode(deps, tx, held, { purpose: "email-use", code }))) {
    return { ok: false, reason: "email-code" };
  }
  await noteFactorUse(tx, factor.factorId);
  return { ok: true, kind: "email", factorId: factor.factorId };
}

async function verifyKey(
  deps: MfaDeps,
  tx: TenantTx,
  held: Holder,
  factors: readonly FactorSecret[],
  response: { id: string },
): Promise<FactorOutcome> {
  // Spent before it is looked at: whatever comes, the same challenge is never answered twice.
  const asked = await takeChallenge(tx, held, "webauthn-use");
  const factor = factors.find(({ credentialId }) => credentialId?.toString("base64url") === response.id);
  if (!asked || !factor) return { ok: false, reason: "webauthn" };
  const { challenge } = await unsealJson<{ challenge: string }>(deps, tx, held.userId, "webauthn-use", asked.sealed);
  const { publicKey } = await unsealJson<{ publicKey: string }>(deps, tx, held.userId, "webauthn", factor.sealed);
  const key = { id: response.id, publicKey, counter: factor.counter };
  const used = await verifyAuthentication(relyingParty(deps.publicUrl), challenge, key, response);
  if (!used.ok) return used;
  if (used.counter === 0) await noteFactorUse(tx, factor.factorId);
  else if (!(await raiseCounter(tx, factor.factorId, used.counter))) return { ok: false, reason: "webauthn-counter" };
  return { ok: true, kind: "webauthn", factorId: factor.factorId };
}

/** Options for `navigator.credentials.get` with any of the person's keys. */
export async function askForKey(deps: MfaDeps, tx: TenantTx, held: Holder) {
  const party = relyingParty(deps.publicUrl);
  const keys = (await selectFactors(tx, held.userId)).filter(({ kind }) => kind === "webauthn");
  if (keys.length === 0) throw conflict("no security key is enrolled", { remedy: "use another second factor" });
  const options = await authenticationOptions(party, keys);
  const sealed = await sealJson(deps, tx, held.userId, "webauthn-use", { challenge: options.challenge });
  await replaceChallenge(tx, held, "webauthn-use", { sealed, minutes: CHALLENGE_MINUTES });
  return options;
}

/** A code for the address that was enrolled; to be mailed after the commit. */
export async function askForEmailCode(deps: MfaDeps, tx: TenantTx, held: Holder): Promise<CodeMail> {
  const [factor] = (await selectFactors(tx, held.userId)).filter(({ kind }) => kind === "email");
  if (!factor) throw conflict("codes by e-mail are not enrolled", { remedy: "use another second factor" });
  const { to } = await unsealJson<{ to: string }>(deps, tx, held.userId, "email", factor.sealed);
  return newEmailCode(deps, tx, held, { purpose: "email-use", to });
}
