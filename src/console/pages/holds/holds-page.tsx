import { Button, Label } from "@patternfly/react-core";
import { useState } from "react";
import type { Hold } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { Time } from "../../components/format.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { useSites } from "../../components/use-sites.ts";
import { CoverageDialog } from "./coverage-dialog.tsx";
import { PlaceHoldDialog } from "./place-hold-dialog.tsx";
import { ReleaseHoldDialog } from "./release-hold-dialog.tsx";

export function Page() {
  const can = useCan();
  const sites = useSites();
  const [isPlacing, setPlacing] = useState(false);
  const [looking, setLooking] = useState<Hold | null>(null);
  const [releasing, setReleasing] = useState<Hold | null>(null);
  const nameOf = ({ siteId }: Hold): string => (siteId === null ? "every site" : (sites.get(siteId)?.name ?? siteId));
  const columns: Column<Hold>[] = [
    {
      key: "case",
      title: "Case",
      sort: "caseNumber",
      cell: ({ caseNumber }) => caseNumber,
      text: ({ caseNumber }) => caseNumber,
    },
    {
      key: "scope",
      title: "Takes in",
      cell: (hold) => scopeOf(hold, nameOf(hold)),
      text: (hold) => scopeOf(hold, nameOf(hold)),
    },
    { key: "reason", title: "Reason", cell: ({ reason }) => reason, text: ({ reason }) => reason },
    { key: "owner", title: "Owner", sort: "owner", cell: ({ owner }) => owner, text: ({ owner }) => owner },
    {
      key: "review",
      title: "Review",
      sort: "reviewOn",
      cell: (hold) => <Review hold={hold} />,
      text: ({ reviewOn }) => reviewOn,
    },
    {
      key: "placed",
      title: "Placed",
      sort: "placedAt",
      cell: ({ placedAt }) => <Time at={placedAt} />,
      text: ({ placedAt }) => placedAt,
    },
    {
      key: "released",
      title: "Released",
      sort: "releasedAt",
      hidden: true,
      cell: ({ releasedAt }) => (releasedAt ? <Time at={releasedAt} /> : "open"),
      text: ({ releasedAt }) => releasedAt,
    },
  ];
  const place = can("holds:write") && <Button onClick={() => setPlacing(true)}>Place a hold</Button>;
  return (
    <PageFrame
      title="Legal holds"
      about="What a hold takes in is not erased, whatever policy or request says, until it is released."
    >
      <DataTable<Hold>
        label="Legal holds"
        path="holds"
        field="holds"
        columns={columns}
        sortedBy="-placedAt"
        filters={[
          {
            name: "open",
            label: "State",
            kind: "choice",
            options: [
              { value: "true", label: "Open" },
              { value: "false", label: "Open and released" },
            ],
          },
        ]}
        rowKey={({ holdId }) => holdId}
        actions={place}
        rowActions={(hold) => (
          <>
            <Button variant="link" onClick={() => setLooking(hold)}>
              What it keeps
            </Button>
            {can("holds:release", hold.siteId ?? undefined) && !hold.releasedAt && (
              <Button variant="link" isDanger onClick={() => setReleasing(hold)}>
                Release…
              </Button>
            )}
          </>
        )}
        empty={{ title: "No hold stands", body: "Place one when a case needs what policy would erase.", action: place }}
      />
      {isPlacing && <PlaceHoldDialog onClose={() => setPlacing(false)} />}
      {looking && (
        <CoverageDialog hold={looking} scope={scopeOf(looking, nameOf(looking))} onClose={() => setLooking(null)} />
      )}
      {releasing && <ReleaseHoldDialog hold={releasing} onClose={() => setReleasing(null)} />}
    </PageFrame>
  );
}

function scopeOf({ from, to, kind, hasSubject, eventIds }: Hold, site: string): string {
  const parts = [site];
  if (from || to) parts.push(`${from?.slice(0, 10) ?? "the beginning"} to ${to?.slice(0, 10) ?? "now and on"}`);
  if (kind) parts.push(kind);
  if (hasSubject) parts.push("one subject");
  if (eventIds) parts.push(`${eventIds.length} events`);
  return parts.join(", ");
}

function Review({ hold: { reviewOn, releasedAt } }: { hold: Hold }) {
  const isDue = !releasedAt && reviewOn <= new Date().toISOString().slice(0, 10);
  return isDue ? (
    <Label isCompact status="warning">
      {reviewOn}, review is due
    </Label>
  ) : (
    reviewOn
  );
}
