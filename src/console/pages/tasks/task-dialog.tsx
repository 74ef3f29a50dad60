import { Button, DescriptionList, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import { useQueryClient } from "@tanstack/react-query";
import { Term, Time } from "../../components/format.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { TaskBar } from "../../components/task-progress.tsx";
import { workOf } from "../../components/task-words.ts";
import { useTask } from "../../components/use-task.ts";
import { Waiting } from "../../components/waiting.tsx";

/** One task as it goes on. It stands in the page's address: a reload shows it again. */
export function TaskDialog({ taskId, onClose }: { taskId: string; onClose(): void }) {
  const client = useQueryClient();
  const { task, error } = useTask(taskId, () => client.invalidateQueries({ queryKey: ["tasks"] }));
  return (
    <Modal isOpen onClose={onClose} variant="medium" aria-labelledby="task-title">
      <ModalHeader labelId="task-title" title={task ? workOf(task) : "Work"} />
      <ModalBody>
        {error ? <ProblemAlert error={error} /> : null}
        {!task && !error && <Waiting label="Loading the progress" />}
        {task && (
          <>
            <TaskBar task={task} title="Progress" />
            <DescriptionList isHorizontal isCompact className="pf-v6-u-mt-lg">
              <Term name="Begun">
                <Time at={task.createdAt} />
              </Term>
              <Term name="Last step">
                <Time at={task.updatedAt} />
              </Term>
              <Term name="Attempts">{task.attempts}</Term>
              <Term name="Task">
                <span className="ls-mono">{task.taskId}</span>
              </Term>
            </DescriptionList>
          </>
        )}
      </ModalBody>
      <ModalFooter>
        <Button onClick={onClose}>Close</Button>
      </ModalFooter>
    </Modal>
  );
}
