import { Card, CardBody, CardTitle, Content } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { Link } from "react-router";
import type { DeviceDetail, EventSummary } from "../../api/types.ts";
import { formatCount, Time } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";
import { useSites } from "../../components/use-sites.ts";

const why: Readonly<Record<string, string>> = { quota: "its storage was full", corrupt: "they were damaged" };
const SHOWN = 50;

/** What the device will never send, as it says itself. */
export function Gaps({ device: { deviceId, siteId } }: { device: DeviceDetail }) {
  const zone = useSites().get(siteId)?.timeZone;
  const query = new URLSearchParams({ kind: "edge.gap", site: siteId, source: deviceId });
  return (
    <Card>
      <CardTitle component="h2">Gaps</CardTitle>
      <CardBody>
        <Load<{ events: EventSummary[]; next: string | null }>
          path={`events?${query}&limit=${SHOWN}`}
          label="Looking for gap records"
        >
          {({ events, next }) => (
            <>
              <Table aria-label="Gaps" variant="compact">
                <Thead>
                  <Tr>
                    <Th>Told</Th>
                    <Th>Lost</Th>
                    <Th>Because</Th>
                  </Tr>
                </Thead>
                <Tbody>
                  {events.map(({ eventId, received, body }) => {
                    const gap = readGap(body);
                    return (
                      <Tr key={eventId}>
                        <Td dataLabel="Told">
                          <Link to={`/events/${eventId}`}>
                            <Time at={received} {...(zone && { zone })} />
                          </Link>
                        </Td>
                        <Td dataLabel="Lost">{lostWords(gap)}</Td>
                        <Td dataLabel="Because">{why[gap.reason ?? ""] ?? gap.reason}</Td>
                      </Tr>
                    );
                  })}
                </Tbody>
              </Table>
              {events.length === 0 && <Content component="p">Their records are erased by now.</Content>}
              {next && <Link to={`/events?${query}`}>All gap records</Link>}
            </>
          )}
        </Load>
      </CardBody>
    </Card>
  );
}

type Gap = { from?: number; to?: number; images?: string[]; reason?: string };

function readGap(body: string): Gap {
  try {
    return JSON.parse(body) as Gap;
  } catch {
    return {};
  }
}

function lostWords({ from, to, images }: Gap): string {
  if (images) return `${formatCount(images.length)} images`;
  if (from === undefined || to === undefined) return "not told";
  return from === to
    ? `event ${formatCount(from)}`
    : `${formatCount(to - from + 1)} events, ${formatCount(from)} to ${formatCount(to)}`;
}
