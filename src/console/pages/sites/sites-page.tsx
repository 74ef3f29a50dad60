import { Button, Label } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { get } from "../../api/client.ts";
import type { SitePolicy, SiteSummary } from "../../api/types.ts";
import { useCan, useSession } from "../../app/session.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { formatCount, Time } from "../../components/format.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { policyWords } from "../retention/words.ts";
import { SiteDialog } from "./site-dialog.tsx";

export function Page() {
  const { access } = useSession();
  const [isMaking, setMaking] = useState(false);
  const policies = usePolicies();
  const make = access["sites:write"] === "all" && <Button onClick={() => setMaking(true)}>Add a site</Button>;
  return (
    <PageFrame title="Sites" about="Where your edge appliances stand, and how long what they send is kept.">
      <DataTable
        label="Sites"
        path="sites"
        field="sites"
        columns={columnsOf(policies)}
        sortedBy="name"
        rowKey={({ siteId }) => siteId}
        actions={make}
        empty={{ title: "No site yet", body: "A site has devices and a retention policy of its own.", action: make }}
      />
      {isMaking && <SiteDialog onClose={() => setMaking(false)} />}
    </PageFrame>
  );
}

const MOST = 500;

/** By site; past so many sites, and to who may not read them, none. */
function usePolicies(): ReadonlyMap<string, SitePolicy> {
  const can = useCan();
  const { data } = useQuery({
    queryKey: ["retention/policies", "words"],
    queryFn: ({ signal }) => get<{ policies: SitePolicy[] }>("retention/policies", { query: { limit: MOST }, signal }),
    enabled: can("retention:read"),
  });
  return new Map(data?.policies.map((policy) => [policy.siteId, policy]));
}

const columnsOf = (policies: ReadonlyMap<string, SitePolicy>): readonly Column<SiteSummary>[] => [
  {
    key: "name",
    title: "Name",
    sort: "name",
    cell: ({ siteId, name }) => <Link to={`/sites/${siteId}`}>{name}</Link>,
    text: ({ name }) => name,
  },
  {
    key: "policy",
    title: "Keeps",
    cell: ({ siteId }) => <Policy policy={policies.get(siteId)} />,
    text: ({ siteId }) => {
      const policy = policies.get(siteId);
      return policy ? policyWords(policy.inForce) : null;
    },
  },
  { key: "devices", title: "Devices", cell: ({ devices }) => formatCount(devices), text: ({ devices }) => devices },
  {
    key: "lastEvent",
    title: "Last event",
    cell: ({ lastEventAt, timeZone }) => (lastEventAt ? <Time at={lastEventAt} zone={timeZone} /> : "none"),
    text: ({ lastEventAt }) => lastEventAt,
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
    hidden: true,
    cell: ({ offlineWindowDays }) => `${offlineWindowDays} days`,
    text: ({ offlineWindowDays }) => offlineWindowDays,
  },
  {
    key: "createdAt",
    title: "Since",
    sort: "createdAt",
    hidden: true,
    cell: ({ createdAt, timeZone }) => <Time at={createdAt} zone={timeZone} />,
    text: ({ createdAt }) => createdAt,
  },
];

function Policy({ policy }: { policy: SitePolicy | undefined }) {
  if (!policy) return null;
  return (
    <>
      {policyWords(policy.inForce)}{" "}
      {policy.pending && (
        <Label isCompact status="warning">
          change pending
        </Label>
      )}
    </>
  );
}
