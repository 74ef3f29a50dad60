import { Label } from "@patternfly/react-core";
import { Link } from "react-router";
import type { EventSummary } from "../../api/types.ts";
import { type Column, DataTable } from "../../components/data-table.tsx";
import type { Filter } from "../../components/filter-fields.tsx";
import { Time } from "../../components/format.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { useSites } from "../../components/use-sites.ts";
import { Thumbnail } from "./image.tsx";

export function Page() {
  const sites = useSites();
  const nameOf = (siteId: string): string => sites.get(siteId)?.name ?? siteId;
  const zone = (siteId: string) => sites.get(siteId)?.timeZone;
  const filters: Filter[] = [
    {
      name: "site",
      label: "Site",
      kind: "choice",
      options: [...sites.values()].map(({ siteId, name }) => ({ value: siteId, label: name })),
    },
    { name: "from", label: "Received from", kind: "time" },
    { name: "to", label: "Received before", kind: "time" },
    { name: "kind", label: "Kind", kind: "text" },
    { name: "subject", label: "Subject, such as plate:AB12CDE", kind: "text" },
    { name: "text", label: "Text in the body", kind: "text" },
  ];
  const columns: Column<EventSummary>[] = [
    {
      key: "received",
      title: "Received",
      cell: ({ eventId, received, siteId }) => (
        <Link to={`/events/${eventId}`}>
          <At at={received} zone={zone(siteId)} />
        </Link>
      ),
      text: ({ received }) => received,
    },
    { key: "site", title: "Site", cell: ({ siteId }) => nameOf(siteId), text: ({ siteId }) => nameOf(siteId) },
    {
      key: "kind",
      title: "Kind",
      cell: ({ kind, bestEffort }) => (
        <>
          {kind} {bestEffort && <Label isCompact>best effort</Label>}
        </>
      ),
      text: ({ kind }) => kind,
    },
    {
      key: "body",
      title: "Body",
      cell: ({ body }) => <span className="ls-mono">{body.length > 120 ? `${body.slice(0, 120)}…` : body}</span>,
      text: ({ body }) => body,
    },
    {
      key: "images",
      title: "Image",
      cell: ({ eventId, images }) =>
        images > 0 ? (
          <Link to={`/events/${eventId}`} aria-label={`${images} images of this event`}>
            <Thumbnail eventId={eventId} n={0} isSmall />
          </Link>
        ) : null,
      text: ({ images }) => images,
    },
    {
      key: "occurred",
      title: "Occurred",
      hidden: true,
      cell: ({ occurred, siteId }) => <At at={occurred} zone={zone(siteId)} />,
      text: ({ occurred }) => occurred,
    },
    {
      key: "id",
      title: "Id",
      hidden: true,
      cell: ({ eventId }) => <span className="ls-mono">{eventId}</span>,
      text: ({ eventId }) => eventId,
    },
  ];
  return (
    <PageFrame title="Events" about="What edge appliances sent, newest first. Times of filters are UTC.">
      <DataTable<EventSummary>
        label="Events"
        path="events"
        field="events"
        columns={columns}
        filters={filters}
        rowKey={({ eventId }) => eventId}
        empty={{ title: "No event yet", body: "Events show here seconds after a device sends them." }}
      />
    </PageFrame>
  );
}

function At({ at, zone }: { at: string; zone: string | undefined }) {
  return <Time at={at} {...(zone && { zone })} />;
}
