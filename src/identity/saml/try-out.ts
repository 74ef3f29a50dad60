import { appendRow, type TenantTx } from "../../audit/index.ts";
import { notFound } from "../../platform/errors.ts";
import { ownAddresses } from "./configure.ts";
import type { SamlDeps } from "./deps.ts";
import { personOf } from "./person.ts";
import { type RefusalReason, refusalReasons } from "./reasons.ts";
import type { SamlSettings } from "./schema.ts";
import { insertTest, selectTest, updateTest } from "./store-requests.ts";
import type { Validation } from "./validate.ts";

/** What came of a sign-in that was only tried out: no session, no account. */
export type TestResult =
  | {
      ok: true;
      nameId: string;
      nameIdFormat: string | null;
      authnContext: string | null;
      attributes: { name: string; values: string[] }[];
      /** As an account would have it. */
      person: { userName: string; displayName: string; email: string | null; groups: string[] };
    }
  | { ok: false; reason: RefusalReason; meaning: string; detail: string | null };

export type SamlTest = { testId: string; createdAt: string; result: TestResult | null };

const context = (testId: string): string => `saml-test ${testId}`;

/** Opens a test for an hour. Whoever follows the address signs in at the provider, and gets no session here. */
export async function openTest(
  deps: Pick<SamlDeps, "publicUrl">,
  tx: TenantTx,
): Promise<{ testId: string; loginUrl: string }> {
  const { type, id } = tx.principal.actor;
  const { loginUrl } = await ownAddresses(deps, tx);
  const testId = await insertTest(tx, `${type} ${id}`);
  await appendRow(tx, { action: "saml.test.opened", entity: { type: "saml-test", id: testId } });
  return { testId, loginUrl: `${loginUrl}?test=${testId}` };
}

export async function readTest(
  { keyring }: Pick<SamlDeps, "keyring">,
  tx: TenantTx,
  testId: string,
): Promise<SamlTest> {
  const found = await selectTest(tx, testId);
  if (!found) throw notFound("SAML test");
  const { result, createdAt } = found;
  const opened = result && JSON.parse((await keyring.unseal(tx, context(testId), result)).toString());
  return { testId, createdAt, result: opened };
}

/** In the transaction that uses the request up. */
export async function keepTestResult(
  { keyring }: Pick<SamlDeps, "keyring">,
  tx: TenantTx,
  testId: string,
  settings: SamlSettings,
  validation: Validation,
): Promise<void> {
  const result = resultOf(settings, validation);
  await updateTest(tx, testId, await keyring.seal(tx, context(testId), Buffer.from(JSON.stringify(result))));
  if (!result.ok) return;
  await appendRow(tx, { action: "saml.test.ended", entity: { type: "saml-test", id: testId } });
}

function resultOf(settings: SamlSettings, validation: Validation): TestResult {
  if (!validation.ok) {
    const { reason, detail = null } = validation;
    return { ok: false, reason, meaning: refusalReasons[reason], detail };
  }
  const { nameId, nameIdFormat, authnContext, attributes } = validation.identity;
  const { userName, displayName, email, groups } = personOf(settings, validation.identity);
  return {
    ok: true,
    nameId,
    nameIdFormat,
    authnContext,
    attributes: attributes.map(([name, values]) => ({ name, values })),
    person: { userName, displayName, email, groups: [...groups] },
  };
}
