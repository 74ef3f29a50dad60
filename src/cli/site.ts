import { routeCommands } from "./route-commands.ts";

export const siteCommand = routeCommands("site", "sites and what they keep", {
  list: "get /api/v1/sites",
  show: "get /api/v1/sites/:siteId",
  create: "post /api/v1/sites",
  change: "patch /api/v1/sites/:siteId",
  retention: "get /api/v1/sites/:siteId/retention",
  "preview-retention": "post /api/v1/sites/:siteId/retention/preview",
  "set-retention": "put /api/v1/sites/:siteId/retention",
  "cancel-retention": "delete /api/v1/sites/:siteId/retention/pending",
  days: "get /api/v1/sites/:siteId/days",
});
