import { routeCommands } from "./route-commands.ts";

export const taskCommand = routeCommands("task", "long work", {
  list: "get /api/v1/tasks",
  show: "get /api/v1/tasks/:taskId",
  resume: "post /api/v1/tasks/:taskId/resume",
});
