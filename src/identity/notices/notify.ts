import type { TenantTx } from "../../audit/index.ts";
import { BUILTIN_ROLE_NAMES, BUILTIN_ROLES, type BuiltinRole } from "../access/roles.ts";
import type { Permission } from "../permissions.ts";
import type { NoticeDeps } from "./deps.ts";
import { type NoticeData, type NoticeKind, noticeText } from "./kinds.ts";
import { queueMail } from "./queue-mail.ts";
import { insertNotices, selectHolders, selectRecipients } from "./store.ts";

/** Who is told: persons by id, and whoever has a role or a permission over all sites now. */
export type Audience = { userIds?: readonly string[]; role?: BuiltinRole; permission?: Permission };

export type Notice = {
  kind: NoticeKind;
  entity: { type: string; id: string };
  data: NoticeData;
  /** The person it speaks of, if any: it goes when they are erased. */
  about: string | null;
  to: Audience;
};

/**
 * Tells people something: in the console for each, by e-mail beside it where SMTP is configured and the person wants it, and as a
 * line in the log, which is the way where nobody can be told. In the transaction of what it tells, which appends the ledger row.
 * Returns how many were told.
 */
export async function notify(deps: NoticeDeps, tx: TenantTx, notice: Notice): Promise<number> {
  const { kind, entity, data, about } = notice;
  const people = await selectRecipients(tx, await audience(tx, notice.to));
  deps.log.warn({ tenantId: tx.principal.tenantId, kind, entity, told: people.length }, "notice");
  if (people.length === 0) return 0;
  await insertNotices(
    tx,
    people.map(({ userId }) => userId),
    { kind, entity, data, about },
  );
  const { title, text } = noticeText(kind, data);
  const where = `${deps.publicUrl}/\n\nThis message was sent by the appliance. You can switch off e-mails in your notices' settings.`;
  for (const { userId, email } of people) {
    if (!email) continue;
    await queueMail(deps, tx, { to: email, subject: title, text: `${text}\n\n${where}\n`, about: about ?? userId });
  }
  return people.length;
}

async function audience(tx: TenantTx, { userIds = [], role, permission }: Audience): Promise<string[]> {
  const builtinRoles = BUILTIN_ROLE_NAMES.filter(
    (name) => name === role || (permission !== undefined && BUILTIN_ROLES[name].has(permission)),
  );
  const holders = role || permission ? await selectHolders(tx, { builtinRoles, permission: permission ?? null }) : [];
  return [...new Set([...userIds, ...holders])];
}
