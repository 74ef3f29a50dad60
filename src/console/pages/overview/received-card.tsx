import { Content, Flex, FormSelect, FormSelectOption, ToggleGroup, ToggleGroupItem } from "@patternfly/react-core";
import { useSearchParams } from "react-router";
import type { Received } from "../../api/types.ts";
import { type Bar, BarChart, type BarSeries } from "../../components/bar-chart.tsx";
import { DataCard } from "../../components/data-card.tsx";
import { Figures } from "../../components/figures.tsx";
import { formatBytes, formatCount, formatDay } from "../../components/format.tsx";
import { useSites } from "../../components/use-sites.ts";

const spans = [
  { value: "day", title: "24 hours" },
  { value: "week", title: "7 days" },
  { value: "month", title: "30 days" },
] as const;
const kinds = [
  { value: "events", title: "Events" },
  { value: "images", title: "Images" },
  { value: "bytes", title: "Bytes" },
] as const;
type Kind = (typeof kinds)[number]["value"];

const series: Record<Kind, readonly BarSeries[]> = {
  events: [{ key: "events", title: "events", className: "ls-bar" }],
  images: [{ key: "images", title: "images", className: "ls-bar-second" }],
  bytes: [
    { key: "bytes", title: "of events", className: "ls-bar" },
    { key: "imageBytes", title: "of images", className: "ls-bar-second" },
  ],
};

/** How much came in, over time; what is chosen stands in the URL. */
export function ReceivedCard() {
  const [search, setSearch] = useSearchParams();
  const sites = useSites();
  const chosen = <T extends string>(name: string, of: readonly { value: T }[]): T =>
    of.find(({ value }) => value === search.get(name))?.value ?? of[0]!.value;
  const choose = (name: string, value: string): void =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        if (value === "") after.delete(name);
        else after.set(name, value);
        return after;
      },
      { replace: true },
    );
  const [span, kind, site] = [chosen("span", spans), chosen("show", kinds), search.get("site") ?? ""];
  return (
    <DataCard<Received>
      title="What came in"
      path="overview/received"
      query={{ span, site }}
      more={{ to: "/events", title: "Events" }}
    >
      {({ points, step, total }) => (
        <>
          <Figures
            of={[
              { title: "events", value: formatCount(total.events) },
              { title: "images", value: formatCount(total.images) },
              { title: "altogether", value: formatBytes(total.bytes + total.imageBytes) },
            ]}
          />
          <Flex columnGap={{ default: "columnGapMd" }} rowGap={{ default: "rowGapSm" }}>
            <Choice label="Show" of={kinds} value={kind} onChange={(value) => choose("show", value)} />
            <Choice label="Over" of={spans} value={span} onChange={(value) => choose("span", value)} />
            {sites.size > 1 && (
              <FormSelect
                className="ls-select"
                aria-label="Site"
                value={site}
                onChange={(_event, value) => choose("site", value)}
              >
                <FormSelectOption value="" label="All sites" />
                {[...sites.values()].map(({ siteId, name }) => (
                  <FormSelectOption key={siteId} value={siteId} label={name} />
                ))}
              </FormSelect>
            )}
          </Flex>
          <BarChart
            label={`${kinds.find(({ value }) => value === kind)!.title} by ${step === "hour" ? "hour" : "UTC day"}`}
            series={series[kind]}
            bars={points.map((point) => barOf(point, step))}
            format={kind === "bytes" ? formatBytes : formatCount}
            unit={step === "hour" ? "Hour" : "UTC day"}
            empty="Nothing came in during this time."
          />
          {step === "day" && (
            <Content component="small">By UTC day. What single erasures took is no longer counted.</Content>
          )}
        </>
      )}
    </DataCard>
  );
}

type ChoiceProps = {
  label: string;
  of: readonly { value: string; title: string }[];
  value: string;
  onChange(value: string): void;
};

function Choice({ label, of, value, onChange }: ChoiceProps) {
  return (
    <ToggleGroup isCompact aria-label={label}>
      {of.map((each) => (
        <ToggleGroupItem
          key={each.value}
          text={each.title}
          isSelected={each.value === value}
          onChange={() => onChange(each.value)}
        />
      ))}
    </ToggleGroup>
  );
}

const hours = new Intl.DateTimeFormat("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit" });

function barOf({ at, ...values }: Received["points"][number], step: Received["step"]): Bar {
  return { key: at, title: step === "hour" ? hours.format(new Date(at)) : formatDay(at.slice(0, 10)), values };
}
