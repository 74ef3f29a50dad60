import { Card, CardBody, CardTitle, Content, DescriptionList, Grid, GridItem } from "@patternfly/react-core";
import { Link } from "react-router";
import type { Provisioning } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { Copyable } from "../../components/copyable.tsx";
import { formatCount, Term, Time } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { HowTo } from "./how-to.tsx";
import { LinksCard } from "./links-card.tsx";
import { TokensCard } from "./tokens-card.tsx";

export function Page() {
  return (
    <PageFrame
      title="Provisioning"
      about="A directory such as Entra ID or Okta makes, changes and ends accounts and groups here by SCIM 2.0. People still sign in by SAML or LDAP."
    >
      <Load<Provisioning> path="provisioning" label="Reading what directories keep">
        {(provisioning) => (
          <Grid hasGutter>
            <GridItem xl={6}>
              <StateCard provisioning={provisioning} />
            </GridItem>
            <GridItem xl={6}>
              <TokensCard tokens={provisioning.tokens} />
            </GridItem>
            <GridItem xl={6}>
              <LinksCard />
            </GridItem>
            <GridItem xl={6}>
              <HowTo baseUrl={addressOf(provisioning)} />
            </GridItem>
          </Grid>
        )}
      </Load>
    </PageFrame>
  );
}

/** Where directories call: the configured address, or the one that this browser used. */
const addressOf = ({ baseUrl }: Provisioning): string => new URL(baseUrl, window.location.origin).href;

function StateCard({ provisioning }: { provisioning: Provisioning }) {
  const can = useCan();
  const { kept, tokens } = provisioning;
  const used = tokens.flatMap(({ lastUsedAt }) => lastUsedAt ?? []).sort();
  const people = `${formatCount(kept.people)} people, ${formatCount(kept.deactivated)} of earlier`;
  return (
    <Card isFullHeight>
      <CardTitle component="h2">What the directory keeps here</CardTitle>
      <CardBody>
        <DescriptionList>
          <Term name="Base URL, tenant URL">
            <Copyable label="Base URL">{addressOf(provisioning)}</Copyable>
          </Term>
        </DescriptionList>
        <DescriptionList isHorizontal className="pf-v6-u-mt-md">
          <Term name="People">{can("access:read") ? <Link to="/access/people">{people}</Link> : people}</Term>
          <Term name="Groups">
            {can("access:read") ? (
              <Link to="/access/groups">{formatCount(kept.groups)}</Link>
            ) : (
              formatCount(kept.groups)
            )}
          </Term>
          <Term name="Last change">{kept.lastChangeAt ? <Time at={kept.lastChangeAt} /> : "none yet"}</Term>
          <Term name="Last request">{used.length > 0 ? <Time at={used.at(-1)!} /> : "none yet"}</Term>
        </DescriptionList>
        <Content component="small">
          The directory's accounts and groups are changed there. What a group may do is given here, under Groups.
        </Content>
      </CardBody>
    </Card>
  );
}
