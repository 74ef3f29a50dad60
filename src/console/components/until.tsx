import { Label } from "@patternfly/react-core";
import { Time } from "./format.tsx";

const SOON_MS = 30 * 86_400_000;

/** How an end stands to now; a certificate is renewed in its last month. */
export function endOf(at: string): "past" | "soon" | "far" {
  const left = Date.parse(at) - Date.now();
  if (left <= 0) return "past";
  return left < SOON_MS ? "soon" : "far";
}

/** When something ends, which stands out when that is near or over. */
export function Until({ at }: { at: string }) {
  const end = endOf(at);
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
