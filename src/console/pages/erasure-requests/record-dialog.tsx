import { FormGroup, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { useState } from "react";
import { useNavigate } from "react-router";
import type { ErasureCase } from "../../api/types.ts";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { useAct } from "../../components/use-act.ts";
import { lawWords } from "./words.ts";

/** A request that came by letter, by telephone or in person. */
export function RecordDialog({ onClose }: { onClose(): void }) {
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [about, setAbout] = useState("");
  const [law, setLaw] = useState("gdpr");
  const [receivedOn, setReceivedOn] = useState(new Date().toISOString().slice(0, 10));
  const record = useAct<ErasureCase>(["erasure-cases"], ({ data }) => navigate(`/erasure-requests/${data.caseId}`));
  const body = {
    ...(name.trim() && { name: name.trim() }),
    ...(email.trim() && { email: email.trim() }),
    ...{ about: about.trim(), law, receivedOn },
  };
  return (
    <FormDialog
      title="Record a request"
      about="Its clock runs from the day on which it reached you. What you write about the person is kept encrypted, and goes some weeks after the end."
      act="Record it"
      isReady={about.trim() !== "" && receivedOn !== ""}
      isBusy={record.isPending}
      error={record.error}
      onAct={() => record.mutate({ path: "erasure-cases", method: "POST", body })}
      onClose={onClose}
    >
      <Field label="Received on" type="date" isRequired value={receivedOn} onChange={setReceivedOn} />
      <Field
        label="What they ask"
        isLong
        isRequired
        value={about}
        onChange={setAbout}
        help="In their words: which car, which badge, where and when."
      />
      <Field label="Name" value={name} onChange={setName} />
      <Field label="E-mail" value={email} onChange={setEmail} help="With it they are told by mail how it goes on." />
      <FormGroup label="Law" fieldId="case-law">
        <FormSelect id="case-law" value={law} onChange={(_event, value) => setLaw(value)}>
          {Object.entries(lawWords).map(([value, label]) => (
            <FormSelectOption key={value} value={value} label={label} />
          ))}
        </FormSelect>
      </FormGroup>
    </FormDialog>
  );
}
