import { routeCommands } from "./route-commands.ts";

export const eventCommand = routeCommands("event", "what came in, with its images", {
  list: "get /api/v1/events",
  show: "get /api/v1/events/:eventId",
  image: "get /api/v1/events/:eventId/images/:n",
  thumbnail: "get /api/v1/events/:eventId/images/:n/thumbnail",
});
