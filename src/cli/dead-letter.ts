import { routeCommands } from "./route-commands.ts";

export const deadLetterCommand = routeCommands("dead-letter", "what was sent and refused", {
  list: "get /api/v1/dead-letters",
  show: "get /api/v1/dead-letters/:letterId",
  retry: "post /api/v1/dead-letters/:letterId/retry",
  discard: "post /api/v1/dead-letters/:letterId/discard",
});
