export { type HandlerDeps, jobHandlers, jobRounds } from "./handlers.ts";
export { createJobHints, type JobHints } from "./hints.ts";
export { type Jobs, type JobsDeps, startJobs } from "./start.ts";
