import { Label } from "@patternfly/react-core";
import type { EvidenceExport } from "../../api/types.ts";
import { formatCount } from "../../components/format.tsx";

const states = {
  ready: { text: "Queued", status: "info" },
  running: { text: "Being made", status: "info" },
  done: { text: "Ready", status: "success" },
  failed: { text: "Failed", status: "danger" },
  expired: { text: "Expired", status: "warning" },
} as const;

export function ExportState({ of: { state } }: { of: EvidenceExport }) {
  const { text, status } = states[state];
  return (
    <Label isCompact status={status}>
      {text}
    </Label>
  );
}

export const isBeingMade = ({ state }: EvidenceExport): boolean => state === "ready" || state === "running";

/** What it is about, in words. */
export function exportScope({ scope: { scope, kinds } }: EvidenceExport): string {
  if (scope.kind === "incident") return `${formatCount(scope.events.length)} events of one incident`;
  const day = (at: string): string => at.slice(0, 16).replace("T", " ").replace(" 00:00", "");
  return `${day(scope.from)} to ${day(scope.to)} UTC${kinds ? `, ${kinds.join(", ")}` : ""}`;
}

/** What is held back on purpose. */
export function withheldWords({ scope: { withholdUnits, withholdImages } }: EvidenceExport): string {
  const parts = [
    ...(withholdUnits === "all" ? ["content of ledger rows"] : withholdUnits.map((unit) => `${unit} of ledger rows`)),
    ...(withholdImages ? ["images"] : []),
  ];
  return parts.length > 0 ? parts.join(", ") : "nothing";
}
