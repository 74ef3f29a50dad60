import type { TenantTx } from "../../audit/index.ts";
import type { IdentityDeps } from "../deps.ts";

export type MfaDeps = IdentityDeps & {
  /** Under the tenant's data key (keys/). */
  seal(tx: TenantTx, context: string, plaintext: Uint8Array): Promise<Buffer>;
  unseal(tx: TenantTx, context: string, sealed: Uint8Array): Promise<Buffer>;
  /** Where people reach us: WebAuthn binds keys to its host name. */
  publicUrl: string | undefined;
  /** Absent without SMTP: then there are no codes by e-mail. */
  mailer?: { send(mail: { to: string; subject: string; text: string }): Promise<void> } | undefined;
  now?: () => number;
};

/** As a person is named on their devices and in mails. */
export type Named = { userId: string; userName: string; displayName: string; email: string | null };

const context = (userId: string, what: string): string => `${what} ${userId}`;

/** Sealed for this person and purpose alone: no value opens as another's. */
export async function sealJson(deps: MfaDeps, tx: TenantTx, userId: string, what: string, value: object) {
  return deps.seal(tx, context(userId, what), Buffer.from(JSON.stringify(value)));
}

export async function unsealJson<T>(
  deps: MfaDeps,
  tx: TenantTx,
  userId: string,
  what: string,
  sealed: Buffer,
): Promise<T> {
  return JSON.parse((await deps.unseal(tx, context(userId, what), sealed)).toString());
}
