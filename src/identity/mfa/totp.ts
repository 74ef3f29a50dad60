import { Secret, TOTP } from "otpauth";
import { renderSVG } from "uqr";

/** RFC 6238 as every authenticator app has it: SHA-1, six digits, 30 s. */
const shape = { algorithm: "SHA1", digits: 6, period: 30 } as const;

export type TotpEnrolment = {
  /** Base32, to type. */
  secret: string;
  /** otpauth://, to scan. */
  uri: string;
  /** The QR code of it. */
  svg: string;
};

/** A new seed of 160 bits. */
export function newTotp({ issuer, label }: { issuer: string; label: string }): TotpEnrolment {
  // A colon parts issuer and account in the address.
  const plain = (text: string) => text.replaceAll(":", " ");
  const secret = new Secret({ size: 20 });
  const uri = new TOTP({ ...shape, issuer: plain(issuer), label: plain(label), secret }).toString();
  return { secret: secret.base32, uri, svg: renderSVG(uri, { ecc: "M", border: 4 }) };
}

/** The time step whose code this is: the present one, the one before or after. Null for a wrong code. */
export function totpStep(secret: string, code: string, now: number): number | null {
  const totp = new TOTP({ ...shape, secret: Secret.fromBase32(secret) });
  const delta = totp.validate({ token: code, timestamp: now, window: 1 });
  return delta === null ? null : totp.counter({ timestamp: now }) + delta;
}
