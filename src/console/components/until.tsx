import { Label } from "@patternfly/react-core";
import { Time } from "./format.tsx";

const DAY_MS = 86_400_000;

/** How an end stands to now. A certificate is renewed in its last month. */
export function endOf(at: string, soonDays = 30): "past" | "soon" | "far" {
  const left = Date.parse(at) - Date.now();
  if (left <= 0) return "past";
  return left < soonDays * DAY_MS ? "soon" : "far";
}

/** When something ends, which stands out when that is near or over. */
export function Until({ at, soonDays }: { at: string; soonDays?: number }) {
  const end = endOf(at, soonDays);
  return (
    <>
      <Time at={at} />{" "}
      {end === "past" && (
        <Label isCompact status="danger">
          expired
        </Label>
      )}
      {end === "soon" && (
        <Label isCompact status="warning">
          ends soon
        </Label>
      )}
    </>
  );
}
