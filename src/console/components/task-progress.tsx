import { Progress, Skeleton } from "@patternfly/react-core";
import type { Task } from "../api/types.ts";
import { formatCount } from "./format.tsx";
import { ProblemAlert } from "./problem.tsx";
import { STATE_WORDS, workOf } from "./task-words.ts";
import { useTask } from "./use-task.ts";

type Props = {
  taskId: string;
  /** What it does, where the work's own name says too little. */
  title?: string;
  onDone?(task: Task): void;
};

/** How far a task is, as it goes on; a reload shows it where it is. */
export function TaskProgress({ taskId, title, onDone }: Props) {
  const { task, error } = useTask(taskId, onDone);
  if (error) return <ProblemAlert error={error} />;
  if (!task) return <Skeleton screenreaderText="Loading the progress" />;
  return <TaskBar task={task} title={title ?? workOf(task)} />;
}

/** A task as a bar. Without `title` it is one line, for tables. */
export function TaskBar({ task, title }: { task: Task; title?: string }) {
  const { state, done, total, note } = task;
  const percent = state === "done" ? 100 : total ? Math.min(100, (done / total) * 100) : 0;
  const counted = total ? `${formatCount(done)} of ${formatCount(total)}` : done > 0 ? formatCount(done) : "";
  const words = [STATE_WORDS[state], counted].filter(Boolean).join(", ");
  const variant = ({ done: "success", failed: "danger", waiting: "warning" } as const)[state as "done"];
  return (
    <Progress
      {...(title ? { title, helperText: note ?? undefined } : { "aria-label": workOf(task), size: "sm" as const })}
      value={percent}
      label={words}
      valueText={words}
      measureLocation={title ? "top" : "outside"}
      {...(variant && { variant })}
      {...(title && note && { id: `task-${task.taskId}`, "aria-describedby": `task-${task.taskId}-helper` })}
    />
  );
}
