import { Button } from "@patternfly/react-core";
import { useState } from "react";
import { Link } from "react-router";
import type { ListedUser } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { Time } from "../../components/format.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { InviteDialog } from "./invite-dialog.tsx";
import { PersonState, sources, sourceWords, stateOf, states } from "./person-words.tsx";

const columns: readonly Column<ListedUser>[] = [
  {
    key: "name",
    title: "Name",
    sort: "displayName",
    cell: ({ userId, displayName }) => <Link to={`/access/people/${userId}`}>{displayName}</Link>,
    text: ({ displayName }) => displayName,
  },
  {
    key: "userName",
    title: "User name",
    sort: "userName",
    cell: ({ userName }) => userName,
    text: ({ userName }) => userName,
  },
  {
    key: "email",
    title: "E-mail",
    sort: "email",
    hidden: true,
    cell: ({ email }) => email,
    text: ({ email }) => email,
  },
  { key: "state", title: "State", cell: (user) => <PersonState user={user} />, text: stateOf },
  {
    key: "source",
    title: "Kept by",
    sort: "source",
    cell: ({ source }) => sourceWords(source),
    text: ({ source }) => source,
  },
  { key: "factors", title: "Second factors", cell: ({ factors }) => factors || "none", text: ({ factors }) => factors },
  {
    key: "lastSignIn",
    title: "Last signed in",
    sort: "lastSignInAt",
    cell: ({ lastSignInAt }) => (lastSignInAt ? <Time at={lastSignInAt} /> : "never"),
    text: ({ lastSignInAt }) => lastSignInAt,
  },
  {
    key: "since",
    title: "Since",
    sort: "createdAt",
    hidden: true,
    cell: ({ createdAt }) => <Time at={createdAt} />,
    text: ({ createdAt }) => createdAt,
  },
];

export function Page() {
  const can = useCan();
  const [isInviting, setInviting] = useState(false);
  const invite = can("access:write") && <Button onClick={() => setInviting(true)}>Invite somebody</Button>;
  return (
    <PageFrame
      title="People"
      about="Everybody who has an account here, kept by this appliance or by your directory, and when they last signed in."
    >
      <DataTable<ListedUser>
        label="People"
        path="users"
        field="users"
        columns={columns}
        sortedBy="userName"
        filters={[
          { name: "text", label: "Name or e-mail", kind: "text" },
          { name: "state", label: "State", kind: "choice", options: states },
          { name: "source", label: "Kept by", kind: "choice", options: sources },
        ]}
        rowKey={({ userId }) => userId}
        actions={invite}
        empty={{
          title: "Nobody yet",
          body: "Invite people, or let your directory make their accounts.",
          action: invite,
        }}
      />
      {isInviting && <InviteDialog onClose={() => setInviting(false)} />}
    </PageFrame>
  );
}
