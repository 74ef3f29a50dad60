export { enqueueTask, type NewTask } from "./enqueue.ts";
export {
  type BoundHandler,
  type BoundHandlers,
  bindHandlers,
  type JobHandler,
  type JobHandlers,
  type Progress,
  type Round,
  type TaskResult,
} from "./handler.ts";
export { resumeTask } from "./resume.ts";
export { type RunOptions, type RunOutcome, runTask } from "./run.ts";
export {
  forgetTasks,
  selectDueTasks as findDueTasks,
  selectTask as findTask,
  selectTaskCounts as taskCounts,
  selectTasks as listTasks,
  type Task,
  type TaskRef,
  type TaskState,
  wakeWaiting as wakeTasks,
} from "./store.ts";
export { hurryTasks, type OpenTask, selectOpenTaskOf as findOpenTask } from "./store-hurry.ts";
