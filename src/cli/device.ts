import { routeCommands } from "./route-commands.ts";

export const deviceCommand = routeCommands("device", "what sends from a site", {
  list: "get /api/v1/devices",
  show: "get /api/v1/devices/:deviceId",
  create: "post /api/v1/sites/:siteId/devices",
  code: "post /api/v1/devices/:deviceId/enrolment-code",
  password: "post /api/v1/devices/:deviceId/password",
  certificate: "post /api/v1/devices/:deviceId/certificates",
  revoke: "post /api/v1/devices/:deviceId/revoke",
});
