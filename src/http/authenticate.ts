import { type ApiKeyVerifier, readCookies, SESSION_COOKIE, type SessionVerifier } from "../identity/index.ts";
import { AppError } from "../platform/errors.ts";
import type { Authenticated, Credentials } from "./context.ts";

export type Verifiers = { apiKeys: ApiKeyVerifier; sessions: SessionVerifier };

/** An Authorization header counts before a cookie: who sends both means the key. */
export async function authenticate(verifiers: Verifiers, credentials: Credentials): Promise<Authenticated> {
  if (credentials.authorization !== undefined) return byKey(verifiers.apiKeys, credentials);
  const token = readCookies(credentials.cookie)[SESSION_COOKIE];
  const found = token ? await verifiers.sessions.verify(token, credentials) : undefined;
  if (!found || !token) throw unauthorized(token ? "a session that has ended" : "no credential");
  const { principal, access, session } = found;
  const { sessionId, userId, strength, steppedUpAt, factorMissing } = session;
  return { principal, access, session: { sessionId, userId, strength, steppedUpAt, token, factorMissing } };
}

async function byKey(apiKeys: ApiKeyVerifier, { authorization, ...request }: Credentials): Promise<Authenticated> {
  const key = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(authorization ?? "")?.[1];
  const found = key ? await apiKeys.verify(key, request) : undefined;
  if (found?.ok) {
    const { principal, access, corsOrigins } = found;
    return { principal, access, session: undefined, corsOrigins };
  }
  // One answer for every reason but expiry, which only the holder of the key can bring about.
  throw unauthorized(!key ? "no key" : found?.reason === "expired" ? "an expired key" : "a key that is not accepted");
}

const unauthorized = (found: string): AppError =>
  new AppError("unauthorized", "this needs a credential", {
    found,
    expected: "a session, or Authorization: Bearer atc_…",
    remedy: "sign in, or send an API key",
  });
