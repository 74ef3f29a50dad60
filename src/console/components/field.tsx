import { FormGroup, FormHelperText, HelperText, HelperTextItem, TextArea, TextInput } from "@patternfly/react-core";
import { useId } from "react";

type Field = {
  label: string;
  value: string;
  onChange(value: string): void;
  type?: "text" | "password" | "number" | "date" | "datetime-local";
  help?: string;
  isRequired?: boolean;
  isLong?: boolean;
  isWrong?: boolean;
  /** A one-time code: the browser may fill it in, phones show digits for `numeric`. */
  code?: "numeric" | "text";
};

/** A labelled field with its help below it. */
export function Field({ label, value, onChange, type = "text", help, isRequired, isLong, isWrong, code }: Field) {
  const id = useId();
  const common = {
    id,
    value,
    validated: isWrong ? ("error" as const) : ("default" as const),
    "aria-describedby": help ? `${id}-help` : undefined,
    ...(isRequired && { isRequired }),
  };
  return (
    <FormGroup label={label} fieldId={id} {...(isRequired && { isRequired })}>
      {isLong ? (
        <TextArea {...common} rows={3} resizeOrientation="vertical" onChange={(_event, text) => onChange(text)} />
      ) : (
        <TextInput
          {...common}
          type={type}
          {...(code && { inputMode: code, autoComplete: "one-time-code", autoFocus: true })}
          onChange={(_event, text) => onChange(text)}
        />
      )}
      {help && (
        <FormHelperText>
          <HelperText>
            <HelperTextItem id={`${id}-help`} variant={isWrong ? "error" : "default"}>
              {help}
            </HelperTextItem>
          </HelperText>
        </FormHelperText>
      )}
    </FormGroup>
  );
}
