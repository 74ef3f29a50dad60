import { createHmac, timingSafeEqual } from "node:crypto";

/** `__Host-`: Secure, of this host alone, for every path (RFC 6265bis section 4.1.3). */
export const SESSION_COOKIE = "__Host-ledgerstone";

/** Set-Cookie for a token; a browser session's length, since the server decides when it ends. */
export const sessionCookie = (token: string): string =>
  `${SESSION_COOKIE}=${token}; Path=/; Secure; HttpOnly; SameSite=Lax`;

export const endedCookie = `${SESSION_COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`;

/** What a browser must send with every change. Follows from the token, so only who can read answers of this origin knows it. */
export const csrfToken = (token: string): string =>
  createHmac("sha256", token).update("ledgerstone/csrf/v1").digest("base64url");

export function isCsrfToken(token: string, given: string | undefined): boolean {
  const expected = Buffer.from(csrfToken(token));
  const found = Buffer.from(given ?? "");
  return found.length === expected.length && timingSafeEqual(found, expected);
}

/** RFC 6265 section 5.4, as browsers send it. The first of a name counts. */
export function readCookies(header: string | undefined): Record<string, string> {
  const cookies: Record<string, string> = Object.create(null);
  for (const part of (header ?? "").split(";")) {
    const at = part.indexOf("=");
    const name = part.slice(0, at).trim();
    if (at > 0 && !(name in cookies)) cookies[name] = part.slice(at + 1).trim();
  }
  return cookies;
}
