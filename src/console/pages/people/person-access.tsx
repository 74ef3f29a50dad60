import { Button, Card, CardBody, CardHeader, CardTitle, Content, ExpandableSection } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useState } from "react";
import { Link } from "react-router";
import type { EffectiveAccess, Grant, User } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { Load } from "../../components/load.tsx";
import { permissionGroups } from "../../components/permissions.ts";
import { GrantDialog } from "../grants/grant-dialog.tsx";
import { GrantsTable, type ShownGrant, useSiteNames } from "../grants/grants-table.tsx";

/** What somebody may do, and where each part of it comes from. */
export function PersonAccess({ user }: { user: User }) {
  const can = useCan();
  const [isGiving, setGiving] = useState(false);
  const { userId, displayName, active, erasedAt } = user;
  return (
    <Card>
      <CardHeader
        {...(can("access:write") &&
          !erasedAt && {
            actions: {
              actions: (
                <Button variant="secondary" onClick={() => setGiving(true)}>
                  Give a role…
                </Button>
              ),
            },
          })}
      >
        <CardTitle component="h2">Roles</CardTitle>
      </CardHeader>
      <CardBody>
        {active ? (
          <Load<EffectiveAccess> path={`users/${userId}/access`} label="Reading what the person may do">
            {(access) => (
              <>
                <GrantsTable
                  label={`Roles of ${displayName}`}
                  of={displayName}
                  grants={access.grants.map(shown)}
                  none="No role yet: this person may do nothing. Give one, or put them into a group that has one."
                />
                {access.permissions.length > 0 && <AddsUp access={access} />}
              </>
            )}
          </Load>
        ) : (
          <Load<{ grants: Grant[] }> path={`grants?userId=${userId}`} label="Reading the roles">
            {({ grants }) => (
              <GrantsTable
                label={`Roles of ${displayName}`}
                of={displayName}
                grants={grants}
                none={erasedAt ? "None." : "None of their own. Roles of groups come back with the account."}
              />
            )}
          </Load>
        )}
      </CardBody>
      {isGiving && <GrantDialog to={{ userId }} name={displayName} onClose={() => setGiving(false)} />}
    </Card>
  );
}

const shown = (grant: EffectiveAccess["grants"][number]): ShownGrant => ({
  ...grant,
  through: grant.groupId ? <Link to={`/access/groups/${grant.groupId}`}>{grant.groupName}</Link> : "themselves",
  isElsewhere: grant.groupId !== null,
});

/** All roles together, in words: for each area what, and where. */
function AddsUp({ access: { permissions } }: { access: EffectiveAccess }) {
  const sitesOf = useSiteNames();
  const held = new Map(permissions.map((each) => [each.permission, each.siteIds]));
  return (
    <ExpandableSection toggleText="What it adds up to">
      <Content component="p">Rights of one kind add up over roles; none widens the sites of another.</Content>
      <Table aria-label="What the person may do" variant="compact">
        <Thead>
          <Tr>
            <Th>Area</Th>
            <Th>May</Th>
            <Th>Where</Th>
          </Tr>
        </Thead>
        <Tbody>
          {permissionGroups.flatMap(({ title, permissions: named }) =>
            Object.entries(named)
              .filter(([permission]) => held.has(permission))
              .map(([permission, words]) => (
                <Tr key={permission}>
                  <Td dataLabel="Area">{title}</Td>
                  <Td dataLabel="May">{words}</Td>
                  <Td dataLabel="Where">{sitesOf(held.get(permission) ?? null)}</Td>
                </Tr>
              )),
          )}
        </Tbody>
      </Table>
    </ExpandableSection>
  );
}
