import { Label, Progress } from "@patternfly/react-core";
import type { Task } from "../../api/types.ts";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { Time } from "../../components/format.tsx";
import { PageFrame } from "../../components/page-frame.tsx";

const status = { done: "success", failed: "danger", waiting: "warning", running: "info" } as const;

const columns: readonly Column<Task>[] = [
  { key: "kind", title: "Work", cell: ({ kind }) => kind, text: ({ kind }) => kind },
  {
    key: "state",
    title: "State",
    cell: ({ state }) => (
      <Label isCompact {...(state in status && { status: status[state as keyof typeof status] })}>
        {state}
      </Label>
    ),
    text: ({ state }) => state,
  },
  {
    key: "progress",
    title: "Progress",
    cell: (task) => <Done task={task} />,
    text: ({ done, total }) => `${done} of ${total ?? "?"}`,
  },
  { key: "note", title: "Note", cell: ({ note }) => note, text: ({ note }) => note },
  {
    key: "updated",
    title: "Last step",
    cell: ({ updatedAt }) => <Time at={updatedAt} />,
    text: ({ updatedAt }) => updatedAt,
  },
  {
    key: "attempts",
    title: "Attempts",
    hidden: true,
    cell: ({ attempts }) => attempts,
    text: ({ attempts }) => attempts,
  },
];

export function Page() {
  return (
    <PageFrame
      title="Work"
      about="What the worker does and did: erasures, exports, thumbnails. It goes on after any restart."
    >
      <DataTable<Task>
        label="Work"
        path="tasks"
        field="tasks"
        columns={columns}
        filters={[
          {
            name: "state",
            label: "State",
            kind: "choice",
            options: ["ready", "running", "waiting", "done", "failed", "cancelled"].map((value) => ({
              value,
              label: value,
            })),
          },
          { name: "kind", label: "Kind of work", kind: "text" },
        ]}
        rowKey={({ taskId }) => taskId}
        refreshSeconds={5}
        empty={{ title: "Nothing to do", body: "Work shows here when there is some." }}
      />
    </PageFrame>
  );
}

function Done({ task: { kind, state, done, total } }: { task: Task }) {
  if (state !== "running" || !total) return <>{total ? `${done} of ${total}` : ""}</>;
  return (
    <Progress aria-label={`Progress of ${kind}`} value={(done / total) * 100} measureLocation="outside" size="sm" />
  );
}
