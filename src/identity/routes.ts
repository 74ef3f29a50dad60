import { z } from "zod";
import { type Principal, type TenantTx, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { forbidden, notFound } from "../platform/errors.ts";
import { defineRoute, type Route } from "../platform/route.ts";
import { sortedQuery } from "../platform/sorted-list.ts";
import { apiKeyAnswer, apiKeysAnswer, createdKeyAnswer } from "./api-keys/answers.ts";
import { heldFor } from "./api-keys/effective.ts";
import type { ApiKey } from "./api-keys/store.ts";
import { KEY_ORDER } from "./api-keys/store.ts";
import {
  type Access,
  createApiKey,
  lacking,
  listApiKeys,
  type NoticeDeps,
  newApiKeySchema,
  reportAnomaly,
  requireApiKey,
  revokeApiKey,
  rotateApiKey,
  wideRights,
} from "./index.ts";

export type IdentityRouteDeps = { pool: Pool; pepper: string; notices: NoticeDeps };

const page = z.strictObject(sortedQuery(KEY_ORDER));
const overlap = z
  .strictObject({ overlapHours: z.number().int().min(0).max(720).default(24) })
  .meta({ examples: [{ overlapHours: 24 }] });
type Context<B = undefined> = { principal: Principal; access: Access; params: Record<string, string>; body: B };

/** API keys over the API. Nobody makes one with more permissions, over more sites, than he has. */
export function identityRoutes({ pool, pepper, notices }: IdentityRouteDeps): Route<Principal>[] {
  return [
    defineRoute({
      method: "get",
      path: "/api/v1/api-keys",
      summary: "API keys by their public prefix, with what each can do now; never the keys.",
      permission: "api-keys:read",
      rate: "general",
      query: page,
      response: apiKeysAnswer,
      handler: async ({ principal, query }: { principal: Principal; query: z.output<typeof page> }) => {
        return { body: await withTenant(pool, principal, (tx) => listApiKeys(tx, query)) };
      },
    }),
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/api-keys/:keyId",
      summary: "One API key by its public parts; never the key.",
      permission: "api-keys:read",
      rate: "general",
      response: apiKeyAnswer,
      handler: async ({ principal, params }) => ({
        body: await withTenant(pool, principal, (tx) => requireSeenKey(tx, params.keyId!)),
      }),
    }),
    defineRoute({
      method: "post",
      path: "/api/v1/api-keys",
      summary: "Makes an API key with at most your own permissions and sites, now and later. Shown once.",
      permission: "api-keys:write",
      rate: "settings",
      action: "api-key.created",
      // What outlives the session that made it asks for the second factor again.
      stepUp: true,
      body: newApiKeySchema,
      response: createdKeyAnswer,
      status: 201,
      secret: true,
      problems: [404],
      handler: async ({ principal, access, body }: Context<z.output<typeof newApiKeySchema>>) => ({
        body: await withTenant(pool, principal, async (tx) => {
          mayGive(access, body.permissions, body.siteIds);
          if (body.holder === "tenant") await mayMakeTenants(tx, access);
          await mayLast(tx, body.expiresAt);
          const made = await createApiKey(tx, pepper, body);
          await reportIfWide(notices, tx, made.apiKey);
          return made;
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
      stepUp: true,
      body: overlap,
      response: createdKeyAnswer,
      status: 201,
      secret: true,
      problems: [409],
      handler: async ({ principal, access, params, body }: Context<z.output<typeof overlap>>) => ({
        body: await withTenant(pool, principal, async (tx) => {
          const { permissions, siteIds, limitedBy, keyId } = await requireSeenKey(tx, params.keyId!);
          mayGive(access, permissions, siteIds);
          if (limitedBy === null && principal.actor.id !== keyId) await mayMakeTenants(tx, access);
          return rotateApiKey(tx, pepper, { keyId: params.keyId!, ...body });
        }),
      }),
    }),
    defineRoute<Principal>({
      method: "delete",
      path: "/api/v1/api-keys/:keyId",
      summary: "Revokes a key, and those that it made: they end with their next request.",
      permission: "api-keys:write",
      rate: "settings",
      action: "api-key.revoked",
      status: 204,
      handler: async ({ principal, params }) => {
        await withTenant(pool, principal, async (tx) => {
          const { keyId } = await requireSeenKey(tx, params.keyId!);
          await revokeApiKey(tx, keyId);
        });
        return {};
      },
    }),
  ];
}

async function reportIfWide(notices: NoticeDeps, tx: TenantTx, key: ApiKey): Promise<void> {
  const wide = key.limitedBy ? wideRights(key.permissions, key.siteIds) : key.permissions;
  if (wide.length === 0) return;
  const { prefix, keyId } = key;
  const entity = { type: "api-key", id: keyId };
  await reportAnomaly(notices, tx, { kind: "wide-key", entity, data: { prefix, permissions: wide.join(", ") } });
}

// Who has some sites finds the keys for these alone. Over all sites anybody who manages keys ends any: to end one gives nothing.
async function requireSeenKey(tx: TenantTx, keyId: string): Promise<ApiKey> {
  const { sites } = tx.principal;
  const key = await requireApiKey(tx, keyId);
  if (sites === "all" || key.siteIds?.every((site) => sites.includes(site))) return key;
  throw notFound("API key");
}

// A key that nobody limits outlives who makes it: it is a way into the tenant, as sign-in is. A person's key makes none.
async function mayMakeTenants(tx: TenantTx, access: Access): Promise<void> {
  const { actor } = tx.principal;
  const limitedBy = actor.type === "api-key" ? (await requireApiKey(tx, actor.id)).limitedBy : null;
  if (limitedBy === null && lacking(access, ["sign-in:write"], null).length === 0) return;
  throw forbidden("this makes a key that no person limits", {
    found: limitedBy ? "a key that a person limits" : "no sign-in:write over all sites",
    expected: "a person with sign-in:write over all sites",
    remedy: "let an owner do it, or make a key of your own",
  });
}

// Who has a key until a time would have another one after it.
async function mayLast(tx: TenantTx, expiresAt: string | null): Promise<void> {
  const { actor } = tx.principal;
  const end = actor.type === "api-key" ? (await requireApiKey(tx, actor.id)).expiresAt : null;
  if (end === null || (expiresAt !== null && Date.parse(expiresAt) <= Date.parse(end))) return;
  throw forbidden("a key makes none that lasts longer than itself", {
    found: expiresAt ?? "no end",
    expected: `expiresAt until ${end}`,
  });
}

// A rotated key is a key in the caller's hands too. A directory's token is no person's: who sets up sign-in gives it.
function mayGive(access: Access, permissions: readonly string[], siteIds: readonly string[] | null): void {
  const more = lacking(access, permissions.map(heldFor), siteIds);
  if (more.length > 0) throw forbidden(`nobody can give what he does not have: ${more.join(", ")}`);
}
