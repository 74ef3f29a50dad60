import { appendRow, listTenantIds, systemPrincipal, type TenantTx, withTenant } from "../../audit/index.ts";
import { type Audience, notify } from "../../identity/index.ts";
import type { Logger } from "../../platform/logger.ts";
import { recordErasure } from "../requests.ts";
import { caseSubject } from "./content.ts";
import { answer } from "./decide.ts";
import type { CaseDeps } from "./deps.ts";
import { selectCase, updateCase } from "./store.ts";
import { deleteUnconfirmed, disposeOld, markTold, selectFinishedCase, selectUntold } from "./store-upkeep.ts";

const soonDays = 7;

/** Ends the case whose last erasure request this was, and tells the person. Again does nothing. */
export async function closeCaseOf(deps: CaseDeps, tenantId: string, requestId: string): Promise<void> {
  await withTenant(deps.pool, systemPrincipal(tenantId, "retention", "cron"), async (tx) => {
    const caseId = await selectFinishedCase(tx, requestId);
    const found = caseId && (await selectCase(tx, caseId));
    if (!found) return;
    await updateCase(tx, found.caseId, { state: "executed", closed: true });
    await append(tx, found.caseId, "executed");
    await answer(deps, tx, found, {
      subject: "Your request for an erasure was carried out",
      lines: [
        "What was kept of you is erased. Copies in backups go when the backups expire.",
        "You can ask for the certificate, which says what was erased, when, and who had been given it before.",
      ],
    });
  });
}

/** What comes round: notices before and after the last day, requests never confirmed, words kept no longer. */
export async function tendCases(deps: CaseDeps & { log: Logger }, signal: AbortSignal): Promise<void> {
  for (const tenantId of await listTenantIds(deps.pool)) {
    signal.throwIfAborted();
    // One tenant's trouble is not the others'.
    await tendTenant(deps, tenantId).catch((error: unknown) =>
      deps.log.error({ err: error, tenantId }, "tending erasure cases failed"),
    );
  }
}

export async function tendTenant(deps: CaseDeps, tenantId: string): Promise<void> {
  await withTenant(deps.pool, systemPrincipal(tenantId, "retention", "cron"), async (tx) => {
    await remind(deps, tx);
    const dropped = await deleteUnconfirmed(tx);
    if (dropped > 0) {
      const units = [{ name: "detail", content: JSON.stringify({ dropped }) }];
      await appendRow(tx, { action: "erasure.cases-dropped", entity: { type: "tenant", id: tenantId }, units });
    }
    for (const caseId of await disposeOld(tx)) {
      // What rows tell of the person goes by a tombstone, as for anybody who asks.
      const reason = "the case's words are kept no longer";
      await recordErasure(deps, tx, { subject: caseSubject(caseId), imagesOnly: false, reason });
      await append(tx, caseId, "disposed");
    }
  });
}

async function remind({ notices }: CaseDeps, tx: TenantTx): Promise<void> {
  for (const { caseId, dueOn, isOverdue } of await selectUntold(tx, soonDays)) {
    const what = isOverdue ? "overdue" : "due-soon";
    await markTold(tx, caseId, isOverdue);
    const to: Audience = { permission: "erasures:write", ...(isOverdue && { role: "owner" }) };
    const entity = { type: "case", id: caseId };
    await notify(notices, tx, { kind: `erasure.${what}`, entity, data: { dueOn }, about: null, to });
    await append(tx, caseId, what);
  }
}

async function append(tx: TenantTx, caseId: string, what: string): Promise<void> {
  await appendRow(tx, { action: `erasure.case.${what}`, entity: { type: "case", id: caseId } });
}
