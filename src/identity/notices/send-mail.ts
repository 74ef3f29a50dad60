import { z } from "zod";
import { type Principal, systemPrincipal, type TenantTx, withTenant } from "../../audit/index.ts";
import type { Pool } from "../../platform/db.ts";
import { AppError, describeError } from "../../platform/errors.ts";
import type { Logger } from "../../platform/logger.ts";
import type { Mail, Mailer } from "../../platform/mail.ts";
import { mailContext } from "./queue-mail.ts";
import { deleteMail, takeMail } from "./store-mails.ts";

export type SendDeps = {
  pool: Pool;
  log: Logger;
  /** Undefined: no SMTP server is configured. Mails that are on their way wait for one. */
  mailer: Mailer | undefined;
  unseal(tx: TenantTx, context: string, sealed: Uint8Array): Promise<Buffer>;
};

type Run = { tenantId: string; arguments: Record<string, unknown> };
type Outcome = { state: "done"; result?: Record<string, unknown> } | { state: "waiting"; until: number; note: string };

const given = z.strictObject({ mailId: z.uuid() });
const content = z.strictObject({ to: z.string(), subject: z.string(), text: z.string() });
const giveUpSeconds = 7 * 86_400;
const longestMs = 3_600_000;

/** Later each time: 10 s, 20 s, 40 s … an hour. */
export const delayAfter = (attempts: number): number => Math.min(10_000 * 2 ** (attempts - 1), longestMs);

/**
 * Hands one mail to the SMTP server. A server that is away or answers 4xx is tried again for a week. Killed between sending and
 * noting it, it sends a second time, under the same Message-ID.
 */
export async function sendQueuedMail({ pool, log, mailer, unseal }: SendDeps, task: Run): Promise<Outcome> {
  const { mailId } = given.parse(task.arguments);
  const principal: Principal = systemPrincipal(task.tenantId, "notices", "cron");
  const taken = await withTenant(pool, principal, async (tx) => {
    const found = await takeMail(tx, mailId);
    if (!found) return undefined;
    const text = (await unseal(tx, mailContext(mailId), found.sealed)).toString("utf8");
    return { ...found, mail: content.parse(JSON.parse(text)) };
  });
  // Sent already, or gone with the person it spoke of.
  if (!taken) return { state: "done" };
  const { attempts, ageSeconds, mail } = taken;
  const failure = await send(mailer, { ...mail, messageId: mailId });
  const mayPass = failure?.code === "mail-failed" && ageSeconds < giveUpSeconds;
  if (mayPass) return { state: "waiting", until: delayAfter(attempts), note: describeError(failure).slice(0, 2000) };
  await withTenant(pool, principal, (tx) => deleteMail(tx, mailId));
  if (!failure) return { state: "done", result: { attempts } };
  log.warn({ tenantId: task.tenantId, mailId, attempts, reason: describeError(failure) }, "a mail was given up");
  return { state: "done", result: { attempts, givenUp: true } };
}

/** What kept it from going out, if anything. */
async function send(mailer: Mailer | undefined, mail: Mail): Promise<AppError | undefined> {
  if (!mailer) return new AppError("mail-failed", "no SMTP server is configured");
  try {
    await mailer.send(mail);
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}
