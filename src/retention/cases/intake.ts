import { appendRow, lockChainHead, type Principal, type TenantTx, withTenant } from "../../audit/index.ts";
import { notify, queueMail } from "../../identity/index.ts";
import { AppError, forbidden, invalid, notFound } from "../../platform/errors.ts";
import { hashToken, newToken } from "../../platform/tokens.ts";
import { daysBetween, dueOn } from "./clock.ts";
import { sealContent } from "./content.ts";
import type { CaseDeps } from "./deps.ts";
import type { IntakeInput, NewCaseInput } from "./schema.ts";
import { confirmCase, countIntake, insertCase, selectPageTenant, selectSettings } from "./store.ts";

export type Asker = { slug: string; correlation: string };
/** `mailed`: a link must be followed before it counts. The same answer whether or not it was taken as new. */
export type Received = { confirmBy: "mail" | "nothing" };

const mostADay = 200;

async function pagePrincipal({ pool }: Pick<CaseDeps, "pool">, { slug, correlation }: Asker): Promise<Principal> {
  const tenantId = await selectPageTenant(pool, slug);
  if (!tenantId) throw notFound("page");
  return { tenantId, actor: { type: "system", id: "intake" }, via: "web", correlation, sites: "all" };
}

/** Whose page it is, and whether a mail will ask for a confirmation. @throws AppError `not-found` while it is switched off. */
export async function openErasurePage(deps: CaseDeps, asker: Asker): Promise<{ name: string; byMail: boolean }> {
  const principal = await pagePrincipal(deps, asker);
  const { name } = await withTenant(deps.pool, principal, selectSettings);
  return { name, byMail: deps.notices.mail !== undefined };
}

/**
 * Takes what somebody asks for by the public page. With SMTP it counts from the moment that its sender confirms it by the link in a
 * mail, and its clock from now; without, at once. A sender gets one mail a day, a tenant at most 200 requests a day.
 */
export async function receiveByPage(deps: CaseDeps, asker: Asker, given: IntakeInput): Promise<Received> {
  const principal = await pagePrincipal(deps, asker);
  const { email } = given;
  const byMail = deps.notices.mail !== undefined;
  if (byMail && !email) throw invalid("body.email: expected an address, to confirm the request by a mail");
  return withTenant(deps.pool, principal, async (tx) => {
    const sender = email ? await deps.notices.hashSubject(tx, `email:${email}`) : null;
    // Requests at the same moment are counted one after the other: each must see the mail of the one before.
    await lockChainHead(tx);
    const { day, fromSender } = await countIntake(tx, sender);
    if (day >= mostADay) {
      const remedy = "come again tomorrow, or write a letter";
      throw new AppError("too-many", "too many requests came in today", { remedy });
    }
    // Whoever names a stranger's address again and again sends them one mail.
    if (fromSender > 0) return { confirmBy: byMail ? "mail" : "nothing" };
    const token = byMail ? newToken() : null;
    const { today, name } = await selectSettings(tx);
    const caseId = crypto.randomUUID();
    const content = { name: given.name ?? null, email: email ?? null, about: given.about };
    await insertCase(tx, {
      caseId,
      channel: "page",
      law: "gdpr",
      receivedAt: null,
      dueOn: dueOn("gdpr", today, false),
      sealed: await sealContent(deps.keyring, tx, caseId, content),
      sender,
      confirmHash: token === null ? null : hashToken(token),
    });
    if (token && email) await askToConfirm(deps, tx, { to: email, token, slug: asker.slug, name });
    await appendReceived(tx, caseId, { channel: "page", law: "gdpr", confirmed: token === null });
    if (!token) await tell(deps, tx, caseId);
    return { confirmBy: byMail ? "mail" : "nothing" };
  });
}

type Link = { to: string; token: string; slug: string; name: string };

async function askToConfirm({ notices }: CaseDeps, tx: TenantTx, { to, token, slug, name }: Link): Promise<void> {
  const text = [
    `Somebody asked ${name} to erase what is kept about them, and gave this address.`,
    "If it was you, confirm it within seven days:",
    "",
    `${notices.publicUrl}/erasure/${slug}/confirm?token=${token}`,
    "",
    "If it was not you, do nothing: the request is dropped.",
    "",
  ].join("\n");
  await queueMail(notices, tx, { to, subject: "Confirm your request for an erasure", text, about: null });
}

/** The link was followed and its button pressed. @throws AppError `not-found` for a token that is none, used or dropped. */
export async function confirmByMail(deps: CaseDeps, asker: Asker, token: string): Promise<void> {
  const principal = await pagePrincipal(deps, asker);
  await withTenant(deps.pool, principal, async (tx) => {
    const caseId = await confirmCase(tx, hashToken(token));
    if (!caseId) throw notFound("request to confirm");
    await tell(deps, tx, caseId);
    await appendRow(tx, { action: "erasure.case.confirmed", entity: { type: "case", id: caseId } });
  });
}

/** Records a request that came another way; its clock runs from the day it came. Returns the case's id. */
export async function recordByStaff(deps: CaseDeps, principal: Principal, given: NewCaseInput): Promise<string> {
  if (principal.sites !== "all") throw forbidden("an erasure request needs access to all sites");
  const caseId = crypto.randomUUID();
  await withTenant(deps.pool, principal, async (tx) => {
    const { today } = await selectSettings(tx);
    const { name, email, about, law, receivedOn = today } = given;
    const age = daysBetween(receivedOn, today);
    if (age < 0 || age > 365) {
      throw invalid("body.receivedOn: a day within the last year", { found: receivedOn, expected: `at most ${today}` });
    }
    await insertCase(tx, {
      caseId,
      channel: "staff",
      law,
      receivedAt: age === 0 ? null : `${receivedOn}T00:00:00Z`,
      dueOn: dueOn(law, receivedOn, false),
      sealed: await sealContent(deps.keyring, tx, caseId, { name, email, about }),
      sender: null,
      confirmHash: null,
    });
    await appendReceived(tx, caseId, { channel: "staff", law, receivedOn });
  });
  return caseId;
}

async function tell({ notices }: CaseDeps, tx: TenantTx, caseId: string): Promise<void> {
  const entity = { type: "case", id: caseId };
  await notify(notices, tx, {
    kind: "erasure.received",
    entity,
    data: {},
    about: null,
    to: { permission: "erasures:write" },
  });
}

async function appendReceived(tx: TenantTx, caseId: string, detail: object): Promise<void> {
  await appendRow(tx, {
    action: "erasure.case.received",
    entity: { type: "case", id: caseId },
    units: [{ name: "detail", content: JSON.stringify(detail) }],
  });
}
