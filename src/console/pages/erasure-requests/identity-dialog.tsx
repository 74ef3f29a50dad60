import { FormGroup, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { useState } from "react";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { useAct } from "../../components/use-act.ts";
import { methodWords } from "./words.ts";

/** Who asks has been seen: how, and what was seen. */
export function IdentityDialog({ caseId, onClose }: { caseId: string; onClose(): void }) {
  const [method, setMethod] = useState("");
  const [evidence, setEvidence] = useState("");
  const path = `erasure-cases/${caseId}`;
  const check = useAct(["erasure-cases", "ledger/rows"], onClose);
  const body = { method, ...(evidence.trim() && { evidence: evidence.trim() }) };
  return (
    <FormDialog
      title="Record the identity check"
      about="Ask for no more than it takes: whoever asks must be who the data is about, or act for them."
      act="It is them"
      isReady={method !== ""}
      isBusy={check.isPending}
      error={check.error}
      onAct={() => check.mutate({ path: `${path}/identity-check`, method: "POST", body })}
      onClose={onClose}
    >
      <FormGroup label="How" fieldId="identity-method" isRequired>
        <FormSelect id="identity-method" value={method} onChange={(_event, value) => setMethod(value)}>
          <FormSelectOption value="" label="Choose how" isDisabled />
          {Object.entries(methodWords).map(([value, label]) => (
            <FormSelectOption key={value} value={value} label={label} />
          ))}
        </FormSelect>
      </FormGroup>
      <Field
        label="What was seen"
        isLong
        value={evidence}
        onChange={setEvidence}
        help="Such as the kind of document and where; no copy. It goes with what is kept about the person."
      />
    </FormDialog>
  );
}
