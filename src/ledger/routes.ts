import { z } from "zod";
import type { Principal } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { defineRoute, type Route } from "../platform/route.ts";
import { sortedQuery } from "../platform/sorted-list.ts";
import { listActions, listCheckpoints, listChecks, listRows, requestCheck, showRow } from "./index.ts";
import {
  actionsAnswer,
  checkAnswer,
  checkpointQuery,
  checkpointsAnswer,
  checksAnswer,
  rowAnswer,
  rowQuery,
  rowsAnswer,
} from "./schema.ts";
import { CHECK_ORDER } from "./store-checks.ts";

const page = z.strictObject(sortedQuery(CHECK_ORDER));
const seq = /^[1-9][0-9]{0,14}$/;

// Rows carry no site: who sees some sites alone would read of others.
const read = { method: "get", permission: "ledger:read", rate: "general", wholeTenant: true } as const;

/** The tenant's own chain, its checkpoints, and verifying it. */
export function ledgerRoutes({ pool }: { pool: Pool }): Route<Principal>[] {
  return [...rowRoutes(pool), ...checkRoutes(pool)];
}

function rowRoutes(pool: Pool): Route<Principal>[] {
  return [
    defineRoute<Principal, undefined, typeof rowQuery>({
      ...read,
      path: "/api/v1/ledger/rows",
      summary: "Rows of the ledger by actor, action, channel, entity, time or number; newest first.",
      query: rowQuery,
      response: rowsAnswer,
      handler: async ({ principal, access, query }) => ({ body: await listRows(pool, { principal, access }, query) }),
    }),
    defineRoute<Principal>({
      ...read,
      path: "/api/v1/ledger/rows/:seq",
      params: { seq },
      summary: "One row: its bytes, what is left of its content, and its proof under the newest checkpoint.",
      response: rowAnswer,
      handler: async ({ principal, access, params }) => ({
        body: await showRow(pool, { principal, access }, Number(params.seq)),
      }),
    }),
    defineRoute<Principal>({
      ...read,
      path: "/api/v1/ledger/actions",
      summary: "Every action that stands in the ledger, to choose from.",
      response: actionsAnswer,
      handler: async ({ principal }) => ({ body: { actions: await listActions(pool, principal) } }),
    }),
  ];
}

function checkRoutes(pool: Pool): Route<Principal>[] {
  return [
    defineRoute<Principal, undefined, typeof checkpointQuery>({
      ...read,
      path: "/api/v1/ledger/checkpoints",
      summary: "Checkpoints, newest first: signed notes to keep outside of the appliance.",
      query: checkpointQuery,
      response: checkpointsAnswer,
      handler: async ({ principal, query }) => ({ body: await listCheckpoints(pool, principal, query) }),
    }),
    defineRoute<Principal, undefined, typeof page>({
      ...read,
      path: "/api/v1/ledger/checks",
      summary: "When the whole ledger was verified, and what came of it; newest first.",
      query: page,
      response: checksAnswer,
      handler: async ({ principal, query }) => ({ body: await listChecks(pool, principal, query) }),
    }),
    defineRoute<Principal>({
      ...read,
      method: "post",
      path: "/api/v1/ledger/checks",
      rate: "write",
      summary: "Verifies the whole ledger; while that is under way, answers with it.",
      action: "verification.requested",
      response: checkAnswer,
      status: 202,
      handler: async ({ principal }) => ({ body: await requestCheck(pool, principal) }),
    }),
  ];
}
