import { Alert, Grid, GridItem } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import type { Health } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { Waiting } from "../../components/waiting.tsx";
import { CertificatesCard } from "./certificates-card.tsx";
import { KeysCard } from "./keys-card.tsx";
import { PartsCard } from "./parts-card.tsx";
import { StorageCard } from "./storage-card.tsx";
import { WitnessesCard } from "./witnesses-card.tsx";
import { WorkCard } from "./work-card.tsx";

export const REFRESH_MS = 30_000;

const rooms = {
  enough: null,
  short: {
    variant: "warning",
    title: "Room for images and events runs short: whoever runs the appliance must add some.",
  },
  none: { variant: "danger", title: "There is no room: nothing more is taken in, and devices keep what they have." },
} as const;

export function OwnHealthView() {
  const can = useCan();
  const {
    data: health,
    error,
    refetch,
  } = useQuery({
    queryKey: ["health"],
    queryFn: ({ signal }) => get<Health>("health", { signal }),
    refetchInterval: REFRESH_MS,
  });
  if (!health) return error ? <ProblemAlert error={error} onRetry={refetch} /> : <Waiting label="Asking the parts" />;
  const room = rooms[health.room];
  return (
    <Grid hasGutter>
      {room && (
        <GridItem>
          <Alert variant={room.variant} isInline title={room.title} />
        </GridItem>
      )}
      <GridItem xl={6}>
        <PartsCard version={health.version} parts={health.parts} />
      </GridItem>
      <GridItem xl={6}>
        <WorkCard states={health.work.states} lastFinishedAt={health.work.lastFinishedAt} hasPage />
      </GridItem>
      <GridItem>
        <CertificatesCard broker={health.brokerCertificate} />
      </GridItem>
      {can("retention:read") && (
        <GridItem>
          <StorageCard />
        </GridItem>
      )}
      {can("ledger:read") && (
        <>
          <GridItem xl={6}>
            <WitnessesCard />
          </GridItem>
          <GridItem xl={6}>
            <KeysCard />
          </GridItem>
        </>
      )}
    </Grid>
  );
}
