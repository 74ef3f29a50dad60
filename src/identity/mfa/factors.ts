import { appendRow, type TenantTx } from "../../audit/index.ts";
import { conflict, invalid, notFound } from "../../platform/errors.ts";
import { type IdentityDeps, personUnit } from "../deps.ts";
import { endSessionsOf } from "../sessions/sessions.ts";
import { type MfaDeps, type Named, sealJson, unsealJson } from "./deps.ts";
import { type CodeMail, newEmailCode, takeEmailCode } from "./email-code.ts";
import { newRecoveryCodes } from "./recovery-codes.ts";
import {
  countRecoveryCodes,
  deleteFactors,
  type Factor,
  type FactorKind,
  insertFactor,
  lockFactorsOf,
  type NewFactor,
  replaceRecoveryCodes,
  selectFactors,
  updateFactorName,
} from "./store.ts";
import { deleteChallengesOf, type Holder, replaceChallenge, takeChallenge, tryChallenge } from "./store-challenges.ts";
import { deletePendingOf } from "./store-pending.ts";
import { newTotp, type TotpEnrolment, totpStep } from "./totp.ts";
import {
  CHALLENGE_MINUTES,
  isWebauthnPossible,
  registrationOptions,
  relyingParty,
  verifyRegistration,
} from "./webauthn.ts";

const mostFactors = 20;
const enrolMinutes = 15;

/** `recoveryCodes` come with a person's first factor. */
export type AddedFactor = { factor: Factor; recoveryCodes: string[] | null };
export type FactorList = { factors: Factor[]; recoveryCodesLeft: number; possible: FactorKind[] };

export async function listFactors(deps: MfaDeps, tx: TenantTx, { userId, email }: Named): Promise<FactorList> {
  const factors = await selectFactors(tx, userId);
  const possible: FactorKind[] = ["totp"];
  if (isWebauthnPossible(deps.publicUrl)) possible.push("webauthn");
  if (deps.mailer && email && !factors.some(({ kind }) => kind === "email")) possible.push("email");
  return { factors: factors.map(shownFactor), recoveryCodesLeft: await countRecoveryCodes(tx, userId), possible };
}

/** A factor without what is kept of its secret. */
export const shownFactor = ({ factorId, kind, name, createdAt, lastUsedAt }: Factor): Factor => ({
  factorId,
  kind,
  name,
  createdAt,
  lastUsedAt,
});

/** A seed to scan, kept until a code of it comes. */
export async function beginTotp(
  deps: MfaDeps,
  tx: TenantTx,
  holder: string,
  { userId, userName }: Named,
): Promise<TotpEnrolment> {
  const enrolment = newTotp({ issuer: "Ledgerstone", label: userName });
  const sealed = await sealJson(deps, tx, userId, "totp-enrol", { secret: enrolment.secret });
  await replaceChallenge(tx, { holder, userId }, "totp-enrol", { sealed, minutes: enrolMinutes });
  return enrolment;
}

export async function confirmTotp(
  deps: MfaDeps,
  tx: TenantTx,
  held: Holder,
  { name, code }: { name: string; code: string },
): Promise<AddedFactor | null> {
  const begun = await tryChallenge(tx, held, "totp-enrol");
  if (!begun) throw ranOut();
  const { secret } = await unsealJson<{ secret: string }>(deps, tx, held.userId, "totp-enrol", begun.sealed);
  const counter = totpStep(secret, code, (deps.now ?? Date.now)());
  if (counter === null) return null;
  await takeChallenge(tx, held, "totp-enrol");
  const sealed = await sealJson(deps, tx, held.userId, "totp", { secret });
  return addFactor(deps, tx, { userId: held.userId, kind: "totp", name, sealed, counter });
}

/** Options for `navigator.credentials.create`. */
export async function beginKey(deps: MfaDeps, tx: TenantTx, holder: string, user: Named) {
  const party = relyingParty(deps.publicUrl);
  const options = await registrationOptions(party, user, await selectFactors(tx, user.userId));
  const sealed = await sealJson(deps, tx, user.userId, "webauthn-enrol", { challenge: options.challenge });
  await replaceChallenge(tx, { holder, userId: user.userId }, "webauthn-enrol", { sealed, minutes: CHALLENGE_MINUTES });
  return options;
}

