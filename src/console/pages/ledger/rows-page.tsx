import { Content } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { get } from "../../api/client.ts";
import type { LedgerRow } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import type { Filter } from "../../components/filter-fields.tsx";
import { formatCount, Time } from "../../components/format.tsx";
import { LedgerFrame } from "./ledger-frame.tsx";
import { actionOptions, actionWords, actorTypeWords, actorWords, channelWords, entityWords } from "./words.ts";

const columns: readonly Column<LedgerRow>[] = [
  {
    key: "seq",
    title: "Row",
    cell: ({ seq }) => <Link to={`/ledger/${seq}`}>{formatCount(seq)}</Link>,
  },
  { key: "at", title: "When", cell: ({ at }) => <Time at={at} /> },
  { key: "actor", title: "Who", cell: ({ actor }) => actorWords(actor) },
  {
    key: "action",
    title: "What",
    cell: ({ action }) => (
      <>
        {actionWords(action)}
        <Content component="small" className="ls-mono">
          {action}
        </Content>
      </>
    ),
  },
  {
    key: "entity",
    title: "About",
    cell: ({ entity }) => entityWords(entity),
  },
  { key: "via", title: "Channel", cell: ({ via }) => channelWords[via] },
  ...(["actor", "entity"] as const).map(
    (of): Column<LedgerRow> => ({
      key: `${of}-id`,
      title: of === "actor" ? "Who, by id" : "About, by id",
      hidden: true,
      cell: (row) => <span className="ls-mono">{`${row[of].type} ${row[of].id}`}</span>,
    }),
  ),
  {
    key: "hash",
    title: "Hash",
    hidden: true,
    cell: ({ hash }) => <span className="ls-mono">{hash}</span>,
  },
];

const options = (words: Readonly<Record<string, string>>) =>
  Object.entries(words).map(([value, label]) => ({ value, label }));

export function Page() {
  const can = useCan();
  const { data } = useQuery({
    queryKey: ["ledger/actions"],
    queryFn: ({ signal }) => get<{ actions: string[] }>("ledger/actions", { signal }),
    staleTime: 60_000,
  });
  const filters: Filter[] = [
    ...(can("access:read") ? [{ name: "person", label: "Name of a person", kind: "text" } as const] : []),
    { name: "action", label: "What", kind: "choice", options: actionOptions(data?.actions ?? []) },
    { name: "via", label: "Channel", kind: "choice", options: options(channelWords) },
    { name: "from", label: "From", kind: "time" },
    { name: "to", label: "Before", kind: "time" },
    { name: "actorType", label: "Who", kind: "choice", options: options(actorTypeWords), more: true },
    { name: "actorId", label: "Who, by id", kind: "text", more: true },
    { name: "entityType", label: "About, such as hold or site", kind: "text", more: true },
    { name: "entityId", label: "About, by id", kind: "text", more: true },
    { name: "fromSeq", label: "From row", kind: "text", more: true },
    { name: "toSeq", label: "Up to row", kind: "text", more: true },
  ];
  return (
    <LedgerFrame tab="ledger">
      <DataTable<LedgerRow>
        label="Rows of the ledger"
        path="ledger/rows"
        field="rows"
        columns={columns}
        filters={filters}
        rowKey={({ seq }) => String(seq)}
        empty={{ title: "No row yet", body: "The ledger begins with the organisation's first row." }}
      />
    </LedgerFrame>
  );
}
