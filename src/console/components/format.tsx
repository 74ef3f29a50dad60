import { DescriptionListDescription, DescriptionListGroup, DescriptionListTerm, Tooltip } from "@patternfly/react-core";
import type { ReactNode } from "react";

const numbers = new Intl.NumberFormat("en");
export const formatCount = (value: number): string => numbers.format(value);

/** `1 event`, `2 events`. */
export const countOf = (value: number, noun: string): string =>
  `${formatCount(value)} ${noun}${value === 1 ? "" : "s"}`;

const units = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Powers of 1000, three digits: `12.3 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`;
}

const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** How long ago, in the largest unit that fits: `26 minutes`. */
export function formatSince(at: string): string {
  const minutes = Math.max(0, Math.round((Date.now() - Date.parse(at)) / 60_000));
  const [count, unit] =
    minutes < 120
      ? [minutes, "minute"]
      : minutes < 2880
        ? [Math.round(minutes / 60), "hour"]
        : [Math.round(minutes / 1440), "day"];
  return `${formatCount(count)} ${unit}${count === 1 ? "" : "s"}`;
}

/** A UTC day of the present year or so: `23 Nov`. */
export const formatDay = (day: string): string => days.format(new Date(`${day}T00:00:00Z`));

/** An instant in a site's zone (the browser's when none is given); the exact UTC on hover. */
export function Time({ at, zone }: { at: string; zone?: string }) {
  const shown = new Intl.DateTimeFormat("en-GB", {
    dateStyle: "medium",
    timeStyle: "medium",
    ...(zone && { timeZone: zone }),
  }).format(new Date(at));
  return (
    <Tooltip content={`${at.replace("T", " ").replace("Z", "")} UTC${zone ? `; shown in ${zone}` : ""}`}>
      <time dateTime={at}>{shown}</time>
    </Tooltip>
  );
}

/** The day of an instant, where its hour does not matter; the exact UTC on hover. */
export function Day({ at }: { at: string }) {
  return (
    <Tooltip content={`${at.replace("T", " ").replace("Z", "")} UTC`}>
      <time dateTime={at}>{new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" }).format(new Date(at))}</time>
    </Tooltip>
  );
}

/** A name and what it is, in a description list. */
export function Term({ name, children }: { name: string; children: ReactNode }) {
  return (
    <DescriptionListGroup>
      <DescriptionListTerm>{name}</DescriptionListTerm>
      <DescriptionListDescription>{children}</DescriptionListDescription>
    </DescriptionListGroup>
  );
}
