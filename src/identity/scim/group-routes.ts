import { type Principal, type TenantTx, withTenant } from "../../audit/index.ts";
import { defineRoute, type Route, type RouteResult } from "../../platform/route.ts";
import { groupType } from "./attributes.ts";
import {
  createScimGroup,
  membersOf,
  patchScimGroup,
  removeScimGroup,
  replaceScimGroup,
  requireScimGroup,
} from "./groups.ts";
import { listGroupResources } from "./lists.ts";
import { type Base, etagOf, groupResource, project, readProjection, shows } from "./present.ts";
import {
  type Asked,
  type AskedList,
  answerOf,
  directory,
  ifMatch,
  type ScimRouteDeps,
  scim,
  taken,
  unlessKnown,
} from "./route-parts.ts";
import { groupAnswer, groupBody, listOf, listQuery, oneQuery, patchBody } from "./schema.ts";
import type { ScimGroupRow } from "./store-groups.ts";

const several = { ...scim, path: "/scim/v2/Groups" } as const;
const one = { ...scim, path: "/scim/v2/Groups/:scimGroupId" } as const;

export function groupRoutes({ pool }: ScimRouteDeps, base: Base): Route<Principal>[] {
  /** Reads members only where the answer shows them. */
  const answer = async <B>(
    context: Asked<B>,
    work: (tx: TenantTx) => Promise<ScimGroupRow>,
    status?: number,
  ): Promise<RouteResult> => {
    const projection = readProjection(groupType, context.query);
    const { row, members } = await withTenant(pool, directory(context), async (tx) => {
      const found = await work(tx);
      return { row: found, members: shows(projection, "members") ? await membersOf(tx, found.groupId) : [] };
    });
    const whole = groupResource(row, members, base);
    return answerOf(project(groupType, whole, projection), { whole, row, status });
  };
  return [
    defineRoute({
      ...several,
      method: "get",
      summary: "Groups that the directory made, in the order of making.",
      query: listQuery,
      response: listOf(groupAnswer, "ScimGroups"),
      handler: async (context: AskedList) => ({
        body: await withTenant(pool, directory(context), (tx) => listGroupResources(tx, context.query, base)),
      }),
    }),
    defineRoute({
      ...several,
      method: "post",
      summary: "Makes a group.",
      query: oneQuery,
      body: groupBody,
      takes: taken(groupBody),
      status: 201,
      response: groupAnswer,
      action: "group.created",
      problems: [409],
      handler: (context: Asked<unknown>) => answer(context, (tx) => createScimGroup(tx, context.body), 201),
    }),
    defineRoute({
      ...one,
      method: "get",
      summary: "One group with its members.",
      query: oneQuery,
      response: groupAnswer,
      handler: async (context: Asked) =>
        unlessKnown(context.req, await answer(context, (tx) => requireScimGroup(tx, context.params.scimGroupId!))),
    }),
    ...changes(pool, answer),
  ];
}

const wanted = ({ params, req, body }: Pick<Asked<unknown>, "params" | "req" | "body">) => ({
  groupId: params.scimGroupId!,
  ifMatch: ifMatch(req),
  body,
});

type Answer = <B>(context: Asked<B>, work: (tx: TenantTx) => Promise<ScimGroupRow>) => Promise<RouteResult>;

function changes(pool: ScimRouteDeps["pool"], answer: Answer): Route<Principal>[] {
  return [
    defineRoute({
      ...one,
      method: "put",
      summary: "Replaces a group; members stay when the body says nothing of them.",
      query: oneQuery,
      body: groupBody,
      takes: taken(groupBody),
      response: groupAnswer,
      action: "group.changed",
      problems: [409, 412],
      handler: (context: Asked<unknown>) => answer(context, (tx) => replaceScimGroup(tx, wanted(context))),
    }),
    defineRoute({
      ...one,
      method: "patch",
      summary: "Changes a group. Answers nothing, since a group may have very many members.",
      query: oneQuery,
      body: patchBody,
      takes: taken(patchBody),
      status: 204,
      action: "group.changed",
      problems: [409, 412],
      handler: async (context: Asked<unknown>) => {
        const row = await withTenant(pool, directory(context), (tx) => patchScimGroup(tx, wanted(context)));
        return { headers: { etag: etagOf(row) } };
      },
    }),
    defineRoute<Principal>({
      ...one,
      method: "delete",
      summary: "Ends a group and what was given to it.",
      action: "group.deleted",
      status: 204,
      problems: [412],
      handler: async (context) => {
        await withTenant(pool, directory(context), (tx) => removeScimGroup(tx, wanted(context)));
        return {};
      },
    }),
  ];
}
