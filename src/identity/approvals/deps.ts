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
  /** Tells people that a request waits for them, in the request's own transaction. */
  notify?(tx: TenantTx, request: Pick<ApprovalRow, "approvalId" | "act">, userIds: readonly string[]): Promise<void>;
};

/** Parameters, query and body as they were sent. They are checked by the route's schemas again when it runs. */
export type AskedInput = { params: Record<string, string>; query: unknown; body: unknown };

export const requestContext = (approvalId: string): string => `approval ${approvalId}`;
export const answerContext = (approvalId: string): string => `approval-answer ${approvalId}`;
