import { Alert, FormGroup, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { useState } from "react";
import type { MappingRule } from "../../api/types.ts";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { Gives } from "./gives.tsx";
import type { Source } from "./mapping-card.tsx";

type Props = { kind: MappingRule["kind"]; sources: readonly Source[]; onClose(): void };

/** What somebody with these groups would get. Changes nothing. */
export function TryGroupsDialog({ kind, sources, onClose }: Props) {
  const [issuer, setIssuer] = useState(sources[0]?.issuer ?? "");
  const [text, setText] = useState("");
  const [asked, setAsked] = useState<readonly string[] | null>(null);
  const groups = text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
  return (
    <FormDialog
      title="What would somebody with these groups get?"
      about="By the rules in force. Nothing changes."
      act="Ask"
      isReady={groups.length > 0}
      isBusy={false}
      error={null}
      onAct={() => setAsked(groups)}
      onClose={onClose}
    >
      {sources.length > 1 && (
        <FormGroup label="Said by" fieldId="try-issuer">
          <FormSelect id="try-issuer" value={issuer} onChange={(_event, chosen) => setIssuer(chosen)}>
            {sources.map((source) => (
              <FormSelectOption key={source.issuer} value={source.issuer} label={source.name} />
            ))}
          </FormSelect>
        </FormGroup>
      )}
      <Field label="Groups there" isLong isRequired value={text} onChange={setText} help="One a line." />
      {asked && (
        <Alert variant="info" isInline title="They would get">
          <Gives kind={kind} issuer={issuer} groups={asked} />
        </Alert>
      )}
    </FormDialog>
  );
}
