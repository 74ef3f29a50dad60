import { Button, Card, CardBody, CardTitle, Content, Flex, Label, Stack, StackItem } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useState } from "react";
import type { Saml } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { Until } from "../../components/until.tsx";
import { useAct } from "../../components/use-act.ts";
import { shortFingerprint } from "./certificates.tsx";

type Key = Saml["keys"][number];
type Open = { act: "add" | "switch" } | { act: "retire"; key: Key };

const states = {
  current: { word: "in use", status: "success" },
  next: { word: "next, announced", status: "info" },
  previous: { word: "before, still opens", status: "warning" },
} as const;

/** Our keys, and their change without a gap: announce the next, switch, retire the one before. */
export function KeysCard({ saml: { keys } }: { saml: Saml }) {
  const can = useCan();
  const [open, setOpen] = useState<Open | null>(null);
  const has = (state: Key["state"]): boolean => keys.some((key) => key.state === state);
  const mayChange = can("sign-in:write");
  return (
    <Card isFullHeight>
      <CardTitle component="h2">Our keys</CardTitle>
      <CardBody>
        <Stack hasGutter>
          <StackItem>
            {keys.length > 0 ? (
              <KeyTable keys={keys} {...(mayChange && { onRetire: (key: Key) => setOpen({ act: "retire", key }) })} />
            ) : (
              <Content component="p">None yet. A key signs our requests and opens what the provider encrypts.</Content>
            )}
          </StackItem>
          <StackItem>
            <Content component="small">{adviceOf(has("next"), has("previous"))}</Content>
          </StackItem>
          {mayChange && keys.length > 0 && (
            <StackItem>
              <Flex>
                {!has("next") && (
                  <Button variant="secondary" onClick={() => setOpen({ act: "add" })}>
                    Announce a next key…
                  </Button>
                )}
                {has("next") && (
                  <Button variant="secondary" onClick={() => setOpen({ act: "switch" })}>
                    Switch to the next key…
                  </Button>
                )}
              </Flex>
            </StackItem>
          )}
        </Stack>
      </CardBody>
      {open && <KeyDialog open={open} onClose={() => setOpen(null)} />}
    </Card>
  );
}

function adviceOf(hasNext: boolean, hasPrevious: boolean): string {
  if (hasNext) return "Our metadata has both keys now. Let the provider read it again, then switch.";
  if (hasPrevious)
    return "The key before still opens what the provider encrypted for it. Retire it when the provider uses the new one.";
  return "To change the key without a gap: announce the next one, let the provider read our metadata, switch, retire the one before.";
}

function KeyTable({ keys, onRetire }: { keys: readonly Key[]; onRetire?: (key: Key) => void }) {
  return (
    <Table aria-label="Our keys" variant="compact">
      <Thead>
        <Tr>
          <Th>Key</Th>
          <Th modifier="nowrap">Certificate until</Th>
          {onRetire && <Th screenReaderText="Actions" />}
        </Tr>
      </Thead>
      <Tbody>
        {keys.map((key) => (
          <Tr key={key.keyId}>
            <Td dataLabel="Key">
              <span className="ls-mono ls-nowrap">{shortFingerprint(key.facts.fingerprint)}</span>
              <br />
              <Label isCompact status={states[key.state].status}>
                {states[key.state].word}
              </Label>
            </Td>
            <Td dataLabel="Certificate until">
              <Until at={key.facts.notAfter} />
            </Td>
            {onRetire && (
              <Td isActionCell>
                {key.state !== "current" && (
                  <Button variant="link" isDanger onClick={() => onRetire(key)}>
                    {key.state === "next" ? "Withdraw…" : "Retire…"}
                  </Button>
                )}
              </Td>
            )}
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

function KeyDialog({ open, onClose }: { open: Open; onClose(): void }) {
  const act = useAct(["saml"], onClose);
  const request = {
    add: { path: "saml/keys", method: "POST" },
    switch: { path: "saml/keys/rotate", method: "POST" },
    retire: { path: `saml/keys/${open.act === "retire" ? open.key.keyId : ""}`, method: "DELETE" },
  } as const;
  const words = {
    add: {
      title: "Announce a next key?",
      about: "A new key is made and stands in our metadata beside the one in use, which goes on signing.",
      act: "Announce it",
    },
    switch: {
      title: "Switch to the next key?",
      about:
        "Requests are signed by it from then on. The provider must have read our metadata with it, or nobody can sign in. The key before still opens what comes.",
      act: "Switch",
    },
    retire: {
      title: open.act === "retire" && open.key.state === "next" ? "Withdraw the next key?" : "Retire the key before?",
      about: "Its private half is destroyed. What the provider encrypts for it cannot be opened any more.",
      act: "Destroy it",
    },
  };
  return (
    <FormDialog
      {...words[open.act]}
      isDangerous={open.act !== "add"}
      isReady
      isBusy={act.isPending}
      error={act.error}
      onAct={() => act.mutate(request[open.act])}
      onClose={onClose}
    />
  );
}
