import {
  Alert,
  AlertActionLink,
  Button,
  Card,
  CardBody,
  CardHeader,
  CardTitle,
  Content,
  ExpandableSection,
} from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useState } from "react";
import type { Site, SiteRetention } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { Time } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { useAct } from "../../components/use-act.ts";
import { PolicyDialog } from "./policy-dialog.tsx";

/** How long a site keeps what, in words, with what is decided and not yet in force. */
export function PolicyCard({ site }: { site: Site }) {
  const path = `sites/${site.siteId}/retention`;
  const can = useCan();
  const [isChanging, setChanging] = useState(false);
  const mayChange = can("retention:write", site.siteId);
  return (
    <Card isFullHeight>
      <CardHeader
        {...(mayChange && {
          actions: {
            actions: (
              <Button variant="secondary" onClick={() => setChanging(true)}>
                Change…
              </Button>
            ),
          },
        })}
      >
        <CardTitle component="h2">Retention</CardTitle>
      </CardHeader>
      <CardBody>
        <Load<SiteRetention> path={path} label="Reading the policy">
          {(retention) => (
            <>
              <Policy retention={retention} site={site} mayChange={mayChange} />
              {isChanging && <PolicyDialog site={site} now={retention.inForce} onClose={() => setChanging(false)} />}
            </>
          )}
        </Load>
      </CardBody>
    </Card>
  );
}

type PolicyProps = { retention: SiteRetention; site: Site; mayChange: boolean };

function Policy({ retention: { inForce, pending, history }, site, mayChange }: PolicyProps) {
  const cancel = useAct([`sites/${site.siteId}`, "retention/"]);
  return (
    <>
      {pending && (
        <Alert
          variant="warning"
          isInline
          title={`A change to images ${pending.imageDays} days, events ${pending.eventDays} is in its cooling-off`}
          {...(mayChange && {
            actionLinks: (
              <AlertActionLink
                onClick={() => cancel.mutate({ path: `sites/${site.siteId}/retention/pending`, method: "DELETE" })}
              >
                Cancel the change
              </AlertActionLink>
            ),
          })}
        >
          It takes effect on <Time at={pending.effectiveAt} zone={site.timeZone} />. Until then nothing is erased by it.
        </Alert>
      )}
      {cancel.error && <ProblemAlert error={cancel.error} />}
      <Content component="p">
        Images <strong>{inForce.imageDays} days</strong>, events <strong>{inForce.eventDays} days</strong>.
      </Content>
      <Content component="small">
        No image is kept longer than {inForce.images.atMostHours} hours after its receipt, no event longer than{" "}
        {inForce.events.atMostHours}. Legal holds keep what they take in beyond that.
      </Content>
      <ExpandableSection toggleText={`Version ${inForce.version}, and those before`}>
        <Table aria-label="Versions of the policy" variant="compact">
          <Thead>
            <Tr>
              <Th>Version</Th>
              <Th>Images</Th>
              <Th>Events</Th>
              <Th>Decided</Th>
              <Th>In force from</Th>
            </Tr>
          </Thead>
          <Tbody>
            {history.map((each) => (
              <Tr key={each.version}>
                <Td dataLabel="Version">{each.version}</Td>
                <Td dataLabel="Images">{each.imageDays} days</Td>
                <Td dataLabel="Events">{each.eventDays} days</Td>
                <Td dataLabel="Decided">
                  <Time at={each.decidedAt} zone={site.timeZone} />
                </Td>
                <Td dataLabel="In force from">
                  <Time at={each.effectiveAt} zone={site.timeZone} />
                </Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      </ExpandableSection>
    </>
  );
}
