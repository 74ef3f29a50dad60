import { type Principal, type TenantTx, withTenant } from "../../audit/index.ts";
import { notFound } from "../../platform/errors.ts";
import type { Page } from "../../platform/sorted-list.ts";
import { readClock } from "./clock.ts";
import { type CaseContent, unsealContent } from "./content.ts";
import type { CaseDeps } from "./deps.ts";
import { countOpenCases, type StoredCase, selectCase, selectCases } from "./store.ts";

export type CaseSummary = Omit<StoredCase, "sealed" | "receivedOn" | "pausedOn" | "pausedDays" | "today"> & {
  /** Days left to answer in time, today among them as 0; below: overdue. Null once it is closed. */
  daysLeft: number | null;
  overdue: boolean;
  /** Whether the clock stands. */
  paused: boolean;
};
/** `content`: null once it is kept no longer. */
export type CaseView = CaseSummary & { content: CaseContent | null };

export function summaryOf(stored: StoredCase): CaseSummary {
  const { sealed: _, receivedOn: __, pausedOn, pausedDays: ___, today, ...rest } = stored;
  const { dueOn, daysLeft } = readClock(stored, today);
  const isClosed = stored.closedAt !== null;
  return {
    ...rest,
    dueOn,
    daysLeft: isClosed ? null : daysLeft,
    overdue: !isClosed && daysLeft < 0,
    paused: pausedOn !== null,
  };
}

export async function requireCase(tx: TenantTx, caseId: string, forUpdate = false): Promise<StoredCase> {
  const found = await selectCase(tx, caseId, forUpdate);
  // What nobody has confirmed is no request yet.
  if (!found || found.state === "unconfirmed") throw notFound("erasure case");
  return found;
}

export async function viewCase(
  { keyring }: Pick<CaseDeps, "keyring">,
  tx: TenantTx,
  caseId: string,
): Promise<CaseView> {
  const stored = await requireCase(tx, caseId);
  const content = stored.sealed && (await unsealContent(keyring, tx, caseId, stored.sealed));
  return { ...summaryOf(stored), content };
}

export async function getCase(deps: CaseDeps, principal: Principal, caseId: string): Promise<CaseView> {
  return withTenant(deps.pool, principal, (tx) => viewCase(deps, tx, caseId));
}

export type UrgentCases = { open: number; cases: CaseSummary[] };

/** How many wait for an answer, and the few whose time runs out first. */
export async function urgentCases({ pool }: Pick<CaseDeps, "pool">, principal: Principal): Promise<UrgentCases> {
  return withTenant(pool, principal, async (tx) => {
    const { cases } = await selectCases(tx, { openOnly: true, limit: 5 });
    return { open: await countOpenCases(tx), cases: cases.map(summaryOf) };
  });
}

export async function listCases(
  { pool }: Pick<CaseDeps, "pool">,
  principal: Principal,
  page: Page & { openOnly: boolean },
): Promise<{ cases: CaseSummary[]; next: string | null }> {
  const { cases, next } = await withTenant(pool, principal, (tx) => selectCases(tx, page));
  return { cases: cases.map(summaryOf), next };
}
