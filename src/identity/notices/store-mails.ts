import type { TenantTx } from "../../audit/index.ts";

export type StoredMail = {
  mailId: string;
  sealed: Buffer;
  attempts: number;
  /** Since it was put on its way. */
  ageSeconds: number;
};

export async function insertMail(
  tx: TenantTx,
  mail: { mailId: string; about: string | null; sealed: Buffer },
): Promise<void> {
  await tx.query(
    `insert into mails (tenant_id, mail_id, about, sealed) values (app.tenant(), $1::uuid, $2::uuid, $3::bytea)`,
    [mail.mailId, mail.about, mail.sealed],
  );
}

/** Counts the attempt that follows. */
export async function takeMail(tx: TenantTx, mailId: string): Promise<StoredMail | undefined> {
  const { rows } = await tx.query<StoredMail>(
    `update mails set attempts = attempts + 1
      where tenant_id = app.tenant() and mail_id = $1::uuid
      returning mail_id as "mailId", sealed, attempts, extract(epoch from clock_timestamp() - made_at)::float8 as "ageSeconds"`,
    [mailId],
  );
  return rows[0];
}

export async function deleteMail(tx: TenantTx, mailId: string): Promise<void> {
  await tx.query("delete from mails where tenant_id = app.tenant() and mail_id = $1::uuid", [mailId]);
}

export async function deleteMailsAbout(tx: TenantTx, userId: string): Promise<void> {
  await tx.query("delete from mails where tenant_id = app.tenant() and about = $1::uuid", [userId]);
}
