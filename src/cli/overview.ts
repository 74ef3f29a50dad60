import { routeCommands } from "./route-commands.ts";

export const overviewCommand = routeCommands("overview", "how a tenant stands, at a glance", {
  received: "get /api/v1/overview/received",
  devices: "get /api/v1/overview/devices",
  retention: "get /api/v1/overview/retention",
  holds: "get /api/v1/overview/holds",
  "erasure-cases": "get /api/v1/overview/erasure-cases",
  chain: "get /api/v1/overview/chain",
  setup: "get /api/v1/setup",
  certificates: "get /api/v1/overview/certificates",
});
