import { z } from "zod";
import { type Principal, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { forbidden } from "../platform/errors.ts";
import { defineRoute, type Route } from "../platform/route.ts";
import { apiKeysAnswer, createdKeyAnswer } from "./api-keys/answers.ts";
import {
  type Access,
  createApiKey,
  lacking,
  listApiKeys,
  newApiKeySchema,
  requireApiKey,
  revokeApiKey,
  rotateApiKey,
} from "./index.ts";

export type IdentityRouteDeps = { pool: Pool; pepper: string };

const overlap = z
  .strictObject({ overlapHours: z.number().int().min(0).max(720).default(24) })
  .meta({ examples: [{ overlapHours: 24 }] });
type Context<B = undefined> = { principal: Principal; access: Access; params: Record<string, string>; body: B };

/** API keys over the API. Nobody makes one with more permissions, over more sites, than he has. */
export function identityRoutes({ pool, pepper }: IdentityRouteDeps): Route<Principal>[] {
  return [
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/api-keys",
      summary: "API keys by their public prefix; never the keys.",
      permission: "api-keys:read",
      rate: "general",
      response: apiKeysAnswer,
      handler: async ({ principal }) => ({ body: { apiKeys: await withTenant(pool, principal, listApiKeys) } }),
    }),
    defineRoute({
      method: "post",
      path: "/api/v1/api-keys",
      summary: "Makes an API key with at most your own permissions and sites. Shown once.",
      permission: "api-keys:write",
      rate: "settings",
      action: "api-key.created",
      body: newApiKeySchema,
      response: createdKeyAnswer,
      status: 201,
      secret: true,
      problems: [404],
      handler: async ({ principal, access, body }: Context<z.output<typeof newApiKeySchema>>) => ({
        body: await withTenant(pool, principal, async (tx) => {
          mayGive(access, body.permissions, body.siteIds);
          return createApiKey(tx, pepper, body);
        }),
      }),
    }),
    defineRoute({
      method: "post",
      path: "/api/v1/api-keys/:keyId/rotate",
      summary: "A new key like this one; the old one ends after the overlap. Shown once.",
      permission: "api-keys:write",
      rate: "settings",
      action: "api-key.rotated",
      body: overlap,
      response: createdKeyAnswer,
      status: 201,
      secret: true,
      problems: [409],
      handler: async ({ principal, access, params, body }: Context<z.output<typeof overlap>>) => ({
        body: await withTenant(pool, principal, async (tx) => {
          const { permissions, siteIds } = await requireApiKey(tx, params.keyId!);
          mayGive(access, permissions, siteIds);
          return rotateApiKey(tx, pepper, { keyId: params.keyId!, ...body });
        }),
      }),
    }),
    defineRoute<Principal>({
      method: "delete",
      path: "/api/v1/api-keys/:keyId",
      summary: "Revokes a key: it ends with its next request.",
      permission: "api-keys:write",
      rate: "settings",
      action: "api-key.revoked",
      status: 204,
      handler: async ({ principal, params }) => {
        await withTenant(pool, principal, (tx) => revokeApiKey(tx, params.keyId!));
        return {};
      },
    }),
  ];
}

// A rotated key is a key in the caller's hands too. A directory's token is no person's: who sets up sign-in gives it.
function mayGive(access: Access, permissions: readonly string[], siteIds: readonly string[] | null): void {
  const needed = permissions.map((each) => (each === "scim:provision" ? "sign-in:write" : each));
  const more = lacking(access, needed, siteIds);
  if (more.length > 0) throw forbidden(`nobody can give what he does not have: ${more.join(", ")}`);
}
