import { Button, Card, CardBody, CardTitle, DescriptionList, Grid, GridItem } from "@patternfly/react-core";
import { useState } from "react";
import { Link, useParams } from "react-router";
import type { KeptDays, Site } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { DayChart } from "../../components/day-chart.tsx";
import { Term, Time } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { useVersioned } from "../../components/use-versioned.ts";
import { Waiting } from "../../components/waiting.tsx";
import { DevicesTable } from "../devices/devices-table.tsx";
import { History } from "../ledger/history.tsx";
import { PolicyCard } from "./policy-card.tsx";
import { SiteDialog } from "./site-dialog.tsx";

export function Page() {
  const { siteId = "" } = useParams();
  const { data: answered, error, refetch } = useVersioned<Site>(`sites/${encodeURIComponent(siteId)}`);
  const can = useCan();
  const [isChanging, setChanging] = useState(false);
  if (error && !answered) return <ProblemAlert error={error} onRetry={refetch} />;
  if (!answered) return <Waiting label="Reading the site" />;
  const { data: site, etag } = answered;
  return (
    <PageFrame
      title={site.name}
      above={[{ title: "Sites", to: "/sites" }]}
      actions={
        can("sites:write", siteId) && (
          <Button variant="secondary" onClick={() => setChanging(true)}>
            Edit site…
          </Button>
        )
      }
    >
      <Grid hasGutter>
        <GridItem xl={7}>
          <PolicyCard site={site} />
        </GridItem>
        <GridItem xl={5}>
          <Card isFullHeight>
            <CardTitle component="h2">About this site</CardTitle>
            <CardBody>
              <DescriptionList isHorizontal>
                <Term name="Time zone">{site.timeZone}</Term>
                <Term name="Offline window">{site.offlineWindowDays} days</Term>
                <Term name="Since">
                  <Time at={site.createdAt} zone={site.timeZone} />
                </Term>
                {can("retention:read", siteId) && (
                  <Term name="What goes next">
                    <Link to={`/retention/upcoming?site=${siteId}`}>by day</Link>
                  </Term>
                )}
                <Term name="Id">
                  <span className="ls-mono">{site.siteId}</span>
                </Term>
              </DescriptionList>
            </CardBody>
          </Card>
        </GridItem>
        <GridItem>
          <Card>
            <CardTitle component="h2">What is kept, by UTC day</CardTitle>
            <CardBody>
              <Load<KeptDays> path={`sites/${site.siteId}/days`} label="Counting the days">
                {({ days }) => <DayChart days={days} label={`Events kept of ${site.name} by day`} />}
              </Load>
            </CardBody>
          </Card>
        </GridItem>
        <GridItem>
          <Card>
            <CardTitle component="h2">Devices</CardTitle>
            <CardBody>
              <DevicesTable siteId={site.siteId} />
            </CardBody>
          </Card>
        </GridItem>
        <GridItem>
          <History entityType="site" entityId={site.siteId} zone={site.timeZone} />
        </GridItem>
      </Grid>
      {isChanging && <SiteDialog site={site} etag={etag} onClose={() => setChanging(false)} />}
    </PageFrame>
  );
}
