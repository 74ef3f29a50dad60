import type { TenantTx } from "../../audit/index.ts";
import type { Mail } from "../../platform/mail.ts";
import type { NoticeDeps } from "./deps.ts";
import { insertMail } from "./store-mails.ts";

export const mailKind = "notices.mail";

/** What a sealed mail is bound to. */
export const mailContext = (mailId: string): string => `mail ${mailId}`;

export type NewMail = Pick<Mail, "to" | "subject" | "text"> & {
  /** The person it speaks of: it is dropped when they are erased. */
  about: string | null;
};

/**
 * Puts an e-mail on its way in the caller's transaction: it goes out after the commit, again and again until the SMTP server takes
 * it, within a few seconds when all is well. False when no SMTP server is configured: then there must be another way.
 *
 * Codes that somebody waits for with a screen before them go by `deps.mail.mailer.send` instead, after the commit: at once, within
 * 30 s, and a failure is told to the one who asked.
 */
export async function queueMail({ mail }: Pick<NoticeDeps, "mail">, tx: TenantTx, wanted: NewMail): Promise<boolean> {
  if (!mail) return false;
  const mailId = crypto.randomUUID();
  const { to, subject, text, about } = wanted;
  const sealed = await mail.seal(tx, mailContext(mailId), Buffer.from(JSON.stringify({ to, subject, text })));
  await insertMail(tx, { mailId, about, sealed });
  await mail.enqueue(tx, { kind: mailKind, key: mailId, arguments: { mailId } });
  return true;
}
