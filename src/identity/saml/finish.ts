import { createHash, timingSafeEqual } from "node:crypto";
import { appendRow, type Principal, type TenantTx, type Unit, withTenant } from "../../audit/index.ts";
import { AppError } from "../../platform/errors.ts";
import { hashToken } from "../../platform/tokens.ts";
import { userSubject } from "../deps.ts";
import { signInExternal } from "../directory/index.ts";
import { FRESH_MS } from "../sessions/fresh.ts";
import { startSession } from "../sessions/sessions.ts";
import { type SamlIdentity, skewMs } from "./check-signed.ts";
import { ownAddresses } from "./configure.ts";
import type { SamlDeps } from "./deps.ts";
import { personOf } from "./person.ts";
import type { RefusalReason } from "./reasons.ts";
import { responseForm, type SamlSettings } from "./schema.ts";
import { openKeys } from "./sp-keys.ts";
import { selectConfiguration } from "./store.ts";
import { deleteRequest, insertAssertion, type OpenRequest, selectRequest } from "./store-requests.ts";
import { keepTestResult } from "./try-out.ts";
import type { Validation, ValidationJob } from "./validate.ts";

/** What came to the assertion consumer service. */
export type Attempt = {
  tenantId: string;
  /** The posted form, whatever it holds. */
  form: unknown;
  /** The cookie of `beginSignIn`. */
  binding: string | undefined;
  address: string;
  userAgent: string;
  correlation: string;
};

export type SignInOutcome =
  | { kind: "signed-in"; token: string; userId: string }
  /** Of a test: the administrator reads what came of it. */
  | { kind: "tested" }
  | { kind: "refused"; reason: RefusalReason };

type Opened = Pick<OpenRequest, "requestId" | "device" | "testId"> & {
  settings: SamlSettings;
  job: ValidationJob;
};
type Refused = { reason: RefusalReason; detail?: string | undefined; userId?: string | undefined; nameId?: string };
type Refuse = (tx: TenantTx, refused: Refused) => Promise<SignInOutcome>;

/** Nobody is signed in yet: the appliance acts, in no person's name. */
export const signInPrincipal = (tenantId: string, correlation: string): Principal => ({
  tenantId,
  actor: { type: "system", id: "sign-in" },
  via: "saml",
  correlation,
  sites: "all",
});

/**
 * Ends a sign-in: a session, or a refusal with its row in the ledger. What was validated is used up and acted upon in one
 * transaction, so that of any number of copies at once one alone is believed. A request of this browser is used up by a refusal too.
 */
export async function finishSignIn(deps: SamlDeps, attempt: Attempt): Promise<SignInOutcome> {
  const principal = signInPrincipal(attempt.tenantId, attempt.correlation);
  const inTenant = <T>(work: (tx: TenantTx) => Promise<T>) => withTenant(deps.pool, principal, work);
  const refuse: Refuse = (tx, refused) => refuseSignIn(deps, tx, attempt.address, refused);
  const form = responseForm.safeParse(attempt.form);
  if (!form.success) return inTenant((tx) => refuse(tx, { reason: "form" }));
  const { SAMLResponse: response, RelayState: relayState } = form.data;
  const opened = await inTenant((tx) => openRequest(deps, tx, { response, relayState, binding: attempt.binding }));
  if ("reason" in opened) return inTenant((tx) => refuse(tx, opened));
  const validation = await deps.validator.validate(opened.job);
  try {
    return await inTenant((tx) => settle(deps, tx, { opened, validation, attempt, refuse }));
  } catch (error) {
    // Somebody else took the user name between our look and our insert: that transaction is over.
    if (!(error instanceof AppError && error.code === "conflict")) throw error;
    return inTenant(async (tx) => {
      await deleteRequest(tx, opened.requestId);
      return refuse(tx, { reason: "user-name-taken", detail: error.message });
    });
  }
}

async function openRequest(
  deps: SamlDeps,
  tx: TenantTx,
  { response, relayState, binding }: { response: string; relayState: string; binding: string | undefined },
): Promise<Opened | Refused> {
  const configuration = await selectConfiguration(tx);
  if (!configuration) return { reason: "not-configured" };
  const request = await selectRequest(tx, relayState);
  if (!request) return { reason: "relay-state" };
  if (!binding || !timingSafeEqual(hashToken(binding), request.bindingHash)) return { reason: "browser" };
  const { settings } = configuration;
  const { requestId, device, testId } = request;
  if (!settings.enabled && testId === null) return { reason: "not-configured" };
  const { acsUrl, entityId: spEntityId } = await ownAddresses(deps, tx);
  const { entityId: idpEntityId, certificates } = settings.idp;
  const decryptionKeys = await openKeys(deps, tx);
  const expected = { now: Date.now(), acsUrl, spEntityId, idpEntityId, requestId };
  const job = { ...expected, response, profile: settings.profile, certificates, decryptionKeys };
  return { requestId, device, testId, settings, job };
}

