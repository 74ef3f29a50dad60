import { Label } from "@patternfly/react-core";
import type { SeenApproval } from "../../api/types.ts";

type State = SeenApproval["state"];

const words = {
  pending: { label: "waiting", status: "warning" },
  executed: { label: "approved and done", status: "success" },
  refused: { label: "refused", status: "danger" },
  withdrawn: { label: "taken back", status: undefined },
  expired: { label: "ran out", status: undefined },
} as const satisfies Record<State, object>;

export const stateWords = (state: State): string => words[state].label;
export const stateOptions = Object.entries(words).map(([value, { label }]) => ({ value, label }));

export function ApprovalState({ state }: { state: State }) {
  const { label, status } = words[state];
  return (
    <Label isCompact {...(status && { status })}>
      {label}
    </Label>
  );
}

/** Why whoever looks may decide, or may not. */
export function standingWords({ standing, aloneFrom }: SeenApproval): string {
  switch (standing) {
    case "may-decide":
      return "Waits for you";
    case "asked":
      return "You asked: somebody else must agree";
    case "asked-alone":
      return `You asked, and nobody else can decide: you may confirm it from ${aloneFrom?.slice(0, 16).replace("T", " ")} UTC on`;
    case "not-entitled":
      return "Waits for somebody who may decide on it";
    case "ended":
      return "";
  }
}
