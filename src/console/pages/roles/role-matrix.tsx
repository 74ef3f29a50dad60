import { Content } from "@patternfly/react-core";
import { CheckIcon } from "@patternfly/react-icons/dist/esm/icons/check-icon.js";
import { InnerScrollContainer, OuterScrollContainer, Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import type { Roles } from "../../api/types.ts";
import { permissionGroups } from "../../components/permissions.ts";
import { builtinTitle, isDeciding } from "../../components/use-roles.ts";
import { DecidingLabel } from "./deciding-label.tsx";

/** Roles by permissions, in words. Names stay in sight; it scrolls by keyboard. */
export function RoleMatrix({ roles }: { roles: Roles }) {
  const columns = [
    ...roles.builtin.map(({ role, permissions }) => ({ key: role as string, name: builtinTitle(role), permissions })),
    ...roles.custom.map(({ roleId, name, permissions }) => ({ key: roleId, name, permissions })),
  ];
  const label = "Which role may do what";
  return (
    <>
      <Content component="p">
        <DecidingLabel /> marks roles that decide on requests of others: to give such a role, or to take people into a
        group that has one, needs a second person itself.
      </Content>
      <OuterScrollContainer className="ls-matrix">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
        <section tabIndex={0} aria-label={label} className="ls-matrix-scroll">
          <InnerScrollContainer>
            <Table aria-label={label} variant="compact" isStickyHeader>
              <Thead>
                <Tr>
                  <Th isStickyColumn modifier="fitContent" hasRightBorder>
                    May
                  </Th>
                  {columns.map(({ key, name, permissions }) => (
                    <Th key={key} modifier="wrap" textCenter>
                      {name} {isDeciding({ permissions }) && <DecidingLabel />}
                    </Th>
                  ))}
                </Tr>
              </Thead>
              {permissionGroups.map(({ title, permissions }) => (
                <Tbody key={title}>
                  <Tr className="ls-matrix-area">
                    <Th scope="colgroup" colSpan={columns.length + 1}>
                      {title}
                    </Th>
                  </Tr>
                  {Object.entries(permissions).map(([permission, words]) => (
                    <Tr key={permission}>
                      <Th scope="row" isStickyColumn hasRightBorder modifier="fitContent">
                        {words}
                      </Th>
                      {columns.map((role) => (
                        <Td key={role.key} dataLabel={role.name} textCenter>
                          {role.permissions.includes(permission) ? <CheckIcon aria-label="yes" role="img" /> : null}
                        </Td>
                      ))}
                    </Tr>
                  ))}
                </Tbody>
              ))}
            </Table>
          </InnerScrollContainer>
        </section>
      </OuterScrollContainer>
    </>
  );
}
