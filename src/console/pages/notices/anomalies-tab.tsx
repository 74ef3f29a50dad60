import type { Anomaly } from "../../api/types.ts";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { EntityLink } from "../../components/entity-link.tsx";
import { formatCount, Time } from "../../components/format.tsx";

/** docs/notices.md: what each kind is. */
const kinds: Readonly<Record<string, string>> = {
  "new-network": "Sign-in from a new network",
  "new-device": "Sign-in with a new browser",
  "many-failures": "Many failed sign-ins",
  "sign-in-changed": "The way people sign in was changed",
  "forwarding-changed": "Forwarding was changed",
  "large-export": "An unusually large export",
  "wide-key": "An API key with wide rights was made",
};
const wordsOf = ({ kind }: Anomaly): string => kinds[kind] ?? kind;

const columns: readonly Column<Anomaly>[] = [
  { key: "kind", title: "What", cell: wordsOf, text: wordsOf },
  {
    key: "about",
    title: "About",
    cell: ({ entity }) => <EntityLink entity={entity} />,
    text: ({ entity: { type, id } }) => `${type} ${id}`,
  },
  { key: "times", title: "Times", cell: ({ times }) => formatCount(times), text: ({ times }) => times },
  { key: "last", title: "Last", cell: ({ lastAt }) => <Time at={lastAt} />, text: ({ lastAt }) => lastAt },
  { key: "first", title: "First", cell: ({ firstAt }) => <Time at={firstAt} />, text: ({ firstAt }) => firstAt },
];

export function AnomaliesTab() {
  return (
    <DataTable<Anomaly>
      label="Anomalies"
      path="anomalies"
      field="anomalies"
      columns={columns}
      rowKey={({ anomalyId }) => anomalyId}
      refreshSeconds={30}
      empty={{
        title: "Nothing unusual in the last 90 days",
        body: "New networks and browsers, failed sign-ins, large exports and the like show here, and owners are told.",
      }}
    />
  );
}
