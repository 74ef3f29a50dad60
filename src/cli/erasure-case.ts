import { routeCommands } from "./route-commands.ts";

export const erasureCaseCommand = routeCommands(
  "erasure-case",
  "people who ask to be forgotten, and the clock for answering",
  {
    list: "get /api/v1/erasure-cases",
    show: "get /api/v1/erasure-cases/:caseId",
    open: "post /api/v1/erasure-cases",
    "ask-identity": "post /api/v1/erasure-cases/:caseId/identity-request",
    "verify-identity": "post /api/v1/erasure-cases/:caseId/identity-check",
    extend: "post /api/v1/erasure-cases/:caseId/extension",
    accept: "post /api/v1/erasure-cases/:caseId/acceptance",
    refuse: "post /api/v1/erasure-cases/:caseId/refusal",
    certificate: "get /api/v1/erasure-cases/:caseId/certificate",
  },
);
