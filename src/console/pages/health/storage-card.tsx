import { Card, CardBody, CardTitle, DescriptionList, Grid, GridItem } from "@patternfly/react-core";
import type { RetentionOverview, Usage } from "../../api/types.ts";
import { DayChart } from "../../components/day-chart.tsx";
import { formatBytes, formatCount, Term } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";

/** What is kept now, how much comes in a day, and where that leads under the policies. */
export function StorageCard() {
  return (
    <Card>
      <CardTitle component="h2">Storage</CardTitle>
      <CardBody>
        <Grid hasGutter>
          <GridItem xl={5}>
            <Load<RetentionOverview> path="overview/retention" label="Counting what is kept">
              {({ storage: { now, inflow, forecast } }) => (
                <DescriptionList isHorizontal>
                  <Term name="Events">
                    {formatCount(now.events)}, {formatBytes(now.bytes)}
                  </Term>
                  <Term name="Images">
                    {formatCount(now.images)}, {formatBytes(now.imageBytes)}
                  </Term>
                  <Term name="Comes in a day">{formatBytes(inflow.bytes + inflow.imageBytes)}, mean of seven days</Term>
                  {forecast.length > 0 && (
                    <Term name={`On ${forecast.at(-1)!.day}`}>
                      {formatBytes(forecast.at(-1)!.bytes)}, if as much comes in and policies stay
                    </Term>
                  )}
                </DescriptionList>
              )}
            </Load>
          </GridItem>
          <GridItem xl={7}>
            <Load<Usage> path="tenant/usage" label="Counting what came in">
              {({ days }) => <DayChart days={days} label="Events that came in, by UTC day" />}
            </Load>
          </GridItem>
        </Grid>
      </CardBody>
    </Card>
  );
}
