import { useState } from "react";
import type { ApprovalDetail } from "../../api/types.ts";
import { useAnnounce } from "../../components/announcements.tsx";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { useAct } from "../../components/use-act.ts";
import { askWords } from "./ask-words.ts";
import { WhatWouldHappen } from "./what-would-happen.tsx";

type Dialog = { approval: ApprovalDetail; onClose(): void };

// What was approved may have changed anything that is shown.
const everything = [""];

export function ApproveDialog({ approval, onClose }: Dialog) {
  const announce = useAnnounce();
  const approve = useAct(everything, () => {
    announce({ kind: "done", title: "Approved, and done" });
    onClose();
  });
  return (
    <FormDialog
      title={`Approve: ${askWords(approval)}?`}
      about="It is done at once, by the right of whoever asked. Your name stands beside theirs in the ledger."
      act="Approve and do it"
      isDangerous
      isReady
      isBusy={approve.isPending}
      error={approve.error}
      onAct={() => approve.mutate({ path: `approvals/${approval.approvalId}/approve`, method: "POST" })}
      onClose={onClose}
    >
      <WhatWouldHappen approval={approval} />
    </FormDialog>
  );
}

export function RefuseDialog({ approval, onClose }: Dialog) {
  const [reason, setReason] = useState("");
  const refuse = useAct(["approvals"], onClose);
  return (
    <FormDialog
      title={`Refuse: ${askWords(approval)}?`}
      about="Nothing happens then, and whoever asked is told. They may ask again."
      act="Refuse"
      isDangerous
      isReady={reason.trim() !== ""}
      isBusy={refuse.isPending}
      error={refuse.error}
      onAct={() =>
        refuse.mutate({
          path: `approvals/${approval.approvalId}/refuse`,
          method: "POST",
          body: { reason: reason.trim() },
        })
      }
      onClose={onClose}
    >
      <Field label="Reason" isLong isRequired value={reason} onChange={setReason} help="Goes into the ledger." />
    </FormDialog>
  );
}

export function WithdrawDialog({ approval, onClose }: Dialog) {
  const withdraw = useAct(["approvals"], onClose);
  return (
    <FormDialog
      title="Take your request back?"
      about="Nothing happens then. You may ask again."
      act="Take it back"
      isReady
      isBusy={withdraw.isPending}
      error={withdraw.error}
      onAct={() => withdraw.mutate({ path: `approvals/${approval.approvalId}`, method: "DELETE" })}
      onClose={onClose}
    />
  );
}
