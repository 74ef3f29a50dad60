import { type Principal, type TenantTx, withTenant } from "../../audit/index.ts";
import type { Pool } from "../../platform/db.ts";
import { defineRoute, type Route } from "../../platform/route.ts";
import { stakesOf } from "../access/standing.ts";
import type { IdentityDeps } from "../deps.ts";
import { linkAnswer, linksAnswer, mappingAnswer, previewAnswer } from "./answers.ts";
import { mappingStakes, setMapping } from "./configure.ts";
import { linkUser, listLinks, unlinkUser } from "./links.ts";
import { previewMapping } from "./preview.ts";
import { linkSchema, mappingSchema, previewSchema } from "./schema.ts";
import { selectMapping } from "./store.ts";

export type DirectoryDeps = IdentityDeps & { pool: Pool };

/** Which groups outside give which roles here, and which person outside is which account. */
export function directoryRoutes(deps: DirectoryDeps): Route<Principal>[] {
  return [...mappingRoutes(deps), ...linkRoutes(deps)];
}

const read = { permission: "access:read", rate: "general", wholeTenant: true } as const;
const write = { permission: "access:write", rate: "settings", wholeTenant: true, stepUp: true } as const;

function mappingRoutes({ pool, watch }: DirectoryDeps): Route<Principal>[] {
  const path = "/api/v1/directory/mapping";
  const current = (tx: TenantTx) => selectMapping(tx);
  return [
    defineRoute<Principal>({
      ...read,
      method: "get",
      path,
      current,
      summary: "Which groups of SAML and LDAP give which roles and local groups.",
      response: mappingAnswer,
      handler: async ({ principal }) => ({ body: await withTenant(pool, principal, selectMapping) }),
    }),
    defineRoute<Principal, typeof mappingSchema>({
      ...write,
      method: "put",
      path,
      current,
      summary:
        "Puts rules in force. What no rule gives any more is taken at once; new roles come with the next sign-in.",
      action: "directory.mapped",
      highStakes: ({ principal, body }) => withTenant(pool, principal, (tx) => mappingStakes(tx, body)),
      body: mappingSchema,
      response: mappingAnswer,
      problems: [409],
      handler: async ({ principal, access, body }) => ({
        body: await withTenant(pool, principal, async (tx) => {
          const mapping = await setMapping(tx, access, body);
          await watch?.changed(tx, { type: "mapping", id: "all" }, "what a directory's groups give");
          return mapping;
        }),
      }),
    }),
    defineRoute<Principal, typeof previewSchema>({
      ...read,
      method: "post",
      path: `${path}/preview`,
      summary: "What a person with these groups would get. Changes nothing.",
      action: null,
      body: previewSchema,
      response: previewAnswer,
      handler: async ({ principal, body }) => ({
        body: await withTenant(pool, principal, (tx) => previewMapping(tx, body)),
      }),
    }),
  ];
}

function linkRoutes(deps: DirectoryDeps): Route<Principal>[] {
  const path = "/api/v1/users/:userId/links";
  return [
    defineRoute<Principal>({
      ...read,
      method: "get",
      path,
      summary: "The persons outside who sign in as this account.",
      response: linksAnswer,
      handler: async ({ principal, params }) => ({
        body: { links: await withTenant(deps.pool, principal, (tx) => listLinks(tx, params.userId!)) },
      }),
    }),
    defineRoute<Principal, typeof linkSchema>({
      ...write,
      method: "post",
      path,
      summary: "Says that a person outside is this account.",
      action: "directory.linked",
      highStakes: ({ principal, access, params }) =>
        withTenant(deps.pool, principal, (tx) => stakesOf(tx, access, params.userId!)),
      body: linkSchema,
      response: linkAnswer,
      status: 201,
      problems: [409],
      handler: async ({ principal, access, params, body }) => ({
        body: await withTenant(deps.pool, principal, (tx) =>
          linkUser(deps, tx, access, { ...body, userId: params.userId! }),
        ),
      }),
    }),
    defineRoute<Principal>({
      ...write,
      method: "delete",
      path: `${path}/:linkId`,
      summary: "Ends a link with what its groups gave, and the account's sessions.",
      action: "directory.unlinked",
      status: 204,
      async handler({ principal, access, params }) {
        const { userId, linkId } = params as { userId: string; linkId: string };
        await withTenant(deps.pool, principal, (tx) => unlinkUser(deps, tx, access, { userId, linkId }));
        return {};
      },
    }),
  ];
}
