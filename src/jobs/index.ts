export { type HandlerDeps, jobHandlers, jobRounds } from "./handlers.ts";
export { createQueueInspector, type QueueInspector } from "./inspect.ts";
export { type Jobs, type JobsDeps, startJobs } from "./start.ts";
