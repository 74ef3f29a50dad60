import { routeCommands } from "./route-commands.ts";

export const anomalyCommand = routeCommands("anomaly", "what was unusual", {
  list: "get /api/v1/anomalies",
});
