import { Button, Card, CardBody, CardTitle, Content, Flex } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useState } from "react";
import type { TenantKey } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { useAnnounce } from "../../components/announcements.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { Time } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";
import { useAct } from "../../components/use-act.ts";

const purposes = {
  data: "Data key: seals images, mails and secrets",
  index: "Index key: finds subjects; it has one version for good",
} as const;

const acts = {
  data: {
    button: "New data key…",
    title: "Make a new data key?",
    about:
      "What is sealed from now on is sealed by it, everywhere within a minute. The older ones stay, to open what they sealed.",
    act: "Make it",
    done: "A new data key is in use",
  },
  signing: {
    button: "Switch the signing key…",
    title: "Sign by the next signing key?",
    about:
      "Checkpoints of your ledger are signed by the key that follows. Whoever runs the appliance must have put it in place first.",
    act: "Switch",
    done: "The next signing key signs from now on",
  },
} as const;
type Act = keyof typeof acts;

/** Which keys there are, never the keys, and their change. */
export function KeysCard() {
  const can = useCan();
  const [open, setOpen] = useState<Act | null>(null);
  return (
    <Card isFullHeight>
      <CardTitle component="h2">Encryption keys</CardTitle>
      <CardBody>
        <Load<{ keys: TenantKey[] }> path="keys" label="Reading which keys there are">
          {({ keys }) => <Keys keys={keys} />}
        </Load>
        {can("keys:rotate") && (
          <Flex className="pf-v6-u-mt-md">
            {(Object.keys(acts) as Act[]).map((act) => (
              <Button key={act} variant="secondary" onClick={() => setOpen(act)}>
                {acts[act].button}
              </Button>
            ))}
          </Flex>
        )}
      </CardBody>
      {open && <RotateDialog what={open} onClose={() => setOpen(null)} />}
    </Card>
  );
}

function Keys({ keys }: { keys: readonly TenantKey[] }) {
  return (
    <Table aria-label="Keys" variant="compact">
      <Thead>
        <Tr>
          <Th>Key</Th>
          <Th modifier="nowrap">Version</Th>
          <Th>Since</Th>
        </Tr>
      </Thead>
      <Tbody>
        {keys.map(({ purpose, version, createdAt, masterFingerprint }) => (
          <Tr key={`${purpose} ${version}`}>
            <Td dataLabel="Key">
              {purposes[purpose]}
              <Content component="small">
                wrapped by the master key <span className="ls-mono">{masterFingerprint}</span>
              </Content>
            </Td>
            <Td dataLabel="Version">{version}</Td>
            <Td dataLabel="Since">
              <Time at={createdAt} />
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

function RotateDialog({ what, onClose }: { what: Act; onClose(): void }) {
  const announce = useAnnounce();
  const { title, about, act, done } = acts[what];
  const rotate = useAct(
    ["keys", "overview/chain"],
    () => {
      announce({ kind: "done", title: done });
      onClose();
    },
    onClose,
  );
  return (
    <FormDialog
      title={title}
      about={about}
      act={act}
      isReady
      isBusy={rotate.isPending}
      error={rotate.error}
      onAct={() => rotate.mutate({ path: `keys/${what}/rotate`, method: "POST" })}
      onClose={onClose}
    />
  );
}
