import { isIP } from "node:net";
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import { invalid } from "../../platform/errors.ts";
import type { Named } from "./deps.ts";
import type { FactorSecret } from "./store.ts";

/** What browsers bind a key to: the host name, and the origin that may ask. */
export type RelyingParty = { rpId: string; origin: string };

const timeout = 120_000;
/** COSE: EdDSA, ES256, RS256. What keys speak today. */
const supportedAlgorithmIDs = [-8, -7, -257];
export const CHALLENGE_MINUTES = 3;

/** @throws AppError `invalid` where browsers refuse WebAuthn: without a DNS name. */
export function relyingParty(publicUrl: string | undefined): RelyingParty {
  const url = publicUrl ? new URL(publicUrl) : undefined;
  const host = url?.hostname ?? "";
  if (url && isIP(host.replace(/^\[|\]$/g, "")) === 0) return { rpId: host, origin: url.origin };
  throw invalid("security keys and passkeys need a DNS name", {
    found: host === "" ? "no http.publicUrl" : `the address ${host}`,
    expected: "http.publicUrl with a host name that browsers reach, such as https://ledgerstone.example",
    remedy: "use an authenticator app, or let the operator give the appliance a name",
  });
}

export const isWebauthnPossible = (publicUrl: string | undefined): boolean => {
  const host = publicUrl ? new URL(publicUrl).hostname : "";
  return host !== "" && isIP(host.replace(/^\[|\]$/g, "")) === 0;
};

const known = (factors: readonly FactorSecret[]) =>
  factors.flatMap(({ credentialId, transports }) =>
    credentialId ? [{ id: credentialId.toString("base64url"), transports }] : [],
  );

export async function registrationOptions({ rpId }: RelyingParty, user: Named, factors: readonly FactorSecret[]) {
  return generateRegistrationOptions({
    rpName: "Ledgerstone",
    rpID: rpId,
    userID: new Uint8Array(Buffer.from(user.userId.replaceAll("-", ""), "hex")),
    userName: user.userName,
    userDisplayName: user.displayName,
    timeout,
    attestationType: "none",
    supportedAlgorithmIDs,
    excludeCredentials: known(factors),
    authenticatorSelection: { residentKey: "discouraged", userVerification: "required" },
  });
}

export type RegisteredKey = { credentialId: Buffer; publicKey: string; counter: number; transports: string[] };

/** Null for a response that is not to this challenge, of another origin, without user verification, or malformed. */
export async function verifyRegistration(
  { rpId, origin }: RelyingParty,
  challenge: string,
  response: object,
): Promise<RegisteredKey | null> {
  const found = await verifyRegistrationResponse({
    response: response as RegistrationResponseJSON,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    requireUserVerification: true,
    supportedAlgorithmIDs,
  }).catch(() => null);
  if (!found?.verified) return null;
  const { id, publicKey, counter, transports = [] } = found.registrationInfo.credential;
  return {
    credentialId: Buffer.from(id, "base64url"),
    publicKey: Buffer.from(publicKey).toString("base64"),
    counter,
    transports,
  };
}

export async function authenticationOptions({ rpId }: RelyingParty, factors: readonly FactorSecret[]) {
  return generateAuthenticationOptions({
    rpID: rpId,
    allowCredentials: known(factors),
    timeout,
    userVerification: "required",
  });
}

export type UsedKey = { ok: true; counter: number } | { ok: false; reason: "webauthn" | "webauthn-counter" };

/**
 * A counter that does not rise tells of a copy of the key: refused. Keys that count nothing say 0 always.
 */
export async function verifyAuthentication(
  { rpId, origin }: RelyingParty,
  challenge: string,
  key: { id: string; publicKey: string; counter: number },
  response: object,
): Promise<UsedKey> {
  const found = await verifyAuthenticationResponse({
    response: response as AuthenticationResponseJSON,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    // The counter is our check, below: the library's answer would not tell it from a wrong signature.
    credential: { id: key.id, publicKey: new Uint8Array(Buffer.from(key.publicKey, "base64")), counter: 0 },
    requireUserVerification: true,
  }).catch(() => null);
  if (!found?.verified) return { ok: false, reason: "webauthn" };
  const { newCounter } = found.authenticationInfo;
  if ((newCounter > 0 || key.counter > 0) && newCounter <= key.counter)
    return { ok: false, reason: "webauthn-counter" };
  return { ok: true, counter: newCounter };
}
