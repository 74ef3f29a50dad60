import { Button, Content, Label } from "@patternfly/react-core";
import type { Notice } from "../../api/types.ts";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { EntityLink } from "../../components/entity-link.tsx";
import { Time } from "../../components/format.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { useAct } from "../../components/use-act.ts";

const columns: readonly Column<Notice>[] = [
  {
    key: "notice",
    title: "Notice",
    cell: ({ title, text, readAt }) => (
      <>
        {readAt ? title : <strong>{title}</strong>}
        <Content component="small">{text}</Content>
      </>
    ),
    text: ({ title, text }) => `${title}: ${text}`,
  },
  {
    key: "state",
    title: "State",
    cell: ({ readAt }) =>
      readAt ? (
        "read"
      ) : (
        <Label isCompact status="info">
          new
        </Label>
      ),
    text: ({ readAt }) => (readAt ? "read" : "new"),
  },
  {
    key: "about",
    title: "About",
    cell: ({ entity }) => <EntityLink entity={entity} />,
    text: ({ entity: { type, id } }) => `${type} ${id}`,
  },
  { key: "made", title: "When", cell: ({ madeAt }) => <Time at={madeAt} />, text: ({ madeAt }) => madeAt },
];

export function InboxTab() {
  const read = useAct(["notices"]);
  const mark = (body: object): void => read.mutate({ path: "notices/read", method: "POST", body });
  return (
    <>
      {read.error && <ProblemAlert error={read.error} />}
      <DataTable<Notice>
        label="Notices"
        path="notices"
        field="notices"
        columns={columns}
        rowKey={({ noticeId }) => noticeId}
        refreshSeconds={30}
        filters={[{ name: "unread", label: "State", kind: "choice", options: [{ value: "true", label: "New" }] }]}
        actions={
          <Button variant="secondary" onClick={() => mark({ all: true })} isDisabled={read.isPending}>
            Mark all as read
          </Button>
        }
        rowActions={({ noticeId, readAt }) =>
          readAt ? null : (
            <Button variant="link" onClick={() => mark({ noticeIds: [noticeId] })} isDisabled={read.isPending}>
              Mark as read
            </Button>
          )
        }
        empty={{
          title: "Nothing was told to you yet",
          body: "Requests, changes of your account and alarms show here.",
        }}
      />
    </>
  );
}
