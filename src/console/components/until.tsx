import { Label } from "@patternfly/react-core";
import { Day, Time } from "./format.tsx";

const DAY_MS = 86_400_000;

/** How an end stands to now. A certificate is renewed in its last month. */
export function endOf(at: string, soonDays = 30): "past" | "soon" | "far" {
  const left = Date.parse(at) - Date.now();
  if (left <= 0) return "past";
  return left < soonDays * DAY_MS ? "soon" : "far";
}

type Until = { at: string; soonDays?: number /** Without its hour. */; isDay?: boolean };

/** When something ends, which stands out when that is near or over. */
export function Until({ at, soonDays, isDay }: Until) {
  const end = endOf(at, soonDays);
  return (
    <>
      {isDay ? <Day at={at} /> : <Time at={at} />}{" "}
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
