import { Card, CardBody, CardTitle, Content } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { Link } from "react-router";
import type { LedgerRow } from "../../api/types.ts";
import { useMayOpen } from "../../app/session.tsx";
import { Time } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";
import { RowLink } from "../../components/row-link.tsx";
import { actionWords, actorWords } from "./words.ts";

const SHOWN = 20;

/** What the ledger tells of one thing, newest first; to those who may read it. */
export function History({ entityType, entityId, zone }: { entityType: string; entityId: string; zone?: string }) {
  const mayOpen = useMayOpen();
  if (!mayOpen({ permissions: ["ledger:read"], wholeTenant: true })) return null;
  const query = new URLSearchParams({ entityType, entityId });
  return (
    <Card>
      <CardTitle component="h2">History</CardTitle>
      <CardBody>
        <Load<{ rows: LedgerRow[]; next: number | null }>
          path={`ledger/rows?${query}&limit=${SHOWN}`}
          label="Reading the ledger"
        >
          {({ rows, next }) => (
            <>
              <Table aria-label="History" variant="compact">
                <Thead>
                  <Tr>
                    <Th>When</Th>
                    <Th>What</Th>
                    <Th>Who</Th>
                    <Th>In the ledger</Th>
                  </Tr>
                </Thead>
                <Tbody>
                  {rows.map(({ seq, at, action, actor }) => (
                    <Tr key={seq}>
                      <Td dataLabel="When">
                        <Time at={at} {...(zone && { zone })} />
                      </Td>
                      <Td dataLabel="What">{actionWords(action)}</Td>
                      <Td dataLabel="Who">{actorWords(actor)}</Td>
                      <Td dataLabel="In the ledger">
                        <RowLink seq={seq} />
                      </Td>
                    </Tr>
                  ))}
                </Tbody>
              </Table>
              {next !== null && (
                <Content component="p">
                  <Link to={`/ledger?${query}`}>All of it in the ledger</Link>
                </Content>
              )}
            </>
          )}
        </Load>
      </CardBody>
    </Card>
  );
}
