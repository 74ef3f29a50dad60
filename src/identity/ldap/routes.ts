import { appendRow, type Principal, type TenantTx, withTenant } from "../../audit/index.ts";
import { defineRoute, type Route } from "../../platform/route.ts";
import { directoriesAnswer, directoryAnswer, probeAnswer } from "./answers.ts";
import {
  changeDirectory,
  createDirectory,
  listDirectories,
  openAccess,
  removeDirectory,
  requireDirectory,
} from "./configure.ts";
import type { LdapDeps } from "./deps.ts";
import { probe } from "./probe.ts";
import { changedDirectorySchema, newDirectorySchema, probeSchema } from "./schema.ts";

export type { LdapDeps } from "./deps.ts";
export type { LdapSignInDeps } from "./sign-in.ts";
export { ldapSignInRoutes } from "./sign-in-routes.ts";

const path = "/api/v1/ldap/directories";
const one = {
  path: `${path}/:directoryId`,
  current: (tx: TenantTx, { directoryId }: Readonly<Record<string, string>>) => requireDirectory(tx, directoryId!),
};
const read = { permission: "sign-in:read", rate: "general", wholeTenant: true } as const;
const write = {
  permission: "sign-in:write",
  rate: "settings",
  highStakes: "sign-in.change",
  wholeTenant: true,
} as const;

/** What an administrator does with LDAP directories. */
export function ldapRoutes(deps: LdapDeps): Route<Principal>[] {
  return [...readingRoutes(deps), ...changingRoutes(deps), testRoute(deps)];
}

function readingRoutes({ pool }: LdapDeps): Route<Principal>[] {
  return [
    defineRoute<Principal>({
      ...read,
      method: "get",
      path,
      summary: "LDAP directories, without their passwords.",
      response: directoriesAnswer,
      handler: async ({ principal }) => ({ body: { directories: await withTenant(pool, principal, listDirectories) } }),
    }),
    defineRoute<Principal>({
      ...read,
      ...one,
      method: "get",
      summary: "One LDAP directory.",
      response: directoryAnswer,
      handler: async ({ principal, params }) => ({
        body: await withTenant(pool, principal, (tx) => requireDirectory(tx, params.directoryId!)),
      }),
    }),
  ];
}

function changingRoutes(deps: LdapDeps): Route<Principal>[] {
  const { pool } = deps;
  return [
    defineRoute<Principal, typeof newDirectorySchema>({
      ...write,
      method: "post",
      path,
      summary: "Adds an LDAP directory. Try it before you enable it.",
      action: "ldap.configured",
      body: newDirectorySchema,
      response: directoryAnswer,
      status: 201,
      handler: async ({ principal, body }) => ({
        body: await withTenant(pool, principal, (tx) => createDirectory(deps, tx, body)),
      }),
    }),
    defineRoute<Principal, typeof changedDirectorySchema>({
      ...write,
      ...one,
      method: "put",
      summary: "Changes an LDAP directory, from the next sign-in on.",
      action: "ldap.configured",
      body: changedDirectorySchema,
      response: directoryAnswer,
      problems: [409],
      handler: async ({ principal, params, body }) => ({
        body: await withTenant(pool, principal, (tx) =>
          changeDirectory(deps, tx, { ...body, directoryId: params.directoryId! }),
        ),
      }),
    }),
    defineRoute<Principal>({
      ...write,
      method: "delete",
      path: one.path,
      summary: "Removes an LDAP directory: its people can sign in no more, and lose what its groups gave.",
      action: "ldap.removed",
      status: 204,
      async handler({ principal, params }) {
        await withTenant(pool, principal, (tx) => removeDirectory(deps, tx, params.directoryId!));
        return {};
      },
    }),
  ];
}

function testRoute(deps: LdapDeps): Route<Principal> {
  return defineRoute<Principal, typeof probeSchema>({
    permission: "sign-in:write",
    wholeTenant: true,
    rate: "settings",
    method: "post",
    path: `${one.path}/test`,
    summary: "Tries a directory step by step, and looks for a person in it. Needs nobody's password.",
    action: "ldap.tested",
    body: probeSchema,
    response: probeAnswer,
    async handler({ principal, params, body: { userName } }) {
      const access = await withTenant(deps.pool, principal, (tx) => openAccess(deps, tx, params.directoryId!));
      const result = await probe(access, userName);
      await withTenant(deps.pool, principal, async (tx) => {
        const subjects = userName === null ? [] : [await deps.hashSubject(tx, `ldap:${userName}`)];
        const content = JSON.stringify({ userName, steps: result.steps });
        await appendRow(tx, {
          action: "ldap.tested",
          entity: { type: "ldap-directory", id: params.directoryId! },
          units: [{ name: "detail", content, subjects }],
        });
      });
      return { body: result };
    },
  });
}
