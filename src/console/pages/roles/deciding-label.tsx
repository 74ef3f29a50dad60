import { Label } from "@patternfly/react-core";

/** Who has it decides on requests of others. */
export const DecidingLabel = () => (
  <Label isCompact color="purple">
    decides
  </Label>
);
