import { type Attribute, ENTERPRISE_URN, groupType, type ResourceType, userType } from "./attributes.ts";
import type { Base } from "./present.ts";

const SCHEMA_URN = "urn:ietf:params:scim:schemas:core:2.0:Schema";
const TYPE_URN = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const CONFIG_URN = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";

/** The most resources that one page has. */
export const MOST_RESULTS = 200;

export function serviceProviderConfig(base: Base): object {
  return {
    schemas: [CONFIG_URN],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: MOST_RESULTS },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: true },
    authenticationSchemes: [
      {
        type: "oauthbearertoken",
        name: "Bearer token",
        description: "An API key of the tenant whose one permission is scim:provision",
        specUri: "https://www.rfc-editor.org/info/rfc6750",
        primary: true,
      },
    ],
    meta: { resourceType: "ServiceProviderConfig", location: `${base}/ServiceProviderConfig` },
  };
}

export const resourceTypes = (base: Base): object[] => [userType, groupType].map((type) => resourceType(type, base));

/** Undefined for a name that is none. */
export const findResourceType = (name: string, base: Base): object | undefined => {
  const type = [userType, groupType].find((each) => each.name.toLowerCase() === name.toLowerCase());
  return type && resourceType(type, base);
};

function resourceType({ name, endpoint, description, schema, extensions }: ResourceType, base: Base): object {
  return {
    schemas: [TYPE_URN],
    id: name,
    name,
    endpoint,
    description,
    schema,
    ...(Object.keys(extensions).length > 0 && {
      schemaExtensions: Object.keys(extensions).map((urn) => ({ schema: urn, required: false })),
    }),
    meta: { resourceType: "ResourceType", location: `${base}/ResourceTypes/${name}` },
  };
}

const described = [
  { id: userType.schema, name: "User", description: userType.description, attributes: userType.attributes },
  { id: groupType.schema, name: "Group", description: groupType.description, attributes: groupType.attributes },
  {
    id: ENTERPRISE_URN,
    name: "EnterpriseUser",
    description: "What an organisation says of its people",
    attributes: userType.extensions[ENTERPRISE_URN]!,
  },
];

export function schemas(base: Base): { id: string }[] {
  return described.map(({ attributes, ...schema }) => ({
    schemas: [SCHEMA_URN],
    ...schema,
    attributes: attributes.map(definition),
    meta: { resourceType: "Schema", location: `${base}/Schemas/${schema.id}` },
  }));
}

/** Every characteristic said, though RFC 7643 has a usual value for each: not every client knows them. */
function definition(attribute: Attribute): object {
  const { name, type, description, canonicalValues, referenceTypes, subAttributes } = attribute;
  return {
    name,
    type,
    multiValued: attribute.multiValued ?? false,
    description,
    required: attribute.required ?? false,
    ...(type !== "complex" && type !== "boolean" && { caseExact: attribute.caseExact ?? false }),
    mutability: attribute.mutability ?? "readWrite",
    returned: attribute.returned ?? "default",
    uniqueness: attribute.uniqueness ?? "none",
    ...(canonicalValues && { canonicalValues }),
    ...(referenceTypes && { referenceTypes }),
    ...(subAttributes && { subAttributes: subAttributes.map(definition) }),
  };
}
