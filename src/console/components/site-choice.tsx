import { Checkbox, FormFieldGroup, FormFieldGroupHeader, FormGroup, Radio } from "@patternfly/react-core";
import { useId } from "react";
import type { Site } from "../api/types.ts";
import { useSites } from "./use-sites.ts";

type Choice = {
  label: string;
  /** Null: all sites, also those to come. */
  value: readonly string[] | null;
  onChange(value: string[] | null): void;
  /** Whether one may give all sites. */
  mayAll: boolean;
  /** Which of the sites one may give. */
  isPossible?: (site: Site) => boolean;
};

/** All sites, or some by name. */
export function SiteChoice({ label, value, onChange, mayAll, isPossible = () => true }: Choice) {
  const id = useId();
  const sites = [...useSites().values()].filter(isPossible);
  const toggle = (siteId: string, isChosen: boolean): void => {
    const others = (value ?? []).filter((each) => each !== siteId);
    onChange(isChosen ? [...others, siteId] : others);
  };
  return (
    <>
      <FormGroup role="radiogroup" label={label} isInline isRequired>
        <Radio
          id={`${id}-all`}
          name={id}
          label="All sites, also those to come"
          isChecked={value === null}
          isDisabled={!mayAll}
          onChange={() => onChange(null)}
        />
        <Radio
          id={`${id}-some`}
          name={id}
          label="Only these"
          isChecked={value !== null}
          onChange={() => onChange([])}
        />
      </FormGroup>
      {value !== null && (
        <FormFieldGroup header={<FormFieldGroupHeader titleText={{ text: "Sites", id: `${id}-sites` }} />}>
          {sites.map(({ siteId, name }) => (
            <Checkbox
              key={siteId}
              id={`${id}-${siteId}`}
              label={name}
              isChecked={value.includes(siteId)}
              onChange={(_event, isChosen) => toggle(siteId, isChosen)}
            />
          ))}
        </FormFieldGroup>
      )}
    </>
  );
}
