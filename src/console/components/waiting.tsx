import { Bullseye, Spinner } from "@patternfly/react-core";

/** For what takes more than a moment. `label` is read out. */
export function Waiting({ label }: { label: string }) {
  return (
    <Bullseye>
      <Spinner aria-label={label} />
    </Bullseye>
  );
}
