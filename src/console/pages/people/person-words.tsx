import { Label } from "@patternfly/react-core";
import type { User } from "../../api/types.ts";

type Source = User["source"];

export const sources: readonly { value: Source; label: string }[] = [
  { value: "local", label: "Here" },
  { value: "saml", label: "SAML" },
  { value: "ldap", label: "LDAP" },
  { value: "scim", label: "SCIM" },
];

export const sourceWords = (source: Source): string => sources.find(({ value }) => value === source)?.label ?? source;

export const states = [
  { value: "active", label: "Active" },
  { value: "deactivated", label: "Deactivated" },
  { value: "erased", label: "Erased" },
] as const;

export function stateOf({ active, erasedAt }: Pick<User, "active" | "erasedAt">): "active" | "deactivated" | "erased" {
  if (erasedAt) return "erased";
  return active ? "active" : "deactivated";
}

export function PersonState({ user }: { user: Pick<User, "active" | "erasedAt"> }) {
  const state = stateOf(user);
  if (state === "active") {
    return (
      <Label isCompact status="success">
        active
      </Label>
    );
  }
  return (
    <Label isCompact {...(state === "deactivated" && { status: "warning" as const })}>
      {state}
    </Label>
  );
}
