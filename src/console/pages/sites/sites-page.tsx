import { Link } from "react-router";
import type { Site } from "../../api/types.ts";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { Time } from "../../components/format.tsx";
import { PageFrame } from "../../components/page-frame.tsx";

const columns: readonly Column<Site>[] = [
  {
    key: "name",
    title: "Name",
    sort: "name",
    cell: ({ siteId, name }) => <Link to={`/sites/${siteId}`}>{name}</Link>,
    text: ({ name }) => name,
  },
  {
    key: "timeZone",
    title: "Time zone",
    sort: "timeZone",
    cell: ({ timeZone }) => timeZone,
    text: ({ timeZone }) => timeZone,
  },
  {
    key: "offlineWindowDays",
    title: "Offline window",
    cell: ({ offlineWindowDays }) => `${offlineWindowDays} days`,
    text: ({ offlineWindowDays }) => offlineWindowDays,
  },
  {
    key: "createdAt",
    title: "Since",
    sort: "createdAt",
    cell: ({ createdAt, timeZone }) => <Time at={createdAt} zone={timeZone} />,
    text: ({ createdAt }) => createdAt,
  },
];

export function Page() {
  return (
    <PageFrame title="Sites" about="Where your edge appliances stand, and how long what they send is kept.">
      <DataTable
        label="Sites"
        path="sites"
        field="sites"
        columns={columns}
        sortedBy="name"
        rowKey={({ siteId }) => siteId}
        empty={{ title: "No site yet", body: "A site has devices and a retention policy of its own." }}
      />
    </PageFrame>
  );
}
