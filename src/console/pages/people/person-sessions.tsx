import { Button, Card, CardBody, CardTitle, Content, Label } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import type { ListedSession, User } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { Time } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { useAct } from "../../components/use-act.ts";
import { viaWords } from "../sessions/session-words.ts";

/** Where somebody is signed in now. */
export function PersonSessions({ user: { userId, displayName } }: { user: User }) {
  const can = useCan();
  const end = useAct(["users", "tenant/sessions"]);
  return (
    <Card isFullHeight>
      <CardTitle component="h2">Signed in now</CardTitle>
      <CardBody>
        {end.error && <ProblemAlert error={end.error} />}
        <Load<{ sessions: ListedSession[] }> path={`users/${userId}/sessions`} label="Reading the sessions">
          {({ sessions }) =>
            sessions.length === 0 ? (
              <Content component="p">Nowhere.</Content>
            ) : (
              <Table aria-label={`Sessions of ${displayName}`} variant="compact">
                <Thead>
                  <Tr>
                    <Th>Device</Th>
                    <Th>Address</Th>
                    <Th>By</Th>
                    <Th>Last seen</Th>
                    <Th screenReaderText="Actions" />
                  </Tr>
                </Thead>
                <Tbody>
                  {sessions.map(({ sessionId, device, address, via, lastSeenAt, current }) => (
                    <Tr key={sessionId}>
                      <Td dataLabel="Device">
                        {device} {current && <Label isCompact>this one</Label>}
                      </Td>
                      <Td dataLabel="Address">{address}</Td>
                      <Td dataLabel="By">{viaWords(via)}</Td>
                      <Td dataLabel="Last seen">
                        <Time at={lastSeenAt} />
                      </Td>
                      <Td>
                        {can("access:write") && !current && (
                          <Button
                            variant="link"
                            isInline
                            isDanger
                            isDisabled={end.isPending}
                            onClick={() =>
                              end.mutate({ path: `users/${userId}/sessions/${sessionId}`, method: "DELETE" })
                            }
                          >
                            End
                          </Button>
                        )}
                      </Td>
                    </Tr>
                  ))}
                </Tbody>
              </Table>
            )
          }
        </Load>
      </CardBody>
    </Card>
  );
}
