import {
  EmptyState,
  EmptyStateBody,
  FormSelect,
  FormSelectOption,
  Label,
  Stack,
  StackItem,
  Toolbar,
  ToolbarContent,
  ToolbarItem,
} from "@patternfly/react-core";
import { ExpandableRowContent, Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import type { UpcomingDay, UpcomingSite } from "../../api/types.ts";
import { DayChart } from "../../components/day-chart.tsx";
import { countOf, formatBytes, formatCount } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";
import { useSites } from "../../components/use-sites.ts";
import { RetentionFrame } from "./retention-frame.tsx";

const spans = [7, 30, 90] as const;

export function Page() {
  const sites = useSites();
  const [search, setSearch] = useSearchParams();
  const days = Number(search.get("days") ?? 30);
  const site = search.get("site") ?? "";
  const set = (name: string) => (_event: unknown, value: string) =>
    setSearch((before) => {
      const after = new URLSearchParams(before);
      if (value === "") after.delete(name);
      else after.set(name, value);
      return after;
    });
  const query = new URLSearchParams({ days: String(days), ...(site && { site }) });
  return (
    <RetentionFrame tab="retention/upcoming">
      <Stack hasGutter>
        <StackItem>
          <Toolbar aria-label="What goes next: filters">
            <ToolbarContent>
              <ToolbarItem className="ls-filter">
                <FormSelect aria-label="How far ahead" value={String(days)} onChange={set("days")}>
                  {spans.map((span) => (
                    <FormSelectOption key={span} value={String(span)} label={`Next ${span} days`} />
                  ))}
                </FormSelect>
              </ToolbarItem>
              <ToolbarItem className="ls-filter">
                <FormSelect aria-label="Site" value={site} onChange={set("site")}>
                  <FormSelectOption value="" label="Site: any" />
                  {[...sites.values()].map(({ siteId, name }) => (
                    <FormSelectOption key={siteId} value={siteId} label={name} />
                  ))}
                </FormSelect>
              </ToolbarItem>
            </ToolbarContent>
          </Toolbar>
        </StackItem>
        <StackItem>
          <Load<{ upcoming: UpcomingDay[] }> path={`retention/upcoming?${query}`} label="Counting what goes">
            {({ upcoming }) => <Upcoming upcoming={upcoming} days={days} site={site} />}
          </Load>
        </StackItem>
      </Stack>
    </RetentionFrame>
  );
}

function Upcoming({ upcoming, days, site }: { upcoming: readonly UpcomingDay[]; days: number; site: string }) {
  if (upcoming.length === 0) {
    return (
      <EmptyState titleText={`Nothing goes in the next ${days} days`} headingLevel="h2" variant="sm">
        <EmptyStateBody>All that is kept is younger than its policy allows.</EmptyStateBody>
      </EmptyState>
    );
  }
  return (
    <Stack hasGutter>
      <StackItem>
        <DayChart days={chartDays(upcoming, days)} label={`What goes in the next ${days} days, by day`} />
      </StackItem>
      <StackItem>
        <Table aria-label="What goes, by day" variant="compact" isExpandable>
          <Thead>
            <Tr>
              <Th screenReaderText="By site" />
              <Th>Goes on</Th>
              <Th>What</Th>
              <Th>Sites</Th>
              <Th>Events</Th>
              <Th>Images</Th>
              <Th>Size</Th>
              <Th>Kept by holds</Th>
            </Tr>
          </Thead>
          {upcoming.map((each, index) => (
            <Line key={`${each.on} ${each.what}`} day={each} index={index} site={site} />
          ))}
        </Table>
      </StackItem>
    </Stack>
  );
}

function Line({ day, index, site }: { day: UpcomingDay; index: number; site: string }) {
  const [isOpen, setOpen] = useState(false);
  const isNow = day.on <= new Date().toISOString().slice(0, 10);
  return (
    <Tbody isExpanded={isOpen}>
      <Tr>
        <Td
          expand={{ rowIndex: index, isExpanded: isOpen, onToggle: () => setOpen(!isOpen), expandId: "by-site" }}
          aria-label={`By site, ${day.on}`}
        />
        <Td dataLabel="Goes on">
          {isNow ? (
            <Label isCompact status="warning">
              due now
            </Label>
          ) : (
            `${day.on}, 00:00 UTC`
          )}
        </Td>
        <Td dataLabel="What">{day.what === "events" ? "Events, with their images" : "Images, before their events"}</Td>
        <Td dataLabel="Sites">{formatCount(day.sites)}</Td>
        <Td dataLabel="Events">{formatCount(day.events)}</Td>
        <Td dataLabel="Images">{formatCount(day.images)}</Td>
        <Td dataLabel="Size">{formatBytes(day.bytes)}</Td>
        <Td dataLabel="Kept by holds">
          {day.heldSites > 0 ? `some of ${formatCount(day.heldSites)} ${day.heldSites === 1 ? "site" : "sites"}` : ""}
        </Td>
      </Tr>
      {isOpen && (
        <Tr isExpanded>
          <Td />
          <Td colSpan={7}>
            <ExpandableRowContent>
              <BySite day={day} site={site} />
            </ExpandableRowContent>
          </Td>
        </Tr>
      )}
    </Tbody>
  );
}

function BySite({ day, site }: { day: UpcomingDay; site: string }) {
  const sites = useSites();
  const query = new URLSearchParams({ on: day.on, ...(site && { site }) });
  return (
    <Load<{ upcoming: UpcomingSite[] }> path={`retention/upcoming/sites?${query}`} label="Counting by site">
      {({ upcoming }) => (
        <ul>
          {upcoming
            .filter(({ what }) => what === day.what)
            .map((each) => (
              <li key={`${each.siteId} ${each.day}`}>
                <Link to={`/sites/${each.siteId}`}>{sites.get(each.siteId)?.name ?? each.siteId}</Link>, received on{" "}
                {each.day}: {countOf(each.what === "events" ? each.events : each.images, each.what.slice(0, -1))},{" "}
                {formatBytes(each.bytes)}
                {each.held && ", a hold keeps some or all of it"}
              </li>
            ))}
        </ul>
      )}
    </Load>
  );
}

/** Every day of the span has a bar, also where nothing goes. */
function chartDays(upcoming: readonly UpcomingDay[], days: number) {
  const today = Date.parse(`${new Date().toISOString().slice(0, 10)}T00:00:00Z`);
  return Array.from({ length: days + 1 }, (_, n) => {
    const day = new Date(today + n * 86_400_000).toISOString().slice(0, 10);
    const of = upcoming.filter(({ on }) => on === day);
    const sum = (pick: (each: UpcomingDay) => number) => of.reduce((total, each) => total + pick(each), 0);
    return {
      day,
      events: sum((each) => each.events),
      bytes: sum((each) => each.bytes),
      images: sum((each) => each.images),
    };
  });
}
