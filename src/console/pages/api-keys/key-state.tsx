import { Label } from "@patternfly/react-core";
import type { ApiKey } from "../../api/types.ts";

const SOON_MS = 14 * 86_400_000;

export type KeyState = "in use" | "ends soon" | "ended" | "revoked";

export function stateOf({ revokedAt, expiresAt }: Pick<ApiKey, "revokedAt" | "expiresAt">): KeyState {
  if (revokedAt) return "revoked";
  if (!expiresAt) return "in use";
  const left = Date.parse(expiresAt) - Date.now();
  if (left <= 0) return "ended";
  return left < SOON_MS ? "ends soon" : "in use";
}

/** Whether it opens anything now. */
export const isLive = (key: ApiKey): boolean => !["ended", "revoked"].includes(stateOf(key));

const status = { "in use": "success", "ends soon": "warning", ended: undefined, revoked: "danger" } as const;

export function StateLabel({ apiKey }: { apiKey: ApiKey }) {
  const state = stateOf(apiKey);
  return (
    <Label isCompact {...(status[state] && { status: status[state] })}>
      {state}
    </Label>
  );
}
