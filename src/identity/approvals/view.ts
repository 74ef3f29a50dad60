import type { TenantTx } from "../../audit/index.ts";
import { notFound } from "../../platform/errors.ts";
import { ACTS, isAct } from "./acts.ts";
import { type ApprovalDeps, type AskedInput, answerContext, requestContext } from "./deps.ts";
import { type ApprovalRow, type ApprovalState, selectAnswer, selectApproval, selectApprovals } from "./store.ts";

export type ApprovalView = Omit<ApprovalRow, "request" | "seq" | "requestedByType" | "requestedBy"> & {
  /** What would happen, in words. */
  title: string;
  requestedBy: { type: string; id: string };
};

/** With what was sent, secrets left out, and what the act answered; null once it was cleared away. */
export type ApprovalDetail = ApprovalView & {
  request: AskedInput | null;
  answer: { status: number; body: unknown } | null;
};

export function approvalView(row: ApprovalRow): ApprovalView {
  const { request: _, seq: _seq, requestedByType, requestedBy, ...rest } = row;
  const title = isAct(row.act) ? ACTS[row.act].title : row.act;
  return { ...rest, title, requestedBy: { type: requestedByType, id: requestedBy } };
}

/** Newest first; `next` is where the following page begins, null at the end. */
export async function listApprovals(
  tx: TenantTx,
  { state, after, limit }: { state: ApprovalState | null; after: number | null; limit: number },
): Promise<{ approvals: ApprovalView[]; next: number | null }> {
  const rows = await selectApprovals(tx, { state, after, limit: limit + 1 });
  const shown = rows.slice(0, limit);
  return { approvals: shown.map(approvalView), next: rows.length > limit ? shown.at(-1)!.seq : null };
}

export async function getApproval(
  { keyring }: ApprovalDeps,
  tx: TenantTx,
  approvalId: string,
): Promise<ApprovalDetail> {
  const row = await selectApproval(tx, approvalId);
  if (!row) throw notFound("request");
  const open = async (context: string, sealed: Buffer): Promise<unknown> =>
    JSON.parse((await keyring.unseal(tx, context, sealed)).toString());
  const answer = await selectAnswer(tx, approvalId);
  return {
    ...approvalView(row),
    request: row.request && (withoutSecrets(await open(requestContext(approvalId), row.request)) as AskedInput),
    answer: answer ? { status: answer.status, body: await open(answerContext(approvalId), answer.body) } : null,
  };
}

const SECRET = /password|passphrase|secret|private|token|bindcredential/i;

/** Who decides needs no password to decide. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      SECRET.test(key) && inner !== null ? "(not shown)" : withoutSecrets(inner),
    ]),
  );
}
