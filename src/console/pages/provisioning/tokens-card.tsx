import { Button, Card, CardBody, CardHeader, CardTitle, Content } from "@patternfly/react-core";
import { ActionsColumn, Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useState } from "react";
import type { ApiKey } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { Time } from "../../components/format.tsx";
import { RevokeKeyDialog, RotateKeyDialog } from "../api-keys/key-acts.tsx";
import { isLive, StateLabel } from "../api-keys/key-state.tsx";
import { MakeTokenDialog } from "./make-token-dialog.tsx";

type Open = { act: "rotate" | "revoke"; token: ApiKey };

/** What a directory shows: API keys that may do this and nothing else. */
export function TokensCard({ tokens }: { tokens: readonly ApiKey[] }) {
  const can = useCan();
  const [isMaking, setMaking] = useState(false);
  const [open, setOpen] = useState<Open | null>(null);
  const mayMake = can("sign-in:write") && can("api-keys:write");
  const close = () => setOpen(null);
  return (
    <Card isFullHeight>
      <CardHeader
        {...(mayMake && {
          actions: {
            actions: (
              <Button variant="secondary" onClick={() => setMaking(true)}>
                Make a token…
              </Button>
            ),
          },
        })}
      >
        <CardTitle component="h2">Tokens</CardTitle>
      </CardHeader>
      <CardBody>
        {tokens.length === 0 ? (
          <Content component="p">
            None yet. Make one and give it to the directory: without it nothing comes in by SCIM.
          </Content>
        ) : (
          <Tokens tokens={tokens} {...(mayMake && { onOpen: setOpen })} />
        )}
      </CardBody>
      {isMaking && <MakeTokenDialog onClose={() => setMaking(false)} />}
      {open?.act === "rotate" && <RotateKeyDialog apiKey={open.token} onClose={close} />}
      {open?.act === "revoke" && <RevokeKeyDialog apiKey={open.token} onClose={close} />}
    </Card>
  );
}

function Tokens({ tokens, onOpen }: { tokens: readonly ApiKey[]; onOpen?: (open: Open) => void }) {
  return (
    <Table aria-label="Tokens" variant="compact">
      <Thead>
        <Tr>
          <Th>Directory</Th>
          <Th modifier="nowrap">State</Th>
          <Th modifier="nowrap">Last used</Th>
          {onOpen && <Th screenReaderText="Actions" />}
        </Tr>
      </Thead>
      <Tbody>
        {tokens.map((token) => (
          <Tr key={token.keyId}>
            <Td dataLabel="Directory" modifier="breakWord">
              {token.name}
              <br />
              <span className="ls-mono ls-nowrap">{token.prefix}</span>
            </Td>
            <Td dataLabel="State">
              <StateLabel apiKey={token} />
            </Td>
            <Td dataLabel="Last used">{token.lastUsedAt ? <Time at={token.lastUsedAt} /> : "never"}</Td>
            {onOpen && (
              <Td isActionCell>
                {isLive(token) && (
                  <ActionsColumn
                    items={[
                      { title: "Rotate…", onClick: () => onOpen({ act: "rotate", token }) },
                      { title: "Revoke…", isDanger: true, onClick: () => onOpen({ act: "revoke", token }) },
                    ]}
                  />
                )}
              </Td>
            )}
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
