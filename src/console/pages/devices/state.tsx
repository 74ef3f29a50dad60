import { Label } from "@patternfly/react-core";
import type { Device } from "../../api/types.ts";

export const stateWords: Readonly<Record<Device["state"], string>> = {
  heard: "heard",
  silent: "silent",
  "never-heard": "never heard",
  "not-enrolled": "not enrolled",
  revoked: "revoked",
};
const status = { revoked: "danger", heard: "success", silent: "warning", "never-heard": "warning" } as const;

export function State({ device: { state, access } }: { device: Pick<Device, "state" | "access"> }) {
  return (
    <>
      <Label isCompact {...(state !== "not-enrolled" && { status: status[state] })}>
        {stateWords[state]}
      </Label>{" "}
      {access === "plain" && <Label isCompact>best effort</Label>}
    </>
  );
}
