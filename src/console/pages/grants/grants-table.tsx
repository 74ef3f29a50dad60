import { Button, Content } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { type ReactNode, useState } from "react";
import { useCan } from "../../app/session.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { Maker } from "../../components/maker.tsx";
import { Until } from "../../components/until.tsx";
import { useAct } from "../../components/use-act.ts";
import { builtinTitle, useRoles } from "../../components/use-roles.ts";
import { useSites } from "../../components/use-sites.ts";

export type ShownGrant = {
  grantId: string;
  builtinRole: string | null;
  roleId: string | null;
  siteIds: readonly string[] | null;
  origin: "manual" | "mapping";
  grantedBy: string;
  expiresAt: string | null;
  /** Through what somebody has it; absent where all of the table come by one way. */
  through?: ReactNode;
  /** Given to somebody else: it is taken back there. */
  isElsewhere?: boolean;
};

type Props = { label: string; of: string; grants: readonly ShownGrant[]; none: string };

/** Roles that hold now: which, where, until when, by whom; taken back from here. */
export function GrantsTable({ label, of, grants, none }: Props) {
  const can = useCan();
  const names = useRoleName();
  const sitesOf = useSiteNames();
  const [taking, setTaking] = useState<ShownGrant | null>(null);
  if (grants.length === 0) return <Content component="p">{none}</Content>;
  const hasThrough = grants.some(({ through }) => through !== undefined);
  return (
    <>
      <Table aria-label={label} variant="compact">
        <Thead>
          <Tr>
            <Th>Role</Th>
            <Th>Where</Th>
            <Th>Until</Th>
            {hasThrough && <Th>Through</Th>}
            <Th>Given by</Th>
            <Th screenReaderText="Actions" />
          </Tr>
        </Thead>
        <Tbody>
          {grants.map((grant) => (
            <Tr key={grant.grantId}>
              <Td dataLabel="Role">{names(grant)}</Td>
              <Td dataLabel="Where" modifier="breakWord">
                {sitesOf(grant.siteIds)}
              </Td>
              <Td dataLabel="Until">{grant.expiresAt ? <Until at={grant.expiresAt} soonDays={14} /> : "for good"}</Td>
              {hasThrough && <Td dataLabel="Through">{grant.through}</Td>}
              <Td dataLabel="Given by">
                {grant.origin === "mapping" ? "the directory's groups" : <Maker by={grant.grantedBy} />}
              </Td>
              <Td>
                {can("access:write") && grant.origin === "manual" && !grant.isElsewhere && (
                  <Button variant="link" isInline isDanger onClick={() => setTaking(grant)}>
                    Take back…
                  </Button>
                )}
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
      {taking && (
        <TakeBackDialog
          title={`Take ${names(taking)} back from ${of}?`}
          grantId={taking.grantId}
          onClose={() => setTaking(null)}
        />
      )}
    </>
  );
}

function TakeBackDialog({ title, grantId, onClose }: { title: string; grantId: string; onClose(): void }) {
  const take = useAct(["users", "groups", "grants", "roles"], onClose);
  return (
    <FormDialog
      title={title}
      about="What it allowed ends with the next request. The same through another role or group stays."
      act="Take back"
      isDangerous
      isReady
      isBusy={take.isPending}
      error={take.error}
      onAct={() => take.mutate({ path: `grants/${grantId}`, method: "DELETE" })}
      onClose={onClose}
    />
  );
}

/** The role of a grant by its name. */
export function useRoleName(): (grant: { builtinRole: string | null; roleId: string | null }) => string {
  const roles = useRoles();
  return ({ builtinRole, roleId }) =>
    builtinRole
      ? builtinTitle(builtinRole)
      : (roles.find((role) => role.roleId === roleId)?.name ?? "a role of your own");
}

/** Sites by name; null: all. */
export function useSiteNames(): (siteIds: readonly string[] | null) => string {
  const sites = useSites();
  return (siteIds) =>
    siteIds === null
      ? "all sites"
      : siteIds.map((siteId) => sites.get(siteId)?.name ?? "a site you do not see").join(", ");
}
