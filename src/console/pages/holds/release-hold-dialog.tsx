import { Alert } from "@patternfly/react-core";
import { useState } from "react";
import type { Hold } from "../../api/types.ts";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { countOf } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";
import { useAct } from "../../components/use-act.ts";

export function ReleaseHoldDialog({ hold, onClose }: { hold: Hold; onClose(): void }) {
  const [reason, setReason] = useState("");
  const release = useAct(["holds"], onClose);
  return (
    <FormDialog
      title={`Release the hold of case ${hold.caseNumber}?`}
      about="What policy or requests would have erased goes then, and nothing brings it back."
      act="Release"
      isDangerous
      isReady={reason.trim() !== ""}
      isBusy={release.isPending}
      error={release.error}
      onAct={() =>
        release.mutate({ path: `holds/${hold.holdId}/release`, method: "POST", body: { reason: reason.trim() } })
      }
      onClose={onClose}
    >
      <Load<{ events: number; days: number }> path={`holds/${hold.holdId}/coverage`} label="Counting what it takes in">
        {({ events, days }) => (
          <Alert
            variant="warning"
            isInline
            title={`It takes in ${countOf(events, "event")} on ${countOf(days, "site-day")} now`}
          />
        )}
      </Load>
      <Field label="Reason" isLong isRequired value={reason} onChange={setReason} help="Goes into the ledger." />
    </FormDialog>
  );
}
