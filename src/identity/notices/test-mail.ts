import { appendRow, type Principal, withTenant } from "../../audit/index.ts";
import type { Pool } from "../../platform/db.ts";
import { conflict } from "../../platform/errors.ts";
import { requireUser } from "../people/users.ts";
import type { NoticeDeps } from "./deps.ts";

/**
 * Sends a mail to the person's own address, whatever they chose of notices. The row comes first: what leaves the appliance stands
 * in the ledger, also where the server then refuses it. @throws AppError `conflict` where there is no server or address,
 * `mail-failed`, `mail-refused`.
 */
export async function mailTest(
  { mail, publicUrl }: Pick<NoticeDeps, "mail" | "publicUrl">,
  pool: Pool,
  principal: Principal,
  userId: string,
): Promise<{ sentTo: string }> {
  if (!mail) {
    throw conflict("this appliance sends no e-mails", { remedy: "whoever runs it names an SMTP server: smtp.host" });
  }
  const to = await withTenant(pool, principal, async (tx) => {
    const { email } = await requireUser(tx, userId);
    if (!email) throw conflict("your account has no e-mail address", { remedy: "ask an administrator to add it" });
    await appendRow(tx, { action: "notices.test-mailed", entity: { type: "user", id: userId } });
    return email;
  });
  const text = `E-mails of the appliance at ${publicUrl}/ reach you.\n`;
  await mail.mailer.send({ to, subject: "A test of your Ledgerstone appliance", text });
  return { sentTo: to };
}
