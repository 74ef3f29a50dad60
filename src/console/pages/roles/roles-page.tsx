import { Button, Card, CardBody, CardTitle, Content, Grid, GridItem } from "@patternfly/react-core";
import { ActionsColumn, Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useState } from "react";
import type { Role, Roles } from "../../api/types.ts";
import { useCanEverywhere } from "../../app/session.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { Time } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { useAct } from "../../components/use-act.ts";
import { isDeciding } from "../../components/use-roles.ts";
import { DecidingLabel } from "./deciding-label.tsx";
import { RoleDialog } from "./role-dialog.tsx";
import { RoleMatrix } from "./role-matrix.tsx";

export function Page() {
  const can = useCanEverywhere();
  const [isMaking, setMaking] = useState(false);
  return (
    <PageFrame
      title="Roles"
      about="What each role allows. People and groups have roles over all sites or some, for good or until a day."
      actions={can("access:write") && <Button onClick={() => setMaking(true)}>Make a role</Button>}
    >
      <Load<Roles> path="roles" label="Reading the roles">
        {(roles) => (
          <Grid hasGutter>
            <GridItem>
              <Card>
                <CardTitle component="h2">What each may do</CardTitle>
                <CardBody>
                  <RoleMatrix roles={roles} />
                </CardBody>
              </Card>
            </GridItem>
            <GridItem>
              <Card>
                <CardTitle component="h2">Roles of your own</CardTitle>
                <CardBody>
                  <OwnRoles roles={roles.custom} />
                </CardBody>
              </Card>
            </GridItem>
          </Grid>
        )}
      </Load>
      {isMaking && <RoleDialog onClose={() => setMaking(false)} />}
    </PageFrame>
  );
}

function OwnRoles({ roles }: { roles: readonly Role[] }) {
  const can = useCanEverywhere();
  const [changing, setChanging] = useState<Role | null>(null);
  const [removing, setRemoving] = useState<Role | null>(null);
  if (roles.length === 0) {
    return (
      <Content component="p">
        None yet. Make one where none of the five fits, such as one that sees images and nothing else.
      </Content>
    );
  }
  return (
    <>
      <Table aria-label="Roles of your own" variant="compact">
        <Thead>
          <Tr>
            <Th>Name</Th>
            <Th>Permissions</Th>
            <Th>Given</Th>
            <Th>Changed</Th>
            <Th screenReaderText="Actions" />
          </Tr>
        </Thead>
        <Tbody>
          {roles.map((role) => (
            <Tr key={role.roleId}>
              <Td dataLabel="Name" modifier="breakWord">
                {role.name} {isDeciding(role) && <DecidingLabel />}
              </Td>
              <Td dataLabel="Permissions">{role.permissions.length}</Td>
              <Td dataLabel="Given">{role.grants === 0 ? "to nobody" : `${role.grants} times`}</Td>
              <Td dataLabel="Changed">
                <Time at={role.changedAt} />
              </Td>
              <Td isActionCell>
                {can("access:write") && (
                  <ActionsColumn
                    items={[
                      { title: "Change…", onClick: () => setChanging(role) },
                      { title: "Remove…", isDanger: true, onClick: () => setRemoving(role) },
                    ]}
                  />
                )}
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
      {changing && <RoleDialog role={changing} onClose={() => setChanging(null)} />}
      {removing && <RemoveRoleDialog role={removing} onClose={() => setRemoving(null)} />}
    </>
  );
}

function RemoveRoleDialog({ role: { roleId, name, grants }, onClose }: { role: Role; onClose(): void }) {
  const remove = useAct(["roles"], onClose);
  return (
    <FormDialog
      title={`Remove the role ${name}?`}
      about={
        grants > 0
          ? `It is given ${grants} times: take it back everywhere first.`
          : "Nobody has it now. What it once gave stands in the ledger."
      }
      act="Remove"
      isDangerous
      isReady={grants === 0}
      isBusy={remove.isPending}
      error={remove.error}
      onAct={() => remove.mutate({ path: `roles/${roleId}`, method: "DELETE" })}
      onClose={onClose}
    />
  );
}
