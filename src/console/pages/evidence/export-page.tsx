import { Alert, Button, Card, CardBody, CardTitle, DescriptionList, Grid, GridItem } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { get } from "../../api/client.ts";
import type { EvidenceExport } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { Copyable } from "../../components/copyable.tsx";
import { formatBytes, formatCount, Term, Time } from "../../components/format.tsx";
import { Maker } from "../../components/maker.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { RowLink } from "../../components/row-link.tsx";
import { TaskProgress } from "../../components/task-progress.tsx";
import { useSites } from "../../components/use-sites.ts";
import { Waiting } from "../../components/waiting.tsx";
import { siteNames } from "./draft.ts";
import { ExportState, exportScope, isBeingMade, withheldWords } from "./export-words.tsx";
import { VerifyCard } from "./verify-card.tsx";

const SOON_MS = 2_000;

export function Page() {
  const { exportId = "" } = useParams();
  const path = `exports/${encodeURIComponent(exportId)}`;
  const { data, error, refetch } = useQuery({
    queryKey: [path],
    queryFn: ({ signal }) => get<EvidenceExport>(path, { signal }),
    refetchInterval: ({ state }) => (state.data && isBeingMade(state.data) ? SOON_MS : false),
  });
  if (error && !data) return <ProblemAlert error={error} onRetry={refetch} />;
  if (!data) return <Waiting label="Reading the export" />;
  return (
    <PageFrame title={exportScope(data)} about="An evidence bundle." above={[{ title: "Evidence", to: "/evidence" }]}>
      <Grid hasGutter>
        <GridItem xl={6}>
          <Facts of={data} />
        </GridItem>
        <GridItem xl={6}>
          <Files of={data} />
        </GridItem>
        <GridItem>
          <VerifyCard file={fileName(data, 0)} />
        </GridItem>
      </Grid>
    </PageFrame>
  );
}

function Facts({ of }: { of: EvidenceExport }) {
  const sites = useSites();
  const { scope, madeBy, createdAt, events, images, checkpointSize, encrypted, exportId } = of;
  const incident = scope.scope.kind === "incident" ? scope.scope.events : [];
  return (
    <Card isFullHeight>
      <CardTitle component="h2">About this export</CardTitle>
      <CardBody>
        <DescriptionList isHorizontal isCompact>
          <Term name="State">
            <ExportState of={of} />
          </Term>
          <Term name="Asked for by">
            <Maker by={`${madeBy.type} ${madeBy.id}`} />, <Time at={createdAt} />
          </Term>
          <Term name="Shows">
            {incident.length > 0 ? "integrity of single events" : "integrity, and that nothing in the range is missing"}
          </Term>
          <Term name="Sites">{siteNames(scope.sites, sites)}</Term>
          {incident.length > 0 && (
            <Term name="Events asked for">
              {incident.slice(0, 10).map((eventId) => (
                <div key={eventId}>
                  <Link to={`/events/${eventId}`} className="ls-mono">
                    {eventId}
                  </Link>
                </div>
              ))}
              {incident.length > 10 && `and ${formatCount(incident.length - 10)} more`}
            </Term>
          )}
          {scope.subjects && <Term name="Subjects">{formatCount(scope.subjects.length)}, kept as HMACs alone</Term>}
          <Term name="Held back">{withheldWords(of)}</Term>
          <Term name="Encryption">
            {encrypted ? (scope.recipient ? "for a recipient's key" : "with a passphrase") : "none"}
          </Term>
          {events !== null && (
            <Term name="Holds">
              {formatCount(events)} events, {formatCount(images ?? 0)} images
            </Term>
          )}
          {checkpointSize !== null && (
            <Term name="Under the checkpoint of">
              <RowLink seq={checkpointSize} />
            </Term>
          )}
          <Term name="Id">
            <span className="ls-mono">{exportId}</span>
          </Term>
        </DescriptionList>
      </CardBody>
    </Card>
  );
}

function Files({ of }: { of: EvidenceExport }) {
  const can = useCan();
  const { state, error, parts, expiresAt, taskId } = of;
  return (
    <Card isFullHeight>
      <CardTitle component="h2">The bundle</CardTitle>
      <CardBody>
        {isBeingMade(of) && taskId && can("tasks:read") && (
          <TaskProgress taskId={taskId} title="Making and verifying it" />
        )}
        {isBeingMade(of) && error && <Alert variant="warning" isInline title={error} />}
        {state === "failed" && (
          <Alert variant="danger" isInline title="It could not be made">
            {error} <Link to="/evidence/new">Ask for another one</Link>
          </Alert>
        )}
        {state === "expired" && (
          <Alert variant="info" isInline title="It is no longer kept here">
            Its SHA-256 stays, to recognise what was taken. <Link to="/evidence/new">Ask for another one</Link>
          </Alert>
        )}
        {state === "done" && expiresAt && (
          <p>
            Verified here, and kept until <Time at={expiresAt} />. Each download is a row of the ledger.
          </p>
        )}
        {parts && (
          <DescriptionList>
            {parts.map(({ bytes, sha256 }, index) => (
              <Term
                key={sha256}
                name={parts.length > 1 ? `Part ${index + 1}, ${formatBytes(bytes)}` : formatBytes(bytes)}
              >
                {state === "done" && can("evidence:export") && (
                  <Button
                    component="a"
                    className="ls-download"
                    href={`/api/v1/exports/${of.exportId}/download?part=${index + 1}`}
                    download={fileName(of, index)}
                  >
                    Download {parts.length > 1 ? `part ${index + 1}` : "the bundle"}
                  </Button>
                )}
                <small className="ls-above">SHA-256</small>
                <Copyable label={`SHA-256 of ${fileName(of, index)}`}>{sha256}</Copyable>
              </Term>
            ))}
          </DescriptionList>
        )}
      </CardBody>
    </Card>
  );
}

/** As the download names it. */
function fileName({ createdAt, exportId, parts, encrypted }: EvidenceExport, index: number): string {
  const part = parts && parts.length > 1 ? `-part${index + 1}` : "";
  return `ledgerstone-${createdAt.slice(0, 10)}-${exportId.slice(0, 8)}${part}.zip${encrypted ? ".age" : ""}`;
}
