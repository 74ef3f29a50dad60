import {
  Button,
  Card,
  CardBody,
  CardTitle,
  Content,
  DescriptionList,
  EmptyState,
  EmptyStateBody,
  ExpandableSection,
  Grid,
  GridItem,
  Label,
} from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { get } from "../../api/client.ts";
import type { EventDetail, SiteRetention } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { basisWords } from "../../components/basis-words.ts";
import { formatBytes, formatCount, Term, Time } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { RowLink } from "../../components/row-link.tsx";
import { Source } from "../../components/source.tsx";
import { useSites } from "../../components/use-sites.ts";
import { Thumbnail } from "./image.tsx";
import { ImageViewer } from "./image-viewer.tsx";

type Present = Extract<EventDetail, { state: "present" }>;
type Erased = Extract<EventDetail, { state: "erased" }>;

export function Page() {
  const { eventId = "" } = useParams();
  return (
    <Load<EventDetail> path={`events/${encodeURIComponent(eventId)}`} label="Reading the event">
      {(event) => (
        <PageFrame
          title={event.state === "present" ? event.kind : "Erased event"}
          above={[{ title: "Events", to: "/events" }]}
          actions={event.state === "present" && <ExportLink event={event} />}
        >
          {event.state === "present" ? <PresentEvent event={event} /> : <ErasedEvent event={event} />}
        </PageFrame>
      )}
    </Load>
  );
}

function ExportLink({ event: { eventId, siteId } }: { event: Present }) {
  const can = useCan();
  if (!can("evidence:export", siteId)) return null;
  return (
    <Button variant="secondary" component={(props) => <Link {...props} to={`/evidence/new?event=${eventId}`} />}>
      Export this incident
    </Button>
  );
}

function PresentEvent({ event }: { event: Present }) {
  return (
    <Grid hasGutter>
      <GridItem lg={5}>
        <Facts event={event} />
      </GridItem>
      <GridItem lg={7}>
        <Card isFullHeight>
          <CardTitle component="h2">Body</CardTitle>
          <CardBody>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
            <pre className="ls-mono ls-body" tabIndex={0}>
              {pretty(event.body)}
            </pre>
          </CardBody>
        </Card>
      </GridItem>
      {event.images.length > 0 && (
        <GridItem>
          <Images event={event} />
        </GridItem>
      )}
      <GridItem>
        <Proof event={event} />
      </GridItem>
    </Grid>
  );
}

function Facts({ event }: { event: Present }) {
  const site = useSites().get(event.siteId);
  const zone = site && { zone: site.timeZone };
  return (
    <Card isFullHeight>
      <CardTitle component="h2">Facts</CardTitle>
      <CardBody>
        <DescriptionList isHorizontal>
          <Term name="Site">
            <Link to={`/sites/${event.siteId}`}>{site?.name ?? event.siteId}</Link>
          </Term>
          <Term name="Occurred">
            <Time at={event.occurred} {...zone} />
          </Term>
          <Term name="Received">
            <Time at={event.received} {...zone} />
          </Term>
          <KeptUntil event={event} />
          <Term name="Sent by">
            <Source source={event.source} /> {event.bestEffort && <Label isCompact>best effort</Label>}
          </Term>
          <Term name="Id">
            <span className="ls-mono">{event.eventId}</span>
          </Term>
        </DescriptionList>
      </CardBody>
    </Card>
  );
}

const DAY_MS = 86_400_000;
const dayAfter = (received: string, days: number): string =>
  new Date(Math.floor(Date.parse(received) / DAY_MS) * DAY_MS + days * DAY_MS).toISOString().slice(0, 10);

/** The UTC midnights at which the policy in force lets it go. */
function KeptUntil({ event: { siteId, received, images } }: { event: Present }) {
  const can = useCan();
  const { data } = useQuery({
    queryKey: [`sites/${siteId}/retention`],
    queryFn: ({ signal }) => get<SiteRetention>(`sites/${siteId}/retention`, { signal }),
    enabled: can("retention:read", siteId),
  });
  if (!data) return null;
  const { eventDays, imageDays } = data.inForce;
  return (
    <Term name="Kept until">
      {dayAfter(received, eventDays)} 00:00 UTC
      {images.length > 0 && `; its images until ${dayAfter(received, imageDays)}`}. A legal hold keeps it longer.
    </Term>
  );
}

function Images({ event: { eventId, siteId, images } }: { event: Present }) {
  const [open, setOpen] = useState<number | null>(null);
  const can = useCan();
  const stored = images.flatMap((image) => (image.state === "stored" ? [image] : []));
  return (
    <Card>
      <CardTitle component="h2">Images</CardTitle>
      <CardBody className="ls-thumbs">
        {images.map((image) =>
          image.state === "stored" ? (
            <Button
              key={image.n}
              variant="plain"
              isDisabled={!can("images:read", siteId)}
              onClick={() => setOpen(image.n)}
              aria-label={`Open image ${image.n + 1}`}
            >
              <Thumbnail eventId={eventId} siteId={siteId} n={image.n} />
              {formatBytes(image.bytes)}
            </Button>
          ) : (
            <div key={image.n}>
              {image.state === "erased" ? "Erased; its hash stays in the ledger." : "Announced, not here yet."}
            </div>
          ),
        )}
      </CardBody>
      {open !== null && <ImageViewer eventId={eventId} images={stored} first={open} onClose={() => setOpen(null)} />}
    </Card>
  );
}

function Proof({ event: { proof } }: { event: Present }) {
  const { batch, seal, index, siteEvents } = proof;
  return (
    <Card>
      <CardTitle component="h2">Where the ledger has it</CardTitle>
      <CardBody>
        <Content component="p">
          It came in as number {formatCount(index + 1)} of {formatCount(siteEvents)} events of its site in a batch,
          which is <RowLink seq={batch.seq} /> of the ledger,{" "}
          {seal ? (
            <>
              under the checkpoint of {formatCount(seal.size)} rows since <Time at={seal.sealedAt} />.
            </>
          ) : (
            "under no checkpoint yet: the next one will cover it, within a minute."
          )}
        </Content>
        <ExpandableSection toggleText="The hashes that lead there">
          <DescriptionList isHorizontal isCompact>
            <Term name="Batch">
              <span className="ls-mono">{batch.batchId}</span>
            </Term>
            <Term name="Leaf of this event">
              <span className="ls-mono">{proof.leaf}</span>
            </Term>
            <Term name="Root of its site's events">
              <span className="ls-mono">{proof.siteRoot}</span>
            </Term>
            <Term name="Hash of the batch's unit">
              <span className="ls-mono">{batch.unitHash}</span>
            </Term>
          </DescriptionList>
        </ExpandableSection>
      </CardBody>
    </Card>
  );
}

function ErasedEvent({ event }: { event: Erased }) {
  return (
    <EmptyState titleText="This event was erased" headingLevel="h2" variant="sm">
      <EmptyStateBody>
        It was received on <Time at={event.received} />. What is left is the tombstone, which proves that it was there
        and why it is gone:
        {event.erasures.map(({ erasureId, seq, basis, at }) => (
          <div key={erasureId}>
            <RowLink seq={seq} />, since {basisWords(basis)}, <Time at={at} />
          </div>
        ))}
      </EmptyStateBody>
    </EmptyState>
  );
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
