import { appendRow, type Principal, type TenantTx, type Unit, withTenant } from "../../audit/index.ts";
import { type Access, queueMail } from "../../identity/index.ts";
import { conflict, forbidden } from "../../platform/errors.ts";
import { recordErasure } from "../requests.ts";
import { addDays, daysBetween, dueOn, readClock } from "./clock.ts";
import { caseSubject, unsealContent } from "./content.ts";
import type { CaseDeps } from "./deps.ts";
import type { AcceptInput, IdentityCheck } from "./schema.ts";
import { type CaseChange, type CaseState, type StoredCase, selectSettings, updateCase } from "./store.ts";
import { forgetTold } from "./store-upkeep.ts";
import { type CaseView, requireCase, viewCase } from "./view.ts";

const open: readonly CaseState[] = ["received", "identifying", "identified"];

/** More is asked of the person. The clock stands from now on, where the tenant has it so. */
export async function askIdentity(deps: CaseDeps, principal: Principal, caseId: string): Promise<CaseView> {
  return step(deps, principal, { caseId, from: ["received"] }, async (tx, found) => {
    const { pauses } = await selectSettings(tx);
    await updateCase(tx, caseId, { state: "identifying", ...(pauses && { pausedOn: found.today }) });
    await append(tx, caseId, "identity-asked", [{ name: "detail", content: JSON.stringify({ paused: pauses }) }]);
  });
}

/** Somebody has seen who asks: how, and what they saw. */
export async function recordIdentity(
  deps: CaseDeps,
  principal: Principal,
  caseId: string,
  { method, evidence }: IdentityCheck,
): Promise<CaseView> {
  return step(deps, principal, { caseId, from: ["received", "identifying"] }, async (tx, found) => {
    await updateCase(tx, caseId, { state: "identified", identityMethod: method, ...resumed(found) });
    const units: Unit[] = [{ name: "detail", content: JSON.stringify({ method }) }];
    if (evidence) units.push(await personal(deps, tx, caseId, { name: "evidence", content: evidence }));
    await append(tx, caseId, "identified", units);
  });
}

/** Once, with a reason, and while it is not overdue (GDPR Art. 12(3)). */
export async function extendCase(
  deps: CaseDeps,
  principal: Principal,
  { caseId, reason }: { caseId: string; reason: string },
): Promise<CaseView> {
  return step(deps, principal, { caseId, from: open }, async (tx, found) => {
    if (found.extended) throw conflict("this case was extended before", { expected: "one extension at most" });
    const { daysLeft, dueOn: was } = readClock(found, found.today);
    if (daysLeft < 0)
      throw conflict("this case is overdue", { found: `due on ${was}`, expected: "an extension in time" });
    const due = addDays(dueOn(found.law, found.receivedOn, true), found.pausedDays);
    await updateCase(tx, caseId, { dueOn: due, extended: true });
    await forgetTold(tx, caseId);
    const detail = JSON.stringify({ reason, dueOn: due });
    await append(tx, caseId, "extended", [await personal(deps, tx, caseId, { name: "detail", content: detail })]);
    await answer(deps, tx, found, {
      subject: "Your request for an erasure takes longer",
      lines: [`It will be answered by ${due}.`, `The reason: ${reason}`],
    });
  });
}

/** What is to be erased is asked for as erasure requests, in this transaction; holds win there, as ever. */
export async function acceptCase(
  deps: CaseDeps,
  principal: Principal,
  { caseId, asker, ...wanted }: AcceptInput & { caseId: string; asker: Access | null },
): Promise<CaseView> {
  return step(deps, principal, { caseId, from: ["identified"] }, async (tx) => {
    const { subjects, eventIds, imagesOnly } = wanted;
    const reason = `case ${caseId}`;
    const parts = [
      ...[...new Set(subjects)].map((subject) => ({ subject, imagesOnly: false, reason })),
      ...(eventIds.length > 0 ? [{ eventIds, imagesOnly, reason }] : []),
    ];
    await updateCase(tx, caseId, { state: "accepted", decided: true });
    const requests: string[] = [];
    for (const part of parts) requests.push((await recordErasure(deps, tx, part, { caseId, asker })).requestId);
    await append(tx, caseId, "accepted", [{ name: "detail", content: JSON.stringify({ requests }) }]);
  });
}

/** With a reason, which the person is told, and where they can complain (GDPR Art. 12(4)). */
export async function refuseCase(
  deps: CaseDeps,
  principal: Principal,
  { caseId, reason }: { caseId: string; reason: string },
): Promise<CaseView> {
  return step(deps, principal, { caseId, from: open }, async (tx, found) => {
    await updateCase(tx, caseId, { state: "refused", decided: true, closed: true, ...resumed(found) });
    const content = JSON.stringify({ reason });
    await append(tx, caseId, "refused", [await personal(deps, tx, caseId, { name: "detail", content })]);
    await answer(deps, tx, found, {
      subject: "Your request for an erasure was refused",
      lines: [`The reason: ${reason}`, "You may complain to a data protection authority, and go to court."],
    });
  });
}

/** The days on which the clock stood come at its end. */
function resumed({ pausedOn, pausedDays, dueOn: due, today }: StoredCase): CaseChange {
  if (pausedOn === null) return {};
  const days = Math.max(0, daysBetween(pausedOn, today));
  return { pausedOn: null, pausedDays: pausedDays + days, dueOn: addDays(due, days) };
}

type Step = { caseId: string; from: readonly CaseState[] };

async function step(
  deps: CaseDeps,
  principal: Principal,
  { caseId, from }: Step,
  work: (tx: TenantTx, found: StoredCase) => Promise<void>,
): Promise<CaseView> {
  if (principal.sites !== "all") throw forbidden("an erasure request needs access to all sites");
  return withTenant(deps.pool, principal, async (tx) => {
    const found = await requireCase(tx, caseId, true);
    if (!from.includes(found.state)) {
      throw conflict("this case is not where this can be done", {
        found: `state ${found.state}`,
        expected: from.join(", "),
      });
    }
    await work(tx, found);
    return viewCase(deps, tx, caseId);
  });
}

/** A unit that tells of the person: it goes with the case's words. */
async function personal({ notices }: CaseDeps, tx: TenantTx, caseId: string, unit: Unit): Promise<Unit> {
  return { ...unit, subjects: [await notices.hashSubject(tx, caseSubject(caseId))] };
}

async function append(tx: TenantTx, caseId: string, what: string, units: Unit[]): Promise<void> {
  await appendRow(tx, { action: `erasure.case.${what}`, entity: { type: "case", id: caseId }, units });
}

/** By e-mail, where there is an address and SMTP; otherwise staff answer by the way the request came. */
export async function answer(
  { notices, keyring }: Pick<CaseDeps, "notices" | "keyring">,
  tx: TenantTx,
  { caseId, sealed, receivedOn }: Pick<StoredCase, "caseId" | "sealed" | "receivedOn">,
  { subject, lines }: { subject: string; lines: readonly string[] },
): Promise<void> {
  const email = sealed && (await unsealContent(keyring, tx, caseId, sealed)).email;
  if (!email) return;
  const { name } = await selectSettings(tx);
  const text = [`${name} answers your request of ${receivedOn} (reference ${caseId}).`, "", ...lines, ""].join("\n");
  await queueMail(notices, tx, { to: email, subject, text, about: null });
}
