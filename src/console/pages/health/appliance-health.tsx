import { Card, CardBody, CardTitle, Content, DescriptionList, Grid, GridItem, Label } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import type { ApplianceHealth } from "../../api/types.ts";
import { formatBytes, formatCount, Term } from "../../components/format.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { Waiting } from "../../components/waiting.tsx";
import { CertificatesOf } from "./certificates-card.tsx";
import { REFRESH_MS } from "./own-health.tsx";
import { PartsCard } from "./parts-card.tsx";
import { WorkCard } from "./work-card.tsx";

/** The operator's: all of the appliance, nothing of what tenants keep in it. */
export function ApplianceHealthView() {
  const {
    data: health,
    error,
    refetch,
  } = useQuery({
    queryKey: ["appliance/health"],
    queryFn: ({ signal }) => get<ApplianceHealth>("appliance/health", { signal }),
    refetchInterval: REFRESH_MS,
  });
  if (!health) return error ? <ProblemAlert error={error} onRetry={refetch} /> : <Waiting label="Asking the parts" />;
  return (
    <Grid hasGutter>
      <GridItem xl={6}>
        <PartsCard version={health.version} parts={health.parts} />
      </GridItem>
      <GridItem xl={6}>
        <RoomCard health={health} />
      </GridItem>
      <GridItem>
        <CertificatesOf certificates={health.certificates} broker={health.brokerCertificate} />
      </GridItem>
      <GridItem xl={6}>
        <WorkCard states={health.tasks} />
      </GridItem>
      <GridItem xl={6}>
        <QueuesCard queues={health.queues} />
      </GridItem>
    </Grid>
  );
}

function RoomCard({ health }: { health: ApplianceHealth }) {
  const { freeBytes, minFreeBytes, databaseBytes, witnesses, keys } = health;
  return (
    <Card isFullHeight>
      <CardTitle component="h2">Room, witnesses and keys</CardTitle>
      <CardBody>
        <DescriptionList isHorizontal>
          <Term name="Free for images">
            {formatBytes(freeBytes)}{" "}
            {freeBytes < minFreeBytes ? (
              <Label isCompact status="danger">
                nothing is taken in
              </Label>
            ) : (
              freeBytes < 4 * minFreeBytes && (
                <Label isCompact status="warning">
                  runs short
                </Label>
              )
            )}
            <Content component="small">Intake stops below {formatBytes(minFreeBytes)}.</Content>
          </Term>
          <Term name="Database">{formatBytes(databaseBytes)}</Term>
          <Term name="Witness directories">
            {witnesses.writable} of {witnesses.directories} can be written{" "}
            {witnesses.writable < witnesses.directories && (
              <Label isCompact status="danger">
                mend it
              </Label>
            )}
          </Term>
          <Term name="Master key">
            <span className="ls-mono">{keys.master}</span>
          </Term>
          <Term name="Signing key">
            <span className="ls-mono">{keys.signing}</span>
          </Term>
          <Term name="Next signing key">
            {keys.nextSigning ? (
              <span className="ls-mono">{keys.nextSigning}</span>
            ) : (
              "none: a rotation is not prepared"
            )}
          </Term>
        </DescriptionList>
      </CardBody>
    </Card>
  );
}

function QueuesCard({ queues }: { queues: ApplianceHealth["queues"] }) {
  return (
    <Card isFullHeight>
      <CardTitle component="h2">Queues</CardTitle>
      <CardBody>
        {queues ? (
          <Table aria-label="Queues" variant="compact">
            <Thead>
              <Tr>
                <Th>Queue</Th>
                <Th modifier="nowrap">Waiting</Th>
                <Th modifier="nowrap">Running</Th>
                <Th modifier="nowrap">Later</Th>
                <Th modifier="nowrap">Workers</Th>
              </Tr>
            </Thead>
            <Tbody>
              {queues.map(({ queue, waiting, active, delayed, workers }) => (
                <Tr key={queue}>
                  <Td dataLabel="Queue">{queue}</Td>
                  <Td dataLabel="Waiting">{formatCount(waiting)}</Td>
                  <Td dataLabel="Running">{formatCount(active)}</Td>
                  <Td dataLabel="Later">{formatCount(delayed)}</Td>
                  <Td dataLabel="Workers">
                    {workers > 0 ? (
                      formatCount(workers)
                    ) : (
                      <Label isCompact status="danger">
                        none
                      </Label>
                    )}
                  </Td>
                </Tr>
              ))}
            </Tbody>
          </Table>
        ) : (
          <Content component="p">
            Redis is away: work waits in the database, and goes on by itself when it is back.
          </Content>
        )}
      </CardBody>
    </Card>
  );
}
