import { Alert } from "@patternfly/react-core";
import { useState } from "react";
import { FormDialog } from "../../components/form-dialog.tsx";
import { useAct } from "../../components/use-act.ts";
import { emptyScope, eventIdsOf, ScopeFields, subjectsOf } from "./scope-fields.tsx";

/** What a case asks for is erased: the act of high stakes. */
export function AcceptDialog({ caseId, onClose }: { caseId: string; onClose(): void }) {
  const [scope, setScope] = useState(emptyScope);
  const accept = useAct(["erasure-cases", "erasure-requests", "ledger/rows"], onClose);
  const [subjects, eventIds] = [subjectsOf(scope), eventIdsOf(scope)];
  const body = { subjects, eventIds, imagesOnly: eventIds.length > 0 && scope.imagesOnly };
  return (
    <FormDialog
      title="Accept, and erase what is kept?"
      about="What you name here is erased for good, at once or when the holds that keep it are released."
      act="Accept and erase"
      isDangerous
      isReady={subjects.length + eventIds.length > 0}
      isBusy={accept.isPending}
      error={accept.error}
      onAct={() => accept.mutate({ path: `erasure-cases/${caseId}/acceptance`, method: "POST", body })}
      onClose={onClose}
    >
      <Alert
        variant="warning"
        isInline
        title="Nothing brings it back. A second factor, and as your organisation has it a second person, are asked for."
      />
      <ScopeFields scope={scope} onChange={setScope} />
    </FormDialog>
  );
}
