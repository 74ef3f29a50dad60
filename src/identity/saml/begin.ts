import { randomBytes } from "node:crypto";
import type { TenantTx } from "../../audit/index.ts";
import { notFound } from "../../platform/errors.ts";
import { hashToken, newToken, TOKEN } from "../../platform/tokens.ts";
import { authnRequestUrl } from "./authn-request.ts";
import { ownAddresses } from "./configure.ts";
import type { SamlDeps } from "./deps.ts";
import { openKeys } from "./sp-keys.ts";
import { selectConfiguration } from "./store.ts";
import { deleteExpiredRequests, insertRequest, selectTest } from "./store-requests.ts";

/** What binds a browser to the sign-ins it began. `SameSite=None`, or it would be missing on the provider's POST. */
export const BINDING_COOKIE = "__Host-ledgerstone-saml";

export const bindingCookie = (binding: string): string =>
  `${BINDING_COOKIE}=${binding}; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=600`;

export type Begun = { redirectUrl: string; binding: string };

/**
 * Begins a sign-in: an open request in Postgres, and where to send the browser. A browser keeps its binding over several sign-ins
 * begun at once, so that one tab does not end another's. @throws AppError `not-found` when SAML is off, or no such test is open.
 */
export async function beginSignIn(
  deps: Pick<SamlDeps, "keyring" | "publicUrl">,
  tx: TenantTx,
  { binding: held, device, testId }: { binding: string | undefined; device: string; testId: string | null },
): Promise<Begun> {
  const configuration = await selectConfiguration(tx);
  if (!configuration || (!configuration.settings.enabled && testId === null)) throw notFound("SAML sign-in");
  if (testId !== null && !(await selectTest(tx, testId))) throw notFound("SAML test");
  const [privateKey] = await openKeys(deps, tx);
  if (!privateKey) throw notFound("SAML key");
  await deleteExpiredRequests(tx);
  const binding = held && TOKEN.test(held) ? held : newToken();
  // An xs:ID begins with a letter or an underscore.
  const requestId = `_${randomBytes(20).toString("hex")}`;
  const relayState = randomBytes(24).toString("base64url");
  await insertRequest(tx, { requestId, relayState, bindingHash: hashToken(binding), device, testId });
  const { ssoUrl, certificates } = configuration.settings.idp;
  const redirectUrl = await authnRequestUrl({
    addresses: await ownAddresses(deps, tx),
    ssoUrl,
    certificate: certificates[0]!,
    requestId,
    relayState,
    privateKey,
  });
  return { redirectUrl, binding };
}
