import { Alert, Content, List, ListItem } from "@patternfly/react-core";
import type { ChainCheck } from "../../api/types.ts";
import { formatCount, Time } from "../../components/format.tsx";
import { RowLink } from "../../components/row-link.tsx";

type Report = NonNullable<ChainCheck["report"]>;

/** What came of a verification, in words. */
export function CheckResult({ check, isWhole }: { check: ChainCheck; isWhole?: boolean }) {
  const { report, note, finishedAt } = check;
  if (!report) {
    return (
      <Alert variant="danger" isInline isPlain title="It could not be done">
        {note ?? "The worker gave it up; its log says why."}
      </Alert>
    );
  }
  const when = finishedAt && <Time at={finishedAt} />;
  if (report.ok) {
    return (
      <Alert variant="success" isInline isPlain title={`All ${formatCount(report.rows)} rows verify`}>
        {extent(report)}; {when}, in {seconds(report)}.
      </Alert>
    );
  }
  return (
    <Alert variant="danger" isInline isPlain title={faultTitle(report)}>
      <Content component="p">
        {extent(report)}; {when}. Keep the database as it is, compare with a checkpoint kept outside, and restore it
        from a backup from before.
      </Content>
      <List>
        {report.faults.slice(0, isWhole ? report.faults.length : 1).map((fault) => (
          <ListItem key={`${fault.seq} ${fault.check} ${fault.found}`}>
            {fault.seq > 0 ? <RowLink seq={fault.seq} /> : "No single row"}: {fault.check}; found {fault.found},
            expected {fault.expected}
          </ListItem>
        ))}
      </List>
    </Alert>
  );
}

function faultTitle({ firstBad, faultCount }: Report): string {
  const first = firstBad ? `first at row ${formatCount(firstBad)}` : "no single row can be named";
  return `The ledger does not verify: ${first}, ${formatCount(faultCount)} ${faultCount === 1 ? "fault" : "faults"}`;
}

function extent({ rows, checkpoints, openings, events }: Report): string {
  const count = (n: number, one: string): string => `${formatCount(n)} ${one}${n === 1 ? "" : "s"}`;
  return `${count(rows, "row")}, ${count(checkpoints, "checkpoint")}, ${count(events.events, "event")}, ${count(openings.erased, "erasure")} of content`;
}

export const seconds = ({ elapsedMs }: Report): string =>
  elapsedMs < 1000 ? "under a second" : `${formatCount(Math.round(elapsedMs / 1000))} s`;
