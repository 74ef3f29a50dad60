import type { z } from "zod";
import { type Principal, type TenantTx, withTenant } from "../../audit/index.ts";
import type { Pool } from "../../platform/db.ts";
import { conflict } from "../../platform/errors.ts";
import { defineRoute, type Route, type RouteContext } from "../../platform/route.ts";
import { accessOfGroup, requireGroupWithin } from "../access/standing.ts";
import {
  changeGroup,
  changeMembers,
  createGroup,
  deleteGroup,
  listMembers,
  requireGroup,
  requireSeenGroup,
} from "./groups.ts";
import {
  groupAnswer,
  groupQuery,
  groupsAnswer,
  membersAnswer,
  membersChange,
  membersQuery,
  newGroup,
} from "./schema.ts";
import { selectGroups } from "./store-groups.ts";

type Deps = { pool: Pool };
type Context<B = undefined, Q = undefined> = RouteContext<Principal, B, Q>;

export function groupRoutes(deps: Deps): Route<Principal>[] {
  return [...readingRoutes(deps), ...changingRoutes(deps)];
}

const current: Route<Principal>["current"] = (tx, { groupId }) => requireSeenGroup(tx, groupId!);

function readingRoutes({ pool }: Deps): Route<Principal>[] {
  const read = { permission: "access:read", rate: "general" } as const;
  return [
    defineRoute({
      method: "get",
      path: "/api/v1/groups",
      summary: "Groups, all or those of a person; for who has some sites, those that have something over one of them.",
      ...read,
      query: groupQuery,
      response: groupsAnswer,
      handler: async ({ principal, query }: Context<undefined, z.output<typeof groupQuery>>) => {
        const { member: userId, ...wanted } = query;
        return { body: await withTenant(pool, principal, (tx) => selectGroups(tx, { ...wanted, userId })) };
      },
    }),
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/groups/:groupId",
      summary: "One group.",
      ...read,
      current,
      response: groupAnswer,
      handler: async ({ principal, params }) => ({
        body: await withTenant(pool, principal, (tx) => requireSeenGroup(tx, params.groupId!)),
      }),
    }),
    defineRoute({
      method: "get",
      path: "/api/v1/groups/:groupId/members",
      summary: "The ids of a group's members.",
      ...read,
      query: membersQuery,
      response: membersAnswer,
      handler: async ({ principal, params, query }: Context<undefined, z.output<typeof membersQuery>>) => {
        const members = await withTenant(pool, principal, (tx) => listMembers(tx, params.groupId!, query));
        return { body: { members, next: members.length < query.limit ? null : members.at(-1)! } };
      },
    }),
  ];
}

function changingRoutes({ pool }: Deps): Route<Principal>[] {
  // A group is the tenant's: what its name and members say counts for every site that it is given.
  const change = { permission: "access:write", rate: "settings", wholeTenant: true, problems: [409] } as const;
  // Whoever comes in may decide then; whoever is put out leaves the other to act alone.
  const deciding = async ({ principal, params }: Pick<Context, "principal" | "params">) => {
    const access = await withTenant(pool, principal, (tx) => accessOfGroup(tx, params.groupId!));
    return access.has("approvals:decide") ? "access.decider" : undefined;
  };
  return [
    defineRoute({
      method: "post",
      path: "/api/v1/groups",
      summary: "Makes a group.",
      ...change,
      action: "group.created",
      body: newGroup,
      response: groupAnswer,
      status: 201,
      handler: async ({ principal, body }: Context<z.output<typeof newGroup>>) => {
        const wanted = { ...body, source: "local", externalId: null } as const;
        const group = await withTenant(pool, principal, (tx) => createGroup(tx, wanted));
        return { body: group, headers: { location: `/api/v1/groups/${group.groupId}` } };
      },
    }),
    defineRoute({
      method: "patch",
      path: "/api/v1/groups/:groupId",
      summary: "Renames a group.",
      ...change,
      action: "group.changed",
      body: newGroup,
      response: groupAnswer,
      current,
      handler: async ({ principal, params, body }: Context<z.output<typeof newGroup>>) => ({
        body: await withTenant(pool, principal, async (tx) => {
          await requireLocal(tx, params.groupId!);
          return changeGroup(tx, params.groupId!, body);
        }),
      }),
    }),
    defineRoute({
      method: "post",
      path: "/api/v1/groups/:groupId/members",
      summary: "Puts people into a group and takes people out. Nobody gives or takes what he lacks.",
      ...change,
      action: "group.members-changed",
      body: membersChange,
      response: groupAnswer,
      highStakes: deciding,
      handler: async ({ principal, access, params, body }: Context<z.output<typeof membersChange>>) => ({
        body: await withTenant(pool, principal, async (tx) => {
          const { groupId } = await requireLocal(tx, params.groupId!);
          await requireGroupWithin(tx, access, groupId);
          await changeMembers(tx, groupId, body);
          return requireGroup(tx, groupId);
        }),
      }),
    }),
    defineRoute<Principal>({
      method: "delete",
      path: "/api/v1/groups/:groupId",
      summary: "Deletes a group with its grants.",
      ...change,
      action: "group.deleted",
      current,
      status: 204,
      highStakes: deciding,
      handler: async ({ principal, access, params }) => {
        await withTenant(pool, principal, async (tx) => {
          const { groupId } = await requireLocal(tx, params.groupId!);
          await requireGroupWithin(tx, access, groupId);
          await deleteGroup(tx, groupId);
        });
        return {};
      },
    }),
  ];
}

async function requireLocal(tx: TenantTx, groupId: string) {
  const group = await requireGroup(tx, groupId);
  if (group.source === "local") return group;
  throw conflict("this group is kept by a directory", {
    found: "a group that SCIM keeps",
    expected: "a local one",
    remedy: "change it in the directory; give it roles here",
  });
}
