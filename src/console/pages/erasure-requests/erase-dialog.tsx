import { Alert } from "@patternfly/react-core";
import { useState } from "react";
import { useNavigate } from "react-router";
import type { ErasureRequest } from "../../api/types.ts";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { useAct } from "../../components/use-act.ts";
import { emptyScope, eventIdsOf, ScopeFields, subjectsOf } from "./scope-fields.tsx";

/** An erasure that no person's case stands behind: by one subject, or by events. */
export function EraseDialog({ onClose }: { onClose(): void }) {
  const navigate = useNavigate();
  const [scope, setScope] = useState(emptyScope);
  const [reason, setReason] = useState("");
  const erase = useAct<ErasureRequest>(
    ["erasure-requests"],
    ({ data }) => navigate(`/erasure-requests/direct/${data.requestId}`),
    onClose,
  );
  const [subjects, eventIds] = [subjectsOf(scope), eventIdsOf(scope)];
  const isOne = subjects.length + Math.min(eventIds.length, 1) === 1;
  const wanted = subjects.length === 1 ? { subject: subjects[0] } : { eventIds, imagesOnly: scope.imagesOnly };
  return (
    <FormDialog
      title="Erase without a request?"
      about="For what nobody has asked for and must still go, such as an event recorded by mistake. It has no clock."
      act="Erase"
      isDangerous
      isReady={isOne && reason.trim() !== ""}
      isBusy={erase.isPending}
      error={erase.error}
      onAct={() =>
        erase.mutate({ path: "erasure-requests", method: "POST", body: { ...wanted, reason: reason.trim() } })
      }
      onClose={onClose}
    >
      {!isOne && subjects.length + eventIds.length > 0 && (
        <Alert variant="info" isInline title="Name one subject, or events: one of both at a time." />
      )}
      <ScopeFields scope={scope} onChange={setScope} />
      <Field label="Reason" isLong isRequired value={reason} onChange={setReason} help="Goes into the ledger." />
    </FormDialog>
  );
}
