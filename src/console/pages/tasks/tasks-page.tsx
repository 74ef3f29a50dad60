import { Button, Label } from "@patternfly/react-core";
import { useSearchParams } from "react-router";
import type { Task } from "../../api/types.ts";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { formatCount, Time } from "../../components/format.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { TaskBar } from "../../components/task-progress.tsx";
import { STATE_WORDS, workOf } from "../../components/task-words.ts";
import { TaskDialog } from "./task-dialog.tsx";

const status = { done: "success", failed: "danger", waiting: "warning", running: "info" } as const;

const columns: readonly Column<Task>[] = [
  { key: "kind", title: "Work", sort: "kind", cell: workOf, text: ({ kind }) => kind },
  {
    key: "state",
    title: "State",
    sort: "state",
    cell: ({ state }) => (
      <Label isCompact {...(state in status && { status: status[state as keyof typeof status] })}>
        {STATE_WORDS[state]}
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
    sort: "updatedAt",
    cell: ({ updatedAt }) => <Time at={updatedAt} />,
    text: ({ updatedAt }) => updatedAt,
  },
  {
    key: "created",
    title: "Begun",
    sort: "createdAt",
    cell: ({ createdAt }) => <Time at={createdAt} />,
    text: ({ createdAt }) => createdAt,
  },
  {
    key: "attempts",
    title: "Attempts",
    sort: "attempts",
    hidden: true,
    cell: ({ attempts }) => attempts,
    text: ({ attempts }) => attempts,
  },
];

export function Page() {
  const [search, setSearch] = useSearchParams();
  const taskId = search.get("task");
  const show = (shown: string | null): void =>
    setSearch((before) => {
      const after = new URLSearchParams(before);
      if (shown === null) after.delete("task");
      else after.set("task", shown);
      return after;
    });
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
            options: Object.entries(STATE_WORDS).map(([value, label]) => ({ value, label })),
          },
          { name: "kind", label: "Kind of work", kind: "text" },
        ]}
        sortedBy="-createdAt"
        rowKey={({ taskId }) => taskId}
        rowActions={(task) => (
          <Button variant="link" onClick={() => show(task.taskId)} aria-label={`Follow: ${workOf(task)}`}>
            Follow
          </Button>
        )}
        refreshSeconds={5}
        empty={{ title: "Nothing to do", body: "Work shows here when there is some." }}
      />
      {taskId && <TaskDialog taskId={taskId} onClose={() => show(null)} />}
    </PageFrame>
  );
}

function Done({ task }: { task: Task }) {
  if (task.state === "running" && task.total) return <TaskBar task={task} />;
  return <>{task.total ? `${formatCount(task.done)} of ${formatCount(task.total)}` : ""}</>;
}
