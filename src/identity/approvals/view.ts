import type { TenantTx } from "../../audit/index.ts";
import { notFound } from "../../platform/errors.ts";
import type { Page } from "../../platform/sorted-list.ts";
import type { Access } from "../access/access.ts";
import { ACTS, isAct } from "./acts.ts";
import { type ApprovalDeps, type AskedInput, answerContext, requestContext } from "./deps.ts";
import { type Standing, standingOn } from "./standing.ts";
import { type ApprovalRow, type ApprovalState, selectAnswer, selectApproval, selectApprovals } from "./store.ts";

export type ApprovalView = Omit<ApprovalRow, "request" | "seq" | "requestedByType" | "requestedBy"> & {
  /** What would happen, in words. */
  title: string;
  requestedBy: { type: string; id: string };
};

/** As whoever reads it stands to it. */
export type SeenApproval = ApprovalView & { standing: Standing };

/** With what was sent, secrets left out, and what the act answered; null once it was cleared away. */
export type ApprovalDetail = SeenApproval & {
  request: AskedInput | null;
  answer: { status: number; body: unknown } | null;
};

export function approvalView(row: ApprovalRow): ApprovalView {
  const { request: _, seq: _seq, requestedByType, requestedBy, ...rest } = row;
  const title = isAct(row.act) ? ACTS[row.act].title : row.act;
  return { ...rest, title, requestedBy: { type: requestedByType, id: requestedBy } };
}

/** The person who reads; undefined for an API key. */
export type Reader = { userId: string; access: Access } | undefined;

export async function listApprovals(
  tx: TenantTx,
  by: Reader,
  page: Page & { state?: ApprovalState | undefined },
): Promise<{ approvals: SeenApproval[]; next: string | null }> {
  const { rows, next } = await selectApprovals(tx, page);
  const approvals: SeenApproval[] = [];
  for (const row of rows) approvals.push({ ...approvalView(row), standing: await standingOn(tx, row, by) });
  return { approvals, next };
}

export async function getApproval(
  { keyring }: ApprovalDeps,
  tx: TenantTx,
  by: Reader,
  approvalId: string,
): Promise<ApprovalDetail> {
  const row = await selectApproval(tx, approvalId);
  if (!row) throw notFound("request");
  const open = async (context: string, sealed: Buffer): Promise<unknown> =>
    JSON.parse((await keyring.unseal(tx, context, sealed)).toString());
  const answer = await selectAnswer(tx, approvalId);
  return {
    ...approvalView(row),
    standing: await standingOn(tx, row, by),
    request: row.request && (withoutSecrets(await open(requestContext(approvalId), row.request)) as AskedInput),
    answer: answer
      ? { status: answer.status, body: withoutSecrets(await open(answerContext(approvalId), answer.body)) }
      : null,
  };
}

const SECRET = /password|passphrase|secret|private|token|bindcredential/i;

/** Who decides needs no password to decide, nor to know how it came out. */
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
