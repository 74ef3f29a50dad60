import { z } from "zod";
import { type Principal, withTenant } from "../../audit/index.ts";
import type { Pool } from "../../platform/db.ts";
import { count, timestamp } from "../../platform/formats.ts";
import { defineRoute, type Route } from "../../platform/route.ts";
import { apiKeyAnswer } from "../api-keys/answers.ts";
import { selectKeysWith } from "../api-keys/store.ts";
import { type Kept, selectKept } from "./store-status.ts";

const kept = z.object({
  people: count,
  deactivated: count,
  groups: count,
  lastChangeAt: timestamp.nullable().meta({ description: "When a directory last changed a person or group" }),
}) satisfies z.ZodType<Kept>;

export const provisioningAnswer = z
  .object({
    baseUrl: z.string().meta({ description: "Where directories call; a path alone where http.publicUrl is not set" }),
    kept,
    tokens: z
      .array(apiKeyAnswer)
      .meta({ description: "API keys whose one permission is scim:provision, newest first" }),
  })
  .meta({ id: "Provisioning" });

/** For an administrator: what directories do here. No route of SCIM's own. */
export function statusRoute(pool: Pool, baseUrl: string): Route<Principal> {
  return defineRoute<Principal>({
    method: "get",
    path: "/api/v1/provisioning",
    summary: "What directories keep here by SCIM, and the tokens by which they come.",
    permission: "sign-in:read",
    rate: "general",
    wholeTenant: true,
    response: provisioningAnswer,
    handler: async ({ principal }) => ({
      body: await withTenant(pool, principal, async (tx) => ({
        baseUrl,
        kept: await selectKept(tx),
        tokens: await selectKeysWith(tx, "scim:provision"),
      })),
    }),
  });
}
