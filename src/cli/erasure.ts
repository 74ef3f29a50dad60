import { routeCommands } from "./route-commands.ts";

export const erasureCommand = routeCommands("erasure", "erasure requests and tombstones", {
  list: "get /api/v1/erasure-requests",
  request: "post /api/v1/erasure-requests",
  certificate: "get /api/v1/erasure-requests/:requestId",
  tombstones: "get /api/v1/erasures",
});
