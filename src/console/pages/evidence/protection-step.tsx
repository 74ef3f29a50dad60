import { Alert, Button, Checkbox, Form, FormGroup, Radio } from "@patternfly/react-core";
import { Copyable } from "../../components/copyable.tsx";
import { Field } from "../../components/field.tsx";
import { newPassphrase, protectionFault } from "./draft.ts";
import type { StepProps } from "./scope-step.tsx";

/** How the bundle is kept from others on its way. The passphrase stands in this page alone. */
export function ProtectionStep({ draft, set }: StepProps) {
  const { protection } = draft;
  return (
    <Form>
      <FormGroup role="radiogroup" label="Encryption (age)" fieldId="protection">
        <Radio
          id="protection-passphrase"
          name="protection"
          label="With a passphrase"
          description="The HTML verifier opens it. Tell the passphrase another way than the bundle."
          isChecked={protection === "passphrase"}
          onChange={() => set({ protection: "passphrase" })}
        />
        <Radio
          id="protection-recipient"
          name="protection"
          label="For a recipient's key"
          description="Only who has the key's other half opens it."
          isChecked={protection === "recipient"}
          onChange={() => set({ protection: "recipient" })}
        />
        <Radio
          id="protection-none"
          name="protection"
          label="Not at all"
          description="Whoever gets hold of the file reads it."
          isChecked={protection === "none"}
          onChange={() => set({ protection: "none" })}
        />
      </FormGroup>
      {protection === "passphrase" && <Passphrase draft={draft} set={set} />}
      {protection === "recipient" && (
        <Field
          label="Recipient"
          isRequired
          value={draft.recipient}
          onChange={(recipient) => set({ recipient })}
          isWrong={draft.recipient !== "" && protectionFault(draft) !== null}
          help="Their public key: age1…, as 'age-keygen' prints it."
        />
      )}
      {protection === "none" && <Alert variant="warning" isInline title="The bundle may hold personal data in clear" />}
    </Form>
  );
}

function Passphrase({ draft: { passphrase, isStored }, set }: StepProps) {
  return (
    <>
      <FormGroup label="Passphrase">
        <Copyable label="Passphrase">{passphrase}</Copyable>
      </FormGroup>
      <Button
        variant="link"
        isInline
        className="ls-start"
        onClick={() => set({ passphrase: newPassphrase(), isStored: false })}
      >
        Make another one
      </Button>
      <Checkbox
        id="passphrase-stored"
        label="I have stored it"
        description="It is forgotten here as soon as the bundle is made, and nobody can show it again."
        isChecked={isStored}
        onChange={(_event, is) => set({ isStored: is })}
      />
    </>
  );
}
