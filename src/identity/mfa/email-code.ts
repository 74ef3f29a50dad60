import { randomInt, timingSafeEqual } from "node:crypto";
import type { TenantTx } from "../../audit/index.ts";
import { conflict } from "../../platform/errors.ts";
import { type MfaDeps, sealJson, unsealJson } from "./deps.ts";
import { type Holder, replaceChallenge, takeChallenge, tryChallenge } from "./store-challenges.ts";

type Purpose = "email-enrol" | "email-use";
const minutes = 10;

/** To be sent once the transaction is committed. */
export type CodeMail = { to: string; subject: string; text: string };

/** A new code in place of the holder's earlier one. The mail names nothing but the code and who asked. */
export async function newEmailCode(
  deps: MfaDeps,
  tx: TenantTx,
  { holder, userId }: Holder,
  { purpose, to }: { purpose: Purpose; to: string },
): Promise<CodeMail> {
  if (!deps.mailer) throw conflict("codes by e-mail need an SMTP server", { remedy: "use another second factor" });
  const code = String(randomInt(1_000_000)).padStart(6, "0");
  const sealed = await sealJson(deps, tx, userId, purpose, { code, to });
  await replaceChallenge(tx, { holder, userId }, purpose, { sealed, minutes });
  return {
    to,
    subject: `${code} is your Ledgerstone code`,
    text: [
      `Your code is ${code}. It is good for ${minutes} minutes, and for the sign-in that asked for it alone.`,
      "",
      "Nobody of your organisation will ask you for it. If you did not sign in just now, somebody knows your password:",
      "change it, and tell your administrator.",
      "",
    ].join("\n"),
  };
}

/** After the commit, so that no code is sent that is not kept. */
export async function sendCode({ mailer }: MfaDeps, mail: CodeMail): Promise<void> {
  await mailer?.send(mail);
}

/** The address it was sent to, when the code is right; it is spent then. Five answers at most. */
export async function takeEmailCode(
  deps: MfaDeps,
  tx: TenantTx,
  held: Holder,
  { purpose, code }: { purpose: Purpose; code: string },
): Promise<string | null> {
  const challenge = await tryChallenge(tx, held, purpose);
  if (!challenge) return null;
  const expected = await unsealJson<{ code: string; to: string }>(deps, tx, held.userId, purpose, challenge.sealed);
  if (!timingSafeEqual(Buffer.from(expected.code), Buffer.from(code))) return null;
  await takeChallenge(tx, held, purpose);
  return expected.to;
}
