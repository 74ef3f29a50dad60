import {
  Alert,
  Button,
  Card,
  CardBody,
  CardTitle,
  Content,
  Grid,
  GridItem,
  Stack,
  StackItem,
  Switch,
} from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import type { NoticeSettings } from "../../api/types.ts";
import { useAnnounce } from "../../components/announcements.tsx";
import { Load } from "../../components/load.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { useAct } from "../../components/use-act.ts";

export function MailTab() {
  return (
    <Grid hasGutter>
      <GridItem xl={5}>
        <Card isFullHeight>
          <CardTitle component="h2">Your e-mails</CardTitle>
          <CardBody>
            <Load<NoticeSettings> path="notices/settings" label="Reading your settings">
              {(settings) => <Own settings={settings} />}
            </Load>
          </CardBody>
        </Card>
      </GridItem>
      <GridItem xl={7}>
        <Card isFullHeight>
          <CardTitle component="h2">Who is told what</CardTitle>
          <CardBody>
            <Audiences />
          </CardBody>
        </Card>
      </GridItem>
    </Grid>
  );
}

function Own({ settings: { mail, address, smtp } }: { settings: NoticeSettings }) {
  const announce = useAnnounce();
  const set = useAct(["notices/settings"]);
  const test = useAct<{ sentTo: string }>([], ({ data }) =>
    announce({ kind: "done", title: `The server took an e-mail to ${data.sentTo}` }),
  );
  const error = set.error ?? test.error;
  return (
    <Stack hasGutter>
      {!smtp && (
        <StackItem>
          <Alert variant="info" isInline title="This appliance sends no e-mails">
            Whoever runs it can name an SMTP server in its configuration. Until then everything stands here.
          </Alert>
        </StackItem>
      )}
      {smtp && !address && (
        <StackItem>
          <Alert
            variant="warning"
            isInline
            title="Your account has no e-mail address: ask an administrator to add it."
          />
        </StackItem>
      )}
      {error && <ProblemAlert error={error} />}
      <StackItem>
        <Switch
          id="wants-mail"
          label={address ? `Send notices to ${address} too` : "Send notices by e-mail too"}
          isChecked={mail}
          isDisabled={set.isPending}
          onChange={(_event, wanted) => set.mutate({ path: "notices/settings", method: "PUT", body: { mail: wanted } })}
        />
      </StackItem>
      <StackItem>
        <Button
          variant="secondary"
          isDisabled={!smtp || !address || test.isPending}
          isLoading={test.isPending}
          onClick={() => test.mutate({ path: "notices/test-mail", method: "POST" })}
        >
          Send a test e-mail
        </Button>
      </StackItem>
      <StackItem>
        <Content component="small">
          Each person decides for their own account. Notices always stand here besides.
        </Content>
      </StackItem>
    </Stack>
  );
}

const audiences: readonly { what: string; who: string }[] = [
  { what: "Unusual sign-ins, wide keys, changed sign-in, large exports", who: "owners, and the person concerned" },
  { what: "A request that needs a second person", who: "who may decide on it" },
  { what: "What became of your request", who: "who asked" },
  { what: "Your password or second factors were changed or reset", who: "the person" },
  { what: "A local owner signed in beside the enforced provider", who: "owners" },
  { what: "A role that was given until a time has ended", who: "the person" },
  { what: "Erasure requests: received, due soon, overdue", who: "who may answer them" },
];

function Audiences() {
  return (
    <Table aria-label="Who is told what" variant="compact">
      <Thead>
        <Tr>
          <Th>What</Th>
          <Th>Who</Th>
        </Tr>
      </Thead>
      <Tbody>
        {audiences.map(({ what, who }) => (
          <Tr key={what}>
            <Td dataLabel="What">{what}</Td>
            <Td dataLabel="Who">{who}</Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
