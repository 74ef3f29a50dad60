import type { NoticeDeps } from "../notices/deps.ts";
import { notify } from "../notices/notify.ts";
import type { ApprovalDeps } from "./deps.ts";

/** Tells who could decide that a request waits, and who had asked how it ended; in the transaction of what it tells. */
export function tellOfApprovals(notices: NoticeDeps): NonNullable<ApprovalDeps["tell"]> {
  return {
    async requested(tx, { approvalId, act }, userIds) {
      const entity = { type: "approval", id: approvalId };
      await notify(notices, tx, { kind: "approval.requested", entity, data: { act }, about: null, to: { userIds } });
    },
    async decided(tx, { approvalId, act, person }, outcome) {
      if (!person) return;
      const entity = { type: "approval", id: approvalId };
      const to = { userIds: [person] };
      await notify(notices, tx, { kind: "approval.decided", entity, data: { act, outcome }, about: null, to });
    },
  };
}
