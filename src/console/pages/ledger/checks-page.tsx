import { Label } from "@patternfly/react-core";
import type { ChainCheck } from "../../api/types.ts";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { formatCount, Time } from "../../components/format.tsx";
import { Maker } from "../../components/maker.tsx";
import { CheckResult, seconds } from "./check-result.tsx";
import { LedgerFrame } from "./ledger-frame.tsx";
import { isUnderWay } from "./use-newest.ts";

const columns: readonly Column<ChainCheck>[] = [
  { key: "asked", title: "Asked for", cell: ({ askedAt }) => <Time at={askedAt} /> },
  {
    key: "by",
    title: "By",
    cell: ({ askedBy }) => <Maker by={`${askedBy.type} ${askedBy.id}`} />,
  },
  {
    key: "result",
    title: "Result",
    cell: (check) => (isUnderWay(check) ? <Label isCompact>under way</Label> : <CheckResult check={check} isWhole />),
  },
  {
    key: "rows",
    title: "Rows",
    cell: ({ report }) => report && formatCount(report.rows),
  },
  {
    key: "first",
    title: "First row at fault",
    hidden: true,
    cell: ({ report }) => report?.firstBad,
  },
  {
    key: "took",
    title: "Took",
    cell: ({ report }) => report && seconds(report),
  },
  {
    key: "root",
    title: "Root",
    hidden: true,
    cell: ({ report }) => <span className="ls-mono">{report?.root}</span>,
  },
];

export function Page() {
  return (
    <LedgerFrame tab="ledger/checks">
      <DataTable<ChainCheck>
        label="Verifications"
        path="ledger/checks"
        field="checks"
        columns={columns}
        rowKey={({ checkId }) => checkId}
        refreshSeconds={5}
        empty={{
          title: "Nothing was verified here yet",
          body: "Verify now goes through every row, opening, tombstone and event, and says what it found.",
        }}
      />
    </LedgerFrame>
  );
}
