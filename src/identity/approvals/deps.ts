import type { TenantTx } from "../../audit/index.ts";
import type { Pool } from "../../platform/db.ts";
import type { ApprovalRow } from "./store.ts";

export type ApprovalDeps = {
  pool: Pool;
  /** Under the tenant's data key (keys/). */
  keyring: {
    seal(tx: TenantTx, context: string, plaintext: Uint8Array): Promise<Buffer>;
    unseal(tx: TenantTx, context: string, sealed: Uint8Array): Promise<Buffer>;
  };
  /** How people hear of requests (tell.ts). */
  tell?: {
    requested(
      tx: TenantTx,
      request: Pick<ApprovalRow, "approvalId" | "act">,
      userIds: readonly string[],
    ): Promise<void>;
    decided(tx: TenantTx, request: ApprovalRow, outcome: "approved" | "refused"): Promise<void>;
  };
};

/** Parameters, query and body as they were sent. They are checked by the route's schemas again when it runs. */
export type AskedInput = { params: Record<string, string>; query: unknown; body: unknown };

export const requestContext = (approvalId: string): string => `approval ${approvalId}`;
export const answerContext = (approvalId: string): string => `approval-answer ${approvalId}`;
