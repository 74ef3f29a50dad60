import {
  Alert,
  Button,
  Card,
  CardBody,
  CardHeader,
  CardTitle,
  Grid,
  GridItem,
  List,
  ListItem,
} from "@patternfly/react-core";
import { useState } from "react";
import { useParams } from "react-router";
import type { DirectoryMapping, Grant, Group } from "../../api/types.ts";
import { useCan, useCanEverywhere } from "../../app/session.tsx";
import { Load } from "../../components/load.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { GrantDialog } from "../grants/grant-dialog.tsx";
import { GrantsTable } from "../grants/grants-table.tsx";
import { GroupActs } from "./group-acts.tsx";
import { Members } from "./members.tsx";

export function Page() {
  const { groupId = "" } = useParams();
  return (
    <Load<Group> path={`groups/${encodeURIComponent(groupId)}`} label="Reading the group">
      {(group) => <OneGroup group={group} />}
    </Load>
  );
}

function OneGroup({ group }: { group: Group }) {
  const can = useCanEverywhere();
  const isLocal = group.source === "local";
  return (
    <PageFrame
      title={group.name}
      above={[{ title: "Groups", to: "/access/groups" }]}
      actions={can("access:write") && isLocal && <GroupActs group={group} />}
    >
      <Grid hasGutter>
        {!isLocal && (
          <GridItem>
            <Alert variant="info" isInline title="Your directory keeps this group, by SCIM">
              Its name and members are changed there: what it says next would undo a change made here. Roles are given
              here.
            </Alert>
          </GridItem>
        )}
        {can("access:read") && <MappedFrom group={group} />}
        <GridItem>
          <Roles group={group} />
        </GridItem>
        <GridItem>
          <Card>
            <CardTitle component="h2">Members</CardTitle>
            <CardBody>
              <Members group={group} mayChange={can("access:write") && isLocal} />
            </CardBody>
          </Card>
        </GridItem>
      </Grid>
    </PageFrame>
  );
}

function Roles({ group: { groupId, name } }: { group: Group }) {
  const can = useCan();
  const [isGiving, setGiving] = useState(false);
  const give = can("access:write") && (
    <Button variant="secondary" onClick={() => setGiving(true)}>
      Give a role…
    </Button>
  );
  return (
    <Card>
      <CardHeader {...(give && { actions: { actions: give } })}>
        <CardTitle component="h2">Roles of everybody in it</CardTitle>
      </CardHeader>
      <CardBody>
        <Load<{ grants: Grant[] }> path={`grants?groupId=${groupId}`} label="Reading the roles">
          {({ grants }) => (
            <GrantsTable
              label={`Roles of ${name}`}
              of={name}
              grants={grants}
              none="No role yet: being in this group allows nothing."
            />
          )}
        </Load>
      </CardBody>
      {isGiving && <GrantDialog to={{ groupId }} name={name} onClose={() => setGiving(false)} />}
    </Card>
  );
}

/** Groups outside whose people become members here as they sign in. */
function MappedFrom({ group: { groupId } }: { group: Group }) {
  return (
    <Load<DirectoryMapping> path="directory/mapping" label="Reading the mapping">
      {({ rules }) => {
        const here = rules.filter((rule) => rule.groupId === groupId);
        if (here.length === 0) return null;
        return (
          <GridItem>
            <Alert variant="info" isInline title="People of these groups outside are put in as they sign in">
              <List isPlain>
                {here.map(({ kind, value }) => (
                  <ListItem key={`${kind} ${value}`} className="ls-break">
                    {value} ({kind.toUpperCase()})
                  </ListItem>
                ))}
              </List>
            </Alert>
          </GridItem>
        );
      }}
    </Load>
  );
}
