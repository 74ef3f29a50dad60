import { Label } from "@patternfly/react-core";
import type { ErasureCaseSummary } from "../../api/types.ts";

const SOON_DAYS = 7;

export function clockWords({ daysLeft, paused }: Pick<ErasureCaseSummary, "daysLeft" | "paused">): string {
  if (daysLeft === null) return "closed";
  if (daysLeft < 0) return `overdue by ${-daysLeft} ${daysLeft === -1 ? "day" : "days"}`;
  const left = daysLeft === 0 ? "last day" : `${daysLeft} ${daysLeft === 1 ? "day" : "days"} left`;
  return paused ? `${left}, stands` : left;
}

/** The days left to answer: by word, by sign and by colour. */
export function Clock({ of }: { of: Pick<ErasureCaseSummary, "daysLeft" | "paused"> }) {
  const { daysLeft } = of;
  if (daysLeft === null) return null;
  const status = daysLeft < 0 ? "danger" : daysLeft <= SOON_DAYS ? "warning" : "info";
  return (
    <Label isCompact status={status}>
      {clockWords(of)}
    </Label>
  );
}
