import { Button } from "@patternfly/react-core";
import { useState } from "react";
import { Link } from "react-router";
import type { Group } from "../../api/types.ts";
import { useCanEverywhere } from "../../app/session.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { Time } from "../../components/format.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { NameGroupDialog } from "./group-acts.tsx";

const keptBy = { local: "Here", scim: "SCIM" } as const;

const columns: readonly Column<Group>[] = [
  {
    key: "name",
    title: "Name",
    sort: "name",
    cell: ({ groupId, name }) => <Link to={`/access/groups/${groupId}`}>{name}</Link>,
    text: ({ name }) => name,
  },
  { key: "members", title: "Members", sort: "members", cell: ({ members }) => members, text: ({ members }) => members },
  {
    key: "source",
    title: "Kept by",
    sort: "source",
    cell: ({ source }) => keptBy[source],
    text: ({ source }) => source,
  },
  {
    key: "since",
    title: "Since",
    sort: "createdAt",
    cell: ({ createdAt }) => <Time at={createdAt} />,
    text: ({ createdAt }) => createdAt,
  },
];

export function Page() {
  const can = useCanEverywhere();
  const [isMaking, setMaking] = useState(false);
  const make = can("access:write") && <Button onClick={() => setMaking(true)}>Make a group</Button>;
  return (
    <PageFrame
      title="Groups"
      about="A role given to a group is held by everybody in it, for as long as they are in it."
    >
      <DataTable<Group>
        label="Groups"
        path="groups"
        field="groups"
        columns={columns}
        sortedBy="name"
        filters={[
          { name: "text", label: "Name", kind: "text" },
          {
            name: "source",
            label: "Kept by",
            kind: "choice",
            options: Object.entries(keptBy).map(([value, label]) => ({ value, label })),
          },
        ]}
        rowKey={({ groupId }) => groupId}
        actions={make}
        empty={{
          title: "No group yet",
          body: "Make one, such as Night shift, or let your directory bring its own by SCIM.",
          action: make,
        }}
      />
      {isMaking && <NameGroupDialog onClose={() => setMaking(false)} />}
    </PageFrame>
  );
}