export async function confirmKey(
  deps: MfaDeps,
  tx: TenantTx,
  held: Holder,
  { name, response }: { name: string; response: object },
): Promise<AddedFactor | null> {
  const begun = await takeChallenge(tx, held, "webauthn-enrol");
  if (!begun) throw ranOut();
  const { userId } = held;
  const { challenge } = await unsealJson<{ challenge: string }>(deps, tx, userId, "webauthn-enrol", begun.sealed);
  const key = await verifyRegistration(relyingParty(deps.publicUrl), challenge, response);
  if (!key) return null;
  const { credentialId, publicKey, counter, transports } = key;
  const sealed = await sealJson(deps, tx, userId, "webauthn", { publicKey });
  return addFactor(deps, tx, { userId, kind: "webauthn", name, sealed, credentialId, transports, counter });
}

export async function beginEmail(deps: MfaDeps, tx: TenantTx, holder: string, user: Named): Promise<CodeMail> {
  if (!user.email) throw conflict("this account has no e-mail address", { remedy: "let an administrator add one" });
  return newEmailCode(deps, tx, { holder, userId: user.userId }, { purpose: "email-enrol", to: user.email });
}

export async function confirmEmail(
  deps: MfaDeps,
  tx: TenantTx,
  held: Holder,
  { name, code }: { name: string; code: string },
): Promise<AddedFactor | null> {
  const to = await takeEmailCode(deps, tx, held, { purpose: "email-enrol", code });
  if (!to) return null;
  const sealed = await sealJson(deps, tx, held.userId, "email", { to });
  return addFactor(deps, tx, { userId: held.userId, kind: "email", name, sealed });
}

async function addFactor(deps: MfaDeps, tx: TenantTx, wanted: NewFactor): Promise<AddedFactor> {
  const { userId, kind, name } = wanted;
  await lockFactorsOf(tx, userId);
  const before = await selectFactors(tx, userId);
  if (before.length >= mostFactors) throw conflict(`an account has at most ${mostFactors} second factors`);
  const factor = await insertFactor(tx, wanted);
  await appendRow(tx, {
    action: "factor.added",
    entity: { type: "factor", id: factor.factorId },
    units: [await personUnit(deps, tx, userId, { userId, kind, name })],
  });
  return { factor, recoveryCodes: before.length === 0 ? await newRecoveryCodes(deps, tx, userId) : null };
}

export async function renameFactor(
  deps: MfaDeps,
  tx: TenantTx,
  userId: string,
  { factorId, name }: { factorId: string; name: string },
): Promise<Factor> {
  const factor = await updateFactorName(tx, userId, factorId, name);
  if (!factor) throw notFound("second factor");
  await appendRow(tx, {
    action: "factor.renamed",
    entity: { type: "factor", id: factorId },
    units: [await personUnit(deps, tx, userId, { userId, name })],
  });
  return factor;
}

/** @throws AppError `conflict` for the last one where the tenant asks for a second factor. */
export async function removeFactor(
  deps: MfaDeps,
  tx: TenantTx,
  { userId, factorId, required }: { userId: string; factorId: string; required: boolean },
): Promise<void> {
  await lockFactorsOf(tx, userId);
  const [gone] = await deleteFactors(tx, userId, factorId);
  if (!gone) throw notFound("second factor");
  const left = await selectFactors(tx, userId);
  if (left.length === 0 && required) {
    throw conflict("this is your last second factor, and your organisation asks for one", {
      remedy: "add another one first",
    });
  }
  // Codes stand in for a factor; without one they would be a factor by themselves.
  if (left.length === 0) await replaceRecoveryCodes(tx, userId, []);
  await appendRow(tx, {
    action: "factor.removed",
    entity: { type: "factor", id: factorId },
    units: [await personUnit(deps, tx, userId, { userId, kind: gone.kind, name: gone.name })],
  });
}

/** By an administrator, for somebody who lost theirs: all factors and codes go, and every session ends. */
export async function resetFactors(deps: IdentityDeps, tx: TenantTx, userId: string): Promise<number> {
  await lockFactorsOf(tx, userId);
  const gone = await deleteFactors(tx, userId, null);
  await replaceRecoveryCodes(tx, userId, []);
  await deleteChallengesOf(tx, userId);
  await deletePendingOf(tx, userId);
  await endSessionsOf(tx, userId, "factors-reset");
  await appendRow(tx, {
    action: "factors.reset",
    entity: { type: "user", id: userId },
    units: [await personUnit(deps, tx, userId, { factors: gone.map(({ kind, name }) => ({ kind, name })) })],
  });
  return gone.length;
}

const ranOut = () => invalid("this took too long, or was tried too often", { remedy: "begin again" });
