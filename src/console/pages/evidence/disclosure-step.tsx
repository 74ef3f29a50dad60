import { Alert, Checkbox, Form, FormGroup, Radio } from "@patternfly/react-core";
import { useSession } from "../../app/session.tsx";
import { Field } from "../../components/field.tsx";
import { disclosureFault } from "./draft.ts";
import type { StepProps } from "./scope-step.tsx";

const contents = [
  { value: "all", label: "All of it", description: "Who did what, with what it was before and after." },
  {
    value: "no-context",
    label: "All but addresses and browsers",
    description: "From where somebody acted stays here.",
  },
  { value: "none", label: "None of it", description: "The rows alone: who, what and when, by pseudonyms." },
] as const;

/** What leaves with the bundle, and what is held back on purpose and listed as such. */
export function DisclosureStep({ draft, set }: StepProps) {
  const { access } = useSession();
  const isLimited = access["evidence:export"] !== "all";
  const fault = disclosureFault(draft);
  return (
    <Form>
      <FormGroup role="radiogroup" label="Content of ledger rows" fieldId="contents">
        {contents.map(({ value, label, description }) => (
          <Radio
            key={value}
            id={`contents-${value}`}
            name="contents"
            label={label}
            description={description}
            isChecked={draft.contents === value}
            isDisabled={isLimited && value !== "none"}
            onChange={() => set({ contents: value })}
          />
        ))}
      </FormGroup>
      {isLimited && (
        <Alert
          variant="info"
          isInline
          title="You export some sites alone: content of rows, which may speak of others, is held back"
        />
      )}
      <FormGroup role="group" label="Images" fieldId="images">
        <Checkbox
          id="images"
          label="Put the images in"
          description="Without them, each image's hash still proves what it was."
          isChecked={draft.images}
          onChange={(_event, images) => set({ images })}
        />
      </FormGroup>
      <Field
        label="Checkpoints that the auditor holds"
        value={draft.previous}
        onChange={(previous) => set({ previous })}
        isWrong={fault !== null}
        help={
          fault ??
          "Their numbers of rows, separated by commas: the bundle then proves that nothing up to them was rewritten."
        }
      />
      <Alert variant="info" isInline title="Always in it">
        The events chosen with their bodies, tables for spreadsheets, a report for people, tombstones and certificates
        of what was erased. What is held back is listed: an auditor sees that it exists.
      </Alert>
    </Form>
  );
}
