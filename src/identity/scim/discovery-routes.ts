import type { Principal } from "../../audit/index.ts";
import { notFound } from "../../platform/errors.ts";
import { defineRoute, type Route } from "../../platform/route.ts";
import { findResourceType, resourceTypes, schemas, serviceProviderConfig } from "./discovery.ts";
import { type Base, listResponse } from "./present.ts";
import { directory, scim } from "./route-parts.ts";
import { descriptionAnswer, listOf } from "./schema.ts";

type Described = Pick<Route<Principal>, "path" | "summary" | "response" | "params">;

/** What a client asks before anything else. */
export function discoveryRoutes(base: Base): Route<Principal>[] {
  const list = listOf(descriptionAnswer, "ScimDescriptions");
  return [
    describe(
      { path: "/scim/v2/ServiceProviderConfig", summary: "What this SCIM server can do.", response: descriptionAnswer },
      () => serviceProviderConfig(base),
    ),
    describe({ path: "/scim/v2/ResourceTypes", summary: "Users and groups.", response: list }, () =>
      all(resourceTypes(base)),
    ),
    describe(
      {
        path: "/scim/v2/ResourceTypes/:typeName",
        params: { typeName: /^\w{1,40}$/ },
        summary: "One kind of resource.",
        response: descriptionAnswer,
      },
      ({ typeName }) => findResourceType(typeName!, base),
    ),
    describe({ path: "/scim/v2/Schemas", summary: "The attributes that are kept.", response: list }, () =>
      all(schemas(base)),
    ),
    describe(
      {
        path: "/scim/v2/Schemas/:schemaUrn",
        params: { schemaUrn: /^[\w:.-]{1,200}$/ },
        summary: "The attributes of one schema.",
        response: descriptionAnswer,
      },
      ({ schemaUrn }) => schemas(base).find(({ id }) => id.toLowerCase() === schemaUrn!.toLowerCase()),
    ),
  ];
}

const all = (resources: object[]): object => listResponse(resources, { startIndex: 1, totalResults: resources.length });

function describe(
  described: Described,
  answer: (params: Record<string, string>) => object | undefined,
): Route<Principal> {
  return defineRoute<Principal>({
    ...scim,
    ...described,
    method: "get",
    handler: async (context) => {
      directory(context);
      const body = answer(context.params);
      if (!body) throw notFound("this description");
      return { body };
    },
  });
}
