import { FormGroup, Radio } from "@patternfly/react-core";

export type Provisioning = "jit" | "known-only";

export const provisioningWords: Readonly<Record<Provisioning, string>> = {
  jit: "gets an account at the first sign-in, if a group gives a role",
  "known-only": "is refused: SCIM or an administrator makes accounts before",
};

type Choice = { value: Provisioning; onChange(value: Provisioning): void };

/** Whether somebody new gets an account by signing in. */
export function ProvisioningChoice({ value, onChange }: Choice) {
  return (
    <FormGroup role="radiogroup" label="Somebody who has no account yet">
      {(["jit", "known-only"] as const).map((each) => (
        <Radio
          key={each}
          id={`provisioning-${each}`}
          name="provisioning"
          label={provisioningWords[each]}
          isChecked={value === each}
          onChange={() => onChange(each)}
        />
      ))}
    </FormGroup>
  );
}
