import { Button, Grid, GridItem } from "@patternfly/react-core";
import { Link } from "react-router";
import type { EvidenceExport } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { formatBytes, formatCount, Time } from "../../components/format.tsx";
import { Maker } from "../../components/maker.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { useSites } from "../../components/use-sites.ts";
import { siteNames } from "./draft.ts";
import { ExportState, exportScope, withheldWords } from "./export-words.tsx";
import { VerifyCard } from "./verify-card.tsx";

export function Page() {
  const can = useCan();
  const sites = useSites();
  const columns: readonly Column<EvidenceExport>[] = [
    {
      key: "scope",
      title: "Scope",
      cell: (each) => <Link to={`/evidence/${each.exportId}`}>{exportScope(each)}</Link>,
    },
    {
      key: "sites",
      title: "Sites",
      hidden: true,
      cell: ({ scope }) => siteNames(scope.sites, sites),
    },
    { key: "state", title: "State", sort: "state", cell: (each) => <ExportState of={each} /> },
    {
      key: "by",
      title: "By",
      cell: ({ madeBy }) => <Maker by={`${madeBy.type} ${madeBy.id}`} />,
    },
    { key: "at", title: "When", sort: "createdAt", cell: ({ createdAt }) => <Time at={createdAt} /> },
    {
      key: "size",
      sort: "bytes",
      title: "Size",
      cell: ({ bytes }) => bytes !== null && formatBytes(bytes),
    },
    {
      key: "events",
      sort: "events",
      title: "Events",
      hidden: true,
      cell: ({ events }) => events !== null && formatCount(events),
    },
    { key: "withheld", title: "Held back", hidden: true, cell: withheldWords },
    {
      key: "expires",
      sort: "expiresAt",
      title: "Can be taken until",
      cell: ({ state, expiresAt }) => state === "done" && expiresAt && <Time at={expiresAt} />,
    },
  ];
  const make = can("evidence:export") && (
    <Button component={(props) => <Link {...props} to="/evidence/new" />}>New export</Button>
  );
  return (
    <PageFrame
      title="Evidence"
      about="Bundles that auditors check by themselves: rows of the ledger with their proof, events, images, and certificates of what was erased."
    >
      <Grid hasGutter>
        <GridItem>
          <DataTable<EvidenceExport>
            label="Exports"
            path="exports"
            field="exports"
            columns={columns}
            sortedBy="-createdAt"
            rowKey={({ exportId }) => exportId}
            actions={make}
            refreshSeconds={5}
            empty={{
              title: "Nothing was exported yet",
              body: "An export takes a range of time, or the events of one incident.",
              action: make,
            }}
          />
        </GridItem>
        <GridItem>
          <VerifyCard />
        </GridItem>
      </Grid>
    </PageFrame>
  );
}
