import { Content, Label } from "@patternfly/react-core";
import { Link, useSearchParams } from "react-router";
import type { EventSummary } from "../../api/types.ts";
import { type Column, DataTable } from "../../components/data-table.tsx";
import type { Filter } from "../../components/filter-fields.tsx";
import { Time } from "../../components/format.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { Source } from "../../components/source.tsx";
import { useDevices } from "../../components/use-devices.ts";
import { useListState } from "../../components/use-list-state.ts";
import { useSites } from "../../components/use-sites.ts";
import { ErasedInRange } from "./erased-in-range.tsx";
import { Thumbnail } from "./image.tsx";

const lasts = [
  { value: "1h", label: "Last hour", minutes: 60 },
  { value: "1d", label: "Last day", minutes: 1440 },
  { value: "7d", label: "Last 7 days", minutes: 10_080 },
];

export function Page() {
  const sites = useSites();
  const devices = useDevices();
  const [search] = useSearchParams();
  const chosen = sites.get(search.get("site") ?? "")?.timeZone;
  const nameOf = (siteId: string): string => sites.get(siteId)?.name ?? siteId;
  const zone = (siteId: string) => sites.get(siteId)?.timeZone;
  const filters: Filter[] = [
    {
      name: "site",
      label: "Site",
      kind: "choice",
      options: [...sites.values()].map(({ siteId, name }) => ({ value: siteId, label: name })),
    },
    { name: "last", label: "Received", kind: "last", from: "from", options: lasts, clears: ["from", "to"] },
    {
      name: "from",
      label: "From",
      kind: "time",
      ...(chosen && { zone: chosen }),
      clears: ["last"],
    },
    { name: "to", label: "Before", kind: "time", ...(chosen && { zone: chosen }), clears: ["last"] },
    { name: "kind", label: "Kind", kind: "text" },
    { name: "subject", label: "Subject, such as plate:AB12CDE", kind: "text" },
    { name: "text", label: "Text in the body", kind: "text" },
    {
      name: "source",
      label: "Sent by",
      kind: "choice",
      more: true,
      options: [...devices.values()].map(({ deviceId, name }) => ({ value: deviceId, label: name })),
    },
  ];
  const { asked } = useListState(filters);
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
      cell: (event) => <FirstImage event={event} />,
      text: ({ images }) => images,
    },
    {
      key: "source",
      title: "Sent by",
      hidden: true,
      cell: ({ source }) => <Source source={source} />,
      text: ({ source }) => `${source.type} ${source.id}`,
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
    <PageFrame
      title="Events"
      about={`What edge appliances sent, newest first. Times of filters are of ${chosen ?? "UTC"}; choose a site to use its own.`}
    >
      <DataTable<EventSummary>
        label="Events"
        path="events"
        field="events"
        columns={columns}
        filters={filters}
        rowKey={({ eventId }) => eventId}
        note={({ searchedTo }) => typeof searchedTo === "string" && <Searched to={searchedTo} zone={chosen} />}
        empty={{ title: "No event yet", body: "Events show here seconds after a device sends them." }}
      />
      <ErasedInRange from={asked.from?.slice(0, 10)} nameOf={nameOf} />
    </PageFrame>
  );
}

/** How far back a search for text has looked: it reads every body, some seconds a page. */
const Searched = ({ to, zone }: { to: string; zone: string | undefined }) => (
  <Content component="small">
    Looked back to <At at={to} zone={zone} />; the next page looks further.
  </Content>
);

function FirstImage({ event: { eventId, siteId, images, imagesKept } }: { event: EventSummary }) {
  if (images === 0) return null;
  if (imagesKept === 0) {
    return (
      <Label isCompact>
        <Link to={`/events/${eventId}`}>erased</Link>
      </Label>
    );
  }
  return (
    <Link to={`/events/${eventId}`} aria-label={`${imagesKept} images of this event`}>
      <Thumbnail eventId={eventId} siteId={siteId} n={0} isSmall />
    </Link>
  );
}

function At({ at, zone }: { at: string; zone: string | undefined }) {
  return <Time at={at} {...(zone && { zone })} />;
}
