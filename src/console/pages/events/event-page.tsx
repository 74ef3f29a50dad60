import {
  Button,
  Card,
  CardBody,
  CardTitle,
  DescriptionList,
  EmptyState,
  EmptyStateBody,
  Grid,
  GridItem,
  Label,
  Modal,
  ModalBody,
  ModalHeader,
} from "@patternfly/react-core";
import { useState } from "react";
import { Link, useParams } from "react-router";
import type { EventDetail } from "../../api/types.ts";
import { formatBytes, formatCount, Term, Time } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { useSites } from "../../components/use-sites.ts";
import { Thumbnail, WholeImage } from "./image.tsx";

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
        >
          {event.state === "present" ? <PresentEvent event={event} /> : <ErasedEvent event={event} />}
        </PageFrame>
      )}
    </Load>
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
        <Proof proof={event.proof} />
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
          <Term name="Sent by">
            {event.source.type} <span className="ls-mono">{event.source.id}</span>{" "}
            {event.bestEffort && <Label isCompact>best effort</Label>}
          </Term>
          <Term name="Id">
            <span className="ls-mono">{event.eventId}</span>
          </Term>
        </DescriptionList>
      </CardBody>
    </Card>
  );
}

function Images({ event: { eventId, images } }: { event: Present }) {
  const [open, setOpen] = useState<number | null>(null);
  return (
    <Card>
      <CardTitle component="h2">Images</CardTitle>
      <CardBody className="ls-thumbs">
        {images.map((image) =>
          image.state === "stored" ? (
            <Button
              key={image.n}
              variant="plain"
              onClick={() => setOpen(image.n)}
              aria-label={`Open image ${image.n + 1}`}
            >
              <Thumbnail eventId={eventId} n={image.n} />
              {formatBytes(image.bytes)}
            </Button>
          ) : (
            <div key={image.n}>
              {image.state === "erased" ? "Erased; its hash stays in the ledger." : "Announced, not here yet."}
            </div>
          ),
        )}
      </CardBody>
      {open !== null && (
        <Modal isOpen variant="large" aria-labelledby="image-title" onClose={() => setOpen(null)}>
          <ModalHeader title={`Image ${open + 1}`} labelId="image-title" />
          <ModalBody>
            <WholeImage eventId={eventId} n={open} />
          </ModalBody>
        </Modal>
      )}
    </Card>
  );
}

function Proof({ proof }: { proof: Present["proof"] }) {
  return (
    <Card>
      <CardTitle component="h2">Where the ledger has it</CardTitle>
      <CardBody>
        <DescriptionList isHorizontal>
          <Term name="Row">{formatCount(proof.batch.seq)}</Term>
          <Term name="Place">
            {formatCount(proof.index + 1)} of {formatCount(proof.siteEvents)} events of its site in that batch
          </Term>
          <Term name="Leaf">
            <span className="ls-mono">{proof.leaf}</span>
          </Term>
          <Term name="Root of the site">
            <span className="ls-mono">{proof.siteRoot}</span>
          </Term>
          <Term name="Batch">
            <span className="ls-mono">{proof.batch.batchId}</span>
          </Term>
        </DescriptionList>
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
            Row {formatCount(seq)}, {basis}, <Time at={at} />
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
