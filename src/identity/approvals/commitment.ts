import { createHash } from "node:crypto";
import type { TenantTx } from "../../audit/index.ts";
import { AppError } from "../../platform/errors.ts";
import { type ApprovalRow, selectCommits } from "./store.ts";

/** What the row approval.requested commits to: all of a request that does not change, its sealed content included. */
export function commitmentOf(row: Omit<ApprovalRow, "seq" | "state" | "decidedBy" | "decidedAt">): Buffer {
  const lines = [
    "ledgerstone/approval/v1",
    `approval ${row.approvalId}`,
    `act ${row.act}`,
    `route ${row.method} ${row.route}`,
    `permission ${row.permission}`,
    `requester ${row.requestedByType} ${row.requestedBy}`,
    `person ${row.person ?? "-"}`,
    `sites ${row.siteIds?.join(",") ?? "*"}`,
    `requested ${row.requestedAt}`,
    `expires ${row.expiresAt}`,
    `alone ${row.aloneFrom ?? "-"}`,
    `request ${createHash("sha256")
      .update(row.request ?? "")
      .digest("hex")}`,
  ];
  return createHash("sha256")
    .update(`${lines.join("\n")}\n`)
    .digest();
}

/** @throws AppError `approval-changed` when a request is not the one that was recorded: somebody changed it in the database. */
export async function requireAsRecorded(tx: TenantTx, row: ApprovalRow): Promise<void> {
  const recorded = await selectCommits(tx, row);
  const expected = `commit request ${commitmentOf(row).toString("hex")}\n`;
  if (recorded === expected) return;
  throw new AppError("approval-changed", "this request is not what was asked for", {
    found: recorded ? "content that its ledger row does not commit to" : "no row approval.requested for it",
    expected: "the request as the ledger recorded it",
    remedy: "refuse it, ask again, and find out who changed the database",
  });
}
