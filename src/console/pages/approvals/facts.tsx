import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { Fragment, type ReactNode } from "react";
import { Time } from "../../components/format.tsx";
import { permissionWords } from "../../components/permissions.ts";
import { useSiteNames } from "../grants/grants-table.tsx";

/** A request as the API stores it. */
export type Asked = {
  params: Readonly<Record<string, string>>;
  body: Readonly<Record<string, unknown>>;
  /** It still waits: what it is now can be shown beside what it would be. */
  isOpen: boolean;
};

/** One thing that a request names: as it is now, where that is known, and as it would be. */
export type Fact = { what: string; now?: ReactNode; wanted: ReactNode };

/** What a request comes to, line by line; with what it is now where any line has that. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  const hasNow = facts.some(({ now }) => now !== undefined);
  return (
    <Table aria-label="What would happen" variant="compact">
      <Thead>
        <Tr>
          <Th width={hasNow ? 40 : 30}>What</Th>
          {hasNow && <Th width={30}>Now</Th>}
          <Th width={hasNow ? 30 : 70}>{hasNow ? "Then" : "As asked"}</Th>
        </Tr>
      </Thead>
      <Tbody>
        {facts.map(({ what, now, wanted }) => (
          <Tr key={what}>
            <Td dataLabel="What">{what}</Td>
            {hasNow && (
              <Td dataLabel="Now" modifier="breakWord">
                {now ?? ""}
              </Td>
            )}
            <Td dataLabel="Then" modifier="breakWord">
              {hasNow && now !== undefined ? <strong>{wanted}</strong> : wanted}
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

/** Any value of a request, as people read it. */
export function Value({ name, value }: { name: string; value: unknown }): ReactNode {
  const sitesOf = useSiteNames();
  if (name === "siteIds" && (value === null || Array.isArray(value))) return sitesOf(value);
  if (name === "permissions" && Array.isArray(value))
    return value.map((each) => permissionWords(String(each))).join(", ");
  if (value === null || value === undefined || value === "") return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return instant.test(value) ? <Time at={value} /> : value;
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) {
    if (value.length === 0) return "none";
    return value.map((each, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes
      <Fragment key={index}>
        {index > 0 && <br />}
        <Value name="" value={each} />
      </Fragment>
    ));
  }
  return Object.entries(value).map(([key, inner]) => (
    <Fragment key={key}>
      <span className="ls-quiet">{wordsOf(key)}:</span> <Value name={key} value={inner} />
      <br />
    </Fragment>
  ));
}

/** `imageDays` → `Image days`. */
export function wordsOf(name: string): string {
  const words = name
    .replace(/Ids?$/, "")
    .replace(/([a-z])([A-Z])/g, (_all, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Each field of what was sent, with what it is now where `now` has it, left out where it stays. */
export function factsOf(body: Readonly<Record<string, unknown>>, now?: Readonly<Record<string, unknown>>): Fact[] {
  return Object.entries(body).flatMap(([name, value]) => {
    if (now && name in now && JSON.stringify(now[name]) === JSON.stringify(value)) return [];
    return [
      {
        what: wordsOf(name),
        ...(now && name in now && { now: <Value name={name} value={now[name]} /> }),
        wanted: <Value name={name} value={value} />,
      },
    ];
  });
}
