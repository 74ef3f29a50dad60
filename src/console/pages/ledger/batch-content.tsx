import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { formatCount } from "../../components/format.tsx";
import { useSites } from "../../components/use-sites.ts";

/** The unit `batch`: `received <timestamp>`, then `site <uuid> <count> <site root>` for each site. */
export function BatchContent({ text }: { text: string }) {
  const sites = useSites();
  const lines = text.split("\n").flatMap((line) => {
    const [word, siteId, count, root] = line.split(" ");
    return word === "site" && siteId && count && root ? [{ siteId, count: Number(count), root }] : [];
  });
  return (
    <Table aria-label="Events by site" variant="compact">
      <Thead>
        <Tr>
          <Th>Site</Th>
          <Th>Events</Th>
          <Th>Root over them</Th>
        </Tr>
      </Thead>
      <Tbody>
        {lines.map(({ siteId, count, root }) => (
          <Tr key={siteId}>
            <Td dataLabel="Site" modifier="breakWord">
              {sites.get(siteId)?.name ?? siteId}
            </Td>
            <Td dataLabel="Events">{formatCount(count)}</Td>
            <Td dataLabel="Root over them" modifier="breakWord">
              <span className="ls-mono">{root}</span>
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
