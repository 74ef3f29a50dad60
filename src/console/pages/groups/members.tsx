import { Button, Checkbox, Content, FormGroup, SearchInput } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { Link } from "react-router";
import { get } from "../../api/client.ts";
import type { Group, ListedUser } from "../../api/types.ts";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { Time } from "../../components/format.tsx";
import { useAct } from "../../components/use-act.ts";
import { PersonState, stateOf } from "../people/person-words.tsx";

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
  { key: "state", title: "State", cell: (user) => <PersonState user={user} />, text: stateOf },
  {
    key: "lastSignIn",
    title: "Last signed in",
    sort: "lastSignInAt",
    cell: ({ lastSignInAt }) => (lastSignInAt ? <Time at={lastSignInAt} /> : "never"),
    text: ({ lastSignInAt }) => lastSignInAt,
  },
];

/** Who is in a group; put in and taken out where the appliance keeps it. */
export function Members({ group, mayChange }: { group: Group; mayChange: boolean }) {
  const [isAdding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<ListedUser | null>(null);
  const add = mayChange && (
    <Button variant="secondary" onClick={() => setAdding(true)}>
      Put people in…
    </Button>
  );
  return (
    <>
      <DataTable<ListedUser>
        label={`Members of ${group.name}`}
        path="users"
        field="users"
        query={{ group: group.groupId }}
        columns={columns}
        sortedBy="userName"
        filters={[{ name: "text", label: "Name or e-mail", kind: "text" }]}
        rowKey={({ userId }) => userId}
        actions={add}
        {...(mayChange && {
          rowActions: (user: ListedUser) => (
            <Button variant="link" isDanger onClick={() => setRemoving(user)}>
              Take out…
            </Button>
          ),
        })}
        empty={{
          title: "Nobody is in it",
          body: mayChange
            ? "Put people in: they have its roles from their next request on."
            : "Your directory puts people in.",
          action: add,
        }}
      />
      {isAdding && <AddMembersDialog group={group} onClose={() => setAdding(false)} />}
      {removing && <RemoveMemberDialog group={group} user={removing} onClose={() => setRemoving(null)} />}
    </>
  );
}

function RemoveMemberDialog({ group, user, onClose }: { group: Group; user: ListedUser; onClose(): void }) {
  const remove = useAct(["users", "groups"], onClose);
  return (
    <FormDialog
      title={`Take ${user.displayName} out of ${group.name}?`}
      about="They lose the roles that they have through it, with their next request."
      act="Take out"
      isDangerous
      isReady
      isBusy={remove.isPending}
      error={remove.error}
      onAct={() =>
        remove.mutate({ path: `groups/${group.groupId}/members`, method: "POST", body: { remove: [user.userId] } })
      }
      onClose={onClose}
    />
  );
}

const SHOWN = 8;

/** People found by name, and those who are already chosen. */
function AddMembersDialog({ group, onClose }: { group: Group; onClose(): void }) {
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<ReadonlyMap<string, ListedUser>>(new Map());
  const asked = useDeferredValue(text.trim());
  const found = useQuery({
    queryKey: ["users", "to add", asked],
    queryFn: ({ signal }) =>
      get<{ users: ListedUser[]; next: string | null }>("users", {
        query: { text: asked, state: "active", limit: SHOWN, sort: "displayName" },
        signal,
      }),
    placeholderData: (before) => before,
  });
  const present = useQuery({
    queryKey: [`groups/${group.groupId}/members`],
    queryFn: ({ signal }) => get<{ members: string[] }>(`groups/${group.groupId}/members`, { signal }),
  });
  const isIn = (userId: string): boolean => present.data?.members.includes(userId) ?? false;
  const add = useAct(["users", "groups"], onClose);
  const others = found.data?.users.filter(({ userId }) => !chosen.has(userId)) ?? [];
  const toggle = (user: ListedUser): void => {
    const next = new Map(chosen);
    if (!next.delete(user.userId)) next.set(user.userId, user);
    setChosen(next);
  };
  return (
    <FormDialog
      title={`Put people into ${group.name}`}
      about="They have its roles from their next request on."
      act={chosen.size > 1 ? `Put ${chosen.size} people in` : "Put in"}
      isReady={chosen.size > 0}
      isBusy={add.isPending}
      error={add.error ?? found.error}
      onAct={() =>
        add.mutate({ path: `groups/${group.groupId}/members`, method: "POST", body: { add: [...chosen.keys()] } })
      }
      onClose={onClose}
    >
      <SearchInput
        aria-label="Find people"
        placeholder="Find by name or e-mail"
        value={text}
        onChange={(_event, typed) => setText(typed)}
        onClear={() => setText("")}
      />
      <FormGroup role="group" label="People" isStack>
        {[...chosen.values(), ...others].map((user) => (
          <Checkbox
            key={user.userId}
            id={`member-${user.userId}`}
            label={user.displayName}
            description={isIn(user.userId) ? `${user.userName}, in it already` : user.userName}
            isDisabled={isIn(user.userId)}
            isChecked={chosen.has(user.userId) || isIn(user.userId)}
            onChange={() => toggle(user)}
          />
        ))}
      </FormGroup>
      {found.data?.next && <Content component="small">There are more: type a part of the name.</Content>}
    </FormDialog>
  );
}
