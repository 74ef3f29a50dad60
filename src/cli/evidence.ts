import { routeCommands } from "./route-commands.ts";

/** Bundles that the worker makes and keeps for a while; `ledgerstone export` makes one here and now. */
export const evidenceCommand = routeCommands(
  "evidence",
  "evidence bundles that the appliance makes and keeps for a while",
  {
    list: "get /api/v1/exports",
    show: "get /api/v1/exports/:exportId",
    estimate: "post /api/v1/exports/estimate",
    request: "post /api/v1/exports",
    download: "get /api/v1/exports/:exportId/download",
    trust: "get /api/v1/evidence/trust",
    verifier: "get /api/v1/evidence/verifiers/:verifier",
  },
);
