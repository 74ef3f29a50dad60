import { appendRow, type TenantTx } from "../../audit/index.ts";
import type { Page } from "../../platform/sorted-list.ts";
import { requireUser } from "../people/users.ts";
import type { NoticeDeps } from "./deps.ts";
import { noticeText } from "./kinds.ts";
import { countUnread, markRead, type StoredNotice, selectNotices, selectWantsMail, upsertWantsMail } from "./store.ts";

export type ShownNotice = StoredNotice & { title: string; text: string };

/** A person's notices, newest first. */
export async function listNotices(
  tx: TenantTx,
  userId: string,
  page: Page & { unread: boolean },
): Promise<{ notices: ShownNotice[]; unread: number; next: string | null }> {
  const { notices: found, next } = await selectNotices(tx, userId, page);
  const notices = found.map((notice) => ({ ...notice, ...noticeText(notice.kind, notice.data) }));
  return { notices, unread: await countUnread(tx, userId), next };
}

/** That an alarm was seen, by whom and when, is worth a row. How many were unread until now; null names all. */
export async function readNotices(tx: TenantTx, userId: string, noticeIds: readonly string[] | null): Promise<number> {
  const read = await markRead(tx, userId, noticeIds);
  if (read.length === 0) return 0;
  await appendRow(tx, {
    action: "notices.read",
    entity: { type: "user", id: userId },
    units: [{ name: "detail", content: JSON.stringify({ noticeIds: read }) }],
  });
  return read.length;
}

export type OwnSettings = { mail: boolean; address: string | null; smtp: boolean };

/** Whether a person gets e-mails, and whether and where they can. */
export async function ownSettings(deps: Pick<NoticeDeps, "mail">, tx: TenantTx, userId: string): Promise<OwnSettings> {
  const { email } = await requireUser(tx, userId);
  return { mail: await selectWantsMail(tx, userId), address: email, smtp: deps.mail !== undefined };
}

export async function setWantsMail(tx: TenantTx, userId: string, mail: boolean): Promise<void> {
  if ((await selectWantsMail(tx, userId)) === mail) return;
  await upsertWantsMail(tx, userId, mail);
  await appendRow(tx, {
    action: "notices.settings-changed",
    entity: { type: "user", id: userId },
    units: [{ name: "change", content: JSON.stringify({ after: { mail } }) }],
  });
}
