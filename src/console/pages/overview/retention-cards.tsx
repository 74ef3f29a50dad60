import { Content } from "@patternfly/react-core";
import type { RetentionOverview } from "../../api/types.ts";
import { BarChart, type BarSeries } from "../../components/bar-chart.tsx";
import { DataCard } from "../../components/data-card.tsx";
import { Figures } from "../../components/figures.tsx";
import { formatBytes, formatCount, formatDay } from "../../components/format.tsx";

const path = "overview/retention";

const classes: readonly BarSeries[] = [
  { key: "events", title: "events", className: "ls-bar" },
  { key: "images", title: "images", className: "ls-bar-second" },
  { key: "held", title: "kept by a hold", className: "ls-bar-held" },
];
const stored: readonly BarSeries[] = [{ key: "bytes", title: "stored", className: "ls-bar" }];

const sum = <T,>(items: readonly T[], pick: (item: T) => number): number =>
  items.reduce((total, item) => total + pick(item), 0);

/** What the policies will erase, day by day. */
export function ErasingCard({ more }: { more?: { to: string; title: string } }) {
  return (
    <DataCard<RetentionOverview> title="What will be erased in 30 days" path={path} {...(more && { more })}>
      {({ erasing, narrowHolds }) => (
        <>
          <Figures
            of={[
              { title: "events", value: formatCount(sum(erasing, ({ events }) => events)) },
              { title: "images", value: formatCount(sum(erasing, ({ images }) => images)) },
              { title: "freed", value: formatBytes(sum(erasing, ({ bytes }) => bytes)) },
            ]}
          />
          <BarChart
            label="What will be erased, by UTC day"
            series={classes}
            bars={erasing.map(({ day, events, images, heldEvents, heldImages }) => ({
              key: day,
              title: formatDay(day),
              values: { events, images, held: heldEvents + heldImages },
            }))}
            format={formatCount}
            unit="UTC day"
            empty="Nothing comes to its end in the next 30 days."
          />
          {narrowHolds > 0 && (
            <Content component="small">
              {narrowHolds === 1 ? "One hold takes" : `${narrowHolds} holds take`} in part of a day, and may keep more
              than this shows.
            </Content>
          )}
        </>
      )}
    </DataCard>
  );
}

/** How much is stored, and how much will be if as much comes in as lately. */
export function StorageCard() {
  return (
    <DataCard<RetentionOverview> title="Storage" path={path}>
      {({ storage: { now, inflow, forecast } }) => (
        <>
          <Figures
            of={[
              { title: "now", value: formatBytes(now.bytes + now.imageBytes) },
              { title: "comes in a day", value: formatBytes(inflow.bytes + inflow.imageBytes) },
              { title: "in 30 days", value: formatBytes(forecast.at(-1)?.bytes ?? 0) },
            ]}
          />
          <BarChart
            label="Storage by UTC day, foreseen"
            series={stored}
            bars={forecast.map(({ day, bytes }) => ({ key: day, title: formatDay(day), values: { bytes } }))}
            format={formatBytes}
            unit="UTC day"
            empty="Nothing is stored, and nothing came in lately."
          />
          <Content component="small">
            If as much comes in as in the last seven days, less what the policies erase. Bytes of events and images as
            they came, before encryption.
          </Content>
        </>
      )}
    </DataCard>
  );
}
