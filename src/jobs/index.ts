export { type HandlerDeps, jobHandlers, jobRounds } from "./handlers.ts";
export { type Jobs, type JobsDeps, startJobs } from "./start.ts";
