import { List, ListItem } from "@patternfly/react-core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Group, User } from "../../api/types.ts";
import { Load } from "../../components/load.tsx";
import { Maker } from "../../components/maker.tsx";
import { permissionWords } from "../../components/permissions.ts";
import { builtinTitle, useRoles } from "../../components/use-roles.ts";
import { useRoleName } from "../grants/grants-table.tsx";
import { type Asked, Facts, factsOf, Value } from "./facts.tsx";
import { Settings } from "./settings.tsx";

/** Acts that change who may decide on requests. */
export const accessActs: Readonly<Record<string, (asked: Asked) => ReactNode>> = {
  "post /api/v1/grants": (asked) => <GrantAsked {...asked} />,
  "post /api/v1/invitations": ({ body }) => <Invitation body={body} />,
  "patch /api/v1/roles/:roleId": (asked) => <RoleChange {...asked} />,
  "post /api/v1/groups/:groupId/members": (asked) => <MembersChange {...asked} />,
  "delete /api/v1/groups/:groupId": ({ params }) => (
    <p>
      <GroupName groupId={params.groupId!} /> is deleted. Its members lose the roles that they have through it.
    </p>
  ),
  "patch /api/v1/users/:userId": (asked) => <AccountChange {...asked} />,
  "post /api/v1/users/:userId/reactivate": ({ params }) => (
    <p>
      <PersonName userId={params.userId!} /> may sign in again, with the roles that they had.
    </p>
  ),
  "post /api/v1/users/:userId/sign-in-link": ({ params }) => (
    <p>
      <PersonName userId={params.userId!} /> gets a one-time link to set a new password. It goes to them by mail, and is
      shown to nobody. Their second factor is still asked for.
    </p>
  ),
  "delete /api/v1/users/:userId/factors": ({ params }) => (
    <p>
      All second factors of <PersonName userId={params.userId!} /> are removed, and their sessions end. They are told.
    </p>
  ),
  "post /api/v1/users/:userId/links": ({ params, body }) => (
    <>
      <p>
        A person outside signs in as <PersonName userId={params.userId!} /> from then on.
      </p>
      <Facts facts={factsOf(body)} />
    </>
  ),
};

const PersonName = ({ userId }: { userId: string }) => (
  <Link to={`/access/people/${userId}`}>
    <Maker by={`user ${userId}`} />
  </Link>
);

function AccountChange({ params, body, isOpen }: Asked) {
  return (
    <>
      <p>
        The account of <PersonName userId={params.userId!} /> changes. One-time links and codes go to its address.
      </p>
      <Settings path={`users/${params.userId}`} body={body} isOpen={isOpen} />
    </>
  );
}

const GroupName = ({ groupId }: { groupId: string }) => (
  <Load<Group> path={`groups/${groupId}`} label="Reading the group">
    {({ name }) => (
      <>
        the group <Link to={`/access/groups/${groupId}`}>{name}</Link>
      </>
    )}
  </Load>
);

type GrantBody = {
  to: { userId: string } | { groupId: string };
  role: { builtin: string } | { roleId: string };
  siteIds?: string[] | null;
  expiresAt?: string | null;
};

function GrantAsked({ body }: Asked) {
  const nameOf = useRoleName();
  const { to, role, siteIds = null, expiresAt = null } = body as unknown as GrantBody;
  const named = { builtinRole: "builtin" in role ? role.builtin : null, roleId: "roleId" in role ? role.roleId : null };
  return (
    <>
      {"groupId" in to ? (
        <Load<Group> path={`groups/${to.groupId}`} label="Reading the group">
          {({ name, members }) => (
            <p>
              Everybody in the group <Link to={`/access/groups/${to.groupId}`}>{name}</Link>, {members} people now, gets
              the role <strong>{nameOf(named)}</strong>.
            </p>
          )}
        </Load>
      ) : (
        <p>
          <PersonName userId={to.userId} /> gets the role <strong>{nameOf(named)}</strong>.
        </p>
      )}
      <Terms siteIds={siteIds} expiresAt={expiresAt} />
    </>
  );
}

const Terms = ({ siteIds, expiresAt }: { siteIds: string[] | null; expiresAt: string | null }) => (
  <Facts
    facts={[
      { what: "Where", wanted: <Value name="siteIds" value={siteIds} /> },
      { what: "Until", wanted: expiresAt ? <Value name="expiresAt" value={expiresAt} /> : "for good" },
    ]}
  />
);

function Invitation({ body }: { body: Asked["body"] }) {
  const {
    displayName,
    userName,
    email,
    role,
    siteIds = null,
    expiresAt = null,
  } = body as {
    displayName: string;
    userName: string;
    email?: string | null;
    role: string;
    siteIds?: string[] | null;
    expiresAt?: string | null;
  };
  return (
    <>
      <p>
        An account is made for <strong>{displayName}</strong> ({userName}
        {email ? `, ${email}` : ""}), with the role <strong>{builtinTitle(role)}</strong>.
      </p>
      <p>
        {email
          ? "Its one-time link goes to that address, where the appliance sends mail."
          : "It names no e-mail address: the link is shown to nobody, and 'ledgerstone admin recover' prints one on the box."}
      </p>
      <Terms siteIds={siteIds} expiresAt={expiresAt} />
    </>
  );
}

function RoleChange({ params, body, isOpen }: Asked) {
  const role = useRoles().find(({ roleId }) => roleId === params.roleId);
  const { name, permissions } = body as { name?: string; permissions?: string[] };
  if (!isOpen || !role || !permissions) return <Facts facts={factsOf(body)} />;
  const added = permissions.filter((each) => !role.permissions.includes(each));
  const removed = role.permissions.filter((each) => !permissions.includes(each));
  return (
    <>
      <p>
        The role <strong>{role.name}</strong> changes for everybody who has it
        {name && name !== role.name ? `, and is called ${name} from then on` : ""}.
      </p>
      <Permissions title="It allows besides" permissions={added} />
      <Permissions title="It no longer allows" permissions={removed} />
    </>
  );
}

function Permissions({ title, permissions }: { title: string; permissions: readonly string[] }) {
  if (permissions.length === 0) return null;
  return (
    <>
      <p>{title}</p>
      <List>
        {permissions.map((each) => (
          <ListItem key={each}>{permissionWords(each)}</ListItem>
        ))}
      </List>
    </>
  );
}

function MembersChange({ params, body }: Asked) {
  const { add = [], remove = [] } = body as { add?: User["userId"][]; remove?: User["userId"][] };
  return (
    <>
      <p>
        Who is in <GroupName groupId={params.groupId!} /> changes, and with it who has its roles.
      </p>
      <Facts
        facts={[
          ...(add.length > 0 ? [{ what: "Put in", wanted: <People userIds={add} /> }] : []),
          ...(remove.length > 0 ? [{ what: "Taken out", wanted: <People userIds={remove} /> }] : []),
        ]}
      />
    </>
  );
}

const People = ({ userIds }: { userIds: readonly string[] }) => (
  <List isPlain>
    {userIds.map((userId) => (
      <ListItem key={userId}>
        <PersonName userId={userId} />
      </ListItem>
    ))}
  </List>
);
