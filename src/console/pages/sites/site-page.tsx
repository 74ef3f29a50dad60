import { Card, CardBody, CardTitle, DescriptionList, Grid, GridItem } from "@patternfly/react-core";
import { useParams } from "react-router";
import type { KeptDays, Site } from "../../api/types.ts";
import { DayChart } from "../../components/day-chart.tsx";
import { Term, Time } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { DevicesTable } from "../devices/devices-table.tsx";
import { PolicyCard } from "./policy-card.tsx";

export function Page() {
  const { siteId = "" } = useParams();
  return (
    <Load<Site> path={`sites/${encodeURIComponent(siteId)}`} label="Reading the site">
      {(site) => (
        <PageFrame title={site.name} above={[{ title: "Sites", to: "/sites" }]}>
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
          </Grid>
        </PageFrame>
      )}
    </Load>
  );
}