async function settle(
  deps: SamlDeps,
  tx: TenantTx,
  { opened, validation, attempt, refuse }: { opened: Opened; validation: Validation; attempt: Attempt; refuse: Refuse },
): Promise<SignInOutcome> {
  if (!(await deleteRequest(tx, opened.requestId))) return refuse(tx, { reason: "replayed", detail: "request" });
  if (opened.testId !== null) await keepTestResult(deps, tx, opened.testId, opened.settings, validation);
  if (!validation.ok) return refuse(tx, validation);
  const { identity } = validation;
  if (!(await insertAssertion(tx, assertionHash(opened.settings, identity)))) {
    return refuse(tx, { reason: "replayed", detail: "assertion", nameId: identity.nameId });
  }
  if (opened.testId !== null) return { kind: "tested" };
  const signedIn = await signInExternal(deps, tx, personOf(opened.settings, identity));
  if (!signedIn.ok) return refuse(tx, { ...signedIn, nameId: identity.nameId });
  return begin(deps, tx, { userId: signedIn.userId, opened, identity, attempt });
}

const assertionHash = ({ idp }: SamlSettings, { assertionId }: SamlIdentity): Buffer =>
  createHash("sha256").update(`${idp.entityId}\n${assertionId}`).digest();

async function begin(
  deps: SamlDeps,
  tx: TenantTx,
  { userId, opened, identity, attempt }: { userId: string; opened: Opened; identity: SamlIdentity; attempt: Attempt },
): Promise<SignInOutcome> {
  const { settings, device } = opened;
  const { authnContext, assertionId, sessionEnd } = identity;
  const strength = showedSecondFactor(settings, identity) ? 2 : 1;
  const { address, userAgent } = attempt;
  // Their clock may differ from ours by what is borne elsewhere.
  const notAfter = sessionEnd === null ? undefined : new Date(sessionEnd + skewMs);
  const wanted = { userId, via: "saml", strength, address, userAgent, device, notAfter } as const;
  const { token, session } = await startSession(deps, tx, wanted);
  const detail = { issuer: settings.idp.entityId, assertionId, authnContext, strength, sessionId: session.sessionId };
  await appendRow(tx, {
    action: "saml.signed-in",
    entity: { type: "user", id: userId },
    units: [await detailUnit(deps, tx, detail, [userSubject(userId)])],
  });
  return { kind: "signed-in", token, userId };
}

/** A second factor at sign-in counts as stepping up: so it must have been shown now, and not in the provider's session of the morning. */
function showedSecondFactor(
  { secondFactorContexts }: SamlSettings,
  { authnContext, authnInstant }: SamlIdentity,
): boolean {
  return authnContext !== null && secondFactorContexts.includes(authnContext) && Date.now() - authnInstant < FRESH_MS;
}

async function refuseSignIn(
  deps: Pick<SamlDeps, "hashSubject" | "watch">,
  tx: TenantTx,
  address: string,
  { reason, detail, userId, nameId }: Refused,
): Promise<SignInOutcome> {
  await deps.watch?.refused(tx, { userId: userId ?? null, address });
  const named = nameId ? [`sign-in-name:${nameId.toLowerCase()}`] : [];
  const subjects = userId ? [userSubject(userId)] : named;
  await appendRow(tx, {
    action: "saml.refused",
    entity: { type: "sign-in", id: tx.principal.correlation },
    units: [await detailUnit(deps, tx, { reason, detail, nameId }, subjects)],
  });
  return { kind: "refused", reason };
}

async function detailUnit(
  { hashSubject }: Pick<SamlDeps, "hashSubject">,
  tx: TenantTx,
  content: object,
  subjects: string[],
): Promise<Unit> {
  const hashes = await Promise.all(subjects.map((subject) => hashSubject(tx, subject)));
  return { name: "detail", content: JSON.stringify(content), subjects: hashes };
}
