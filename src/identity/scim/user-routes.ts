import { type Principal, type TenantTx, withTenant } from "../../audit/index.ts";
import { defineRoute, type Route, type RouteResult } from "../../platform/route.ts";
import { userType } from "./attributes.ts";
import { listUserResources } from "./lists.ts";
import { type Base, project, readProjection, userResource } from "./present.ts";
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
import { listOf, listQuery, oneQuery, patchBody, userAnswer, userBody } from "./schema.ts";
import type { ScimUserRow } from "./store.ts";
import { createScimUser, patchScimUser, removeScimUser, replaceScimUser, requireScimUser } from "./users.ts";

const several = { ...scim, path: "/scim/v2/Users" } as const;
const one = { ...scim, path: "/scim/v2/Users/:scimUserId" } as const;

export function userRoutes(deps: ScimRouteDeps, base: Base): Route<Principal>[] {
  const answer = async <B>(
    context: Asked<B>,
    work: (tx: TenantTx) => Promise<ScimUserRow>,
    status?: number,
  ): Promise<RouteResult> => {
    const projection = readProjection(userType, context.query);
    const row = await withTenant(deps.pool, directory(context), work);
    const whole = userResource(row, base);
    return answerOf(project(userType, whole, projection), { whole, row, status });
  };
  return [
    defineRoute({
      ...several,
      method: "get",
      summary: "People whom the directory keeps, in the order of making.",
      query: listQuery,
      response: listOf(userAnswer, "ScimUsers"),
      handler: async (context: AskedList) => ({
        body: await withTenant(deps.pool, directory(context), (tx) => listUserResources(tx, context.query, base)),
      }),
    }),
    defineRoute({
      ...several,
      method: "post",
      summary: "Makes an account, or brings back the one that this externalId had.",
      query: oneQuery,
      body: userBody,
      takes: taken(userBody),
      status: 201,
      response: userAnswer,
      action: "user.created",
      problems: [409],
      handler: (context: Asked<unknown>) => answer(context, (tx) => createScimUser(deps, tx, context.body), 201),
    }),
    defineRoute({
      ...one,
      method: "get",
      summary: "One person.",
      query: oneQuery,
      response: userAnswer,
      handler: async (context: Asked) =>
        unlessKnown(context.req, await answer(context, (tx) => requireScimUser(tx, context.params.scimUserId!))),
    }),
    ...changes(deps, answer),
  ];
}

type Answer = <B>(context: Asked<B>, work: (tx: TenantTx) => Promise<ScimUserRow>) => Promise<RouteResult>;

function changes(deps: ScimRouteDeps, answer: Answer): Route<Principal>[] {
  const wanted = ({ params, req, body }: Asked<unknown>) => ({
    userId: params.scimUserId!,
    ifMatch: ifMatch(req),
    body,
  });
  const changed = {
    ...one,
    query: oneQuery,
    response: userAnswer,
    action: "user.changed",
    problems: [409, 412],
  } as const;
  return [
    defineRoute({
      ...changed,
      method: "put",
      summary: "Replaces what is kept of a person; active: false ends sessions and keys at once.",
      body: userBody,
      takes: taken(userBody),
      handler: (context: Asked<unknown>) => answer(context, (tx) => replaceScimUser(deps, tx, wanted(context))),
    }),
    defineRoute({
      ...changed,
      method: "patch",
      summary: "Changes a person; active: false ends sessions and keys at once.",
      body: patchBody,
      takes: taken(patchBody),
      handler: (context: Asked<unknown>) => answer(context, (tx) => patchScimUser(deps, tx, wanted(context))),
    }),
    defineRoute<Principal>({
      ...one,
      method: "delete",
      summary: "Takes a person back: ends access at once, and hides the account from SCIM.",
      action: "user.removed",
      status: 204,
      problems: [412],
      handler: async (context) => {
        const { params, req } = context;
        await withTenant(deps.pool, directory(context), (tx) =>
          removeScimUser(deps, tx, { userId: params.scimUserId!, ifMatch: ifMatch(req) }),
        );
        return {};
      },
    }),
  ];
}
