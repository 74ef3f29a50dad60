import type { TenantTx } from "../../audit/index.ts";
import type { Logger } from "../../platform/logger.ts";
import type { Mailer } from "../../platform/mail.ts";
import type { IdentityDeps } from "../deps.ts";

/** What puts e-mails on their way. Absent from NoticeDeps: no SMTP server is configured. */
export type MailDeps = {
  /** Sends now: for codes, which nobody waits a task's round for. Outside a transaction. */
  mailer: Mailer;
  /** Under the tenant's data key (keys/). */
  seal(tx: TenantTx, context: string, plaintext: Uint8Array): Promise<Buffer>;
  /** tasks/: runs after the commit, whatever becomes of Redis. */
  enqueue(tx: TenantTx, task: { kind: string; key: string; arguments: Record<string, unknown> }): Promise<unknown>;
};

export type NoticeDeps = IdentityDeps & {
  mail?: MailDeps;
  /** Where people reach the console: goes into e-mails. */
  publicUrl: string;
  /** The way of a notice that nobody can be sent: every one leaves a line, without names, for syslog. */
  log: Logger;
};
