/** An attribute as RFC 7643 section 7 describes one. What is absent has that section's usual value. */
export type Attribute = {
  name: string;
  type: "string" | "boolean" | "complex" | "reference";
  description: string;
  multiValued?: true;
  required?: true;
  caseExact?: true;
  mutability?: "readOnly" | "immutable" | "writeOnly";
  returned?: "always" | "never";
  uniqueness?: "server";
  canonicalValues?: readonly string[];
  referenceTypes?: readonly string[];
  subAttributes?: readonly Attribute[];
  /** Of a string; longer ones are refused. */
  most?: number;
  /** A string that may have line breaks. */
  lines?: true;
};

export const USER_URN = "urn:ietf:params:scim:schemas:core:2.0:User";
export const GROUP_URN = "urn:ietf:params:scim:schemas:core:2.0:Group";
export const ENTERPRISE_URN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/** A kind of resource: its own attributes, and those of its extensions under their URN. */
export type ResourceType = {
  name: "User" | "Group";
  endpoint: "/Users" | "/Groups";
  description: string;
  schema: string;
  attributes: readonly Attribute[];
  extensions: Readonly<Record<string, readonly Attribute[]>>;
  /** Attributes of the standard that are not kept: what happens to one that comes with a value. */
  unkept: Readonly<Record<string, "ignored" | "refused">>;
};

const text = (name: string, description: string, more: Partial<Attribute> = {}): Attribute => ({
  name,
  type: "string",
  description,
  ...more,
});
const several = (name: string, description: string, subAttributes: Attribute[]): Attribute => ({
  name,
  type: "complex",
  multiValued: true,
  description,
  subAttributes,
});
const kind = (...canonicalValues: string[]) => text("type", "What the value is for", { canonicalValues, most: 64 });
const primary: Attribute = { name: "primary", type: "boolean", description: "The preferred value; at most one is" };
const display = text("display", "A name of the value for people", { most: 320 });

const name: Attribute = {
  name: "name",
  type: "complex",
  description: "The parts of the person's name",
  subAttributes: [
    text("formatted", "The whole name, for display"),
    text("familyName", "Family name"),
    text("givenName", "Given name"),
    text("middleName", "Middle names"),
    text("honorificPrefix", "Titles before the name"),
    text("honorificSuffix", "Titles behind the name"),
  ],
};

const addressParts = [
  text("formatted", "The whole address", { most: 1000, lines: true }),
  text("streetAddress", "Street and number", { most: 1000, lines: true }),
  text("locality", "Town"),
  text("region", "Region"),
  text("postalCode", "Postal code", { most: 64 }),
  text("country", "Country", { most: 100 }),
];

export const userType: ResourceType = {
  name: "User",
  endpoint: "/Users",
  description: "People of the tenant whom a directory keeps",
  schema: USER_URN,
  attributes: [
    text("userName", "What the person types to sign in", { required: true, uniqueness: "server", most: 256 }),
    text("externalId", "The directory's own id of the person", { caseExact: true, most: 512 }),
    name,
    text("displayName", "The name that the console shows", { most: 200 }),
    text("nickName", "How the person is called"),
    {
      name: "profileUrl",
      type: "reference",
      description: "A page about the person",
      caseExact: true,
      referenceTypes: ["external"],
      most: 1000,
    },
    text("title", "Job title"),
    text("userType", "The relation to the organisation"),
    text("preferredLanguage", "As in Accept-Language", { most: 100 }),
    text("locale", "For numbers and dates", { most: 64 }),
    text("timezone", "IANA time zone", { most: 64 }),
    { name: "active", type: "boolean", description: "Whether the person may sign in" },
    several("emails", "E-mail addresses; the primary one, or else the first, gets notices", [
      text("value", "The address", { most: 320 }),
      display,
      kind("work", "home", "other"),
      primary,
    ]),
    several("phoneNumbers", "Telephone numbers", [
      text("value", "The number, as it came"),
      display,
      kind("work", "home", "mobile", "fax", "pager", "other"),
      primary,
    ]),
    several("addresses", "Postal addresses", [...addressParts, kind("work", "home", "other"), primary]),
    {
      name: "groups",
      type: "complex",
      multiValued: true,
      mutability: "readOnly",
      description: "Groups that the person is in; changed through the groups",
      subAttributes: [
        text("value", "Id of the group", { mutability: "readOnly" }),
        {
          name: "$ref",
          type: "reference",
          description: "Address of the group",
          mutability: "readOnly",
          caseExact: true,
          referenceTypes: ["Group"],
        },
        text("display", "Name of the group", { mutability: "readOnly" }),
        text("type", "Always direct", { mutability: "readOnly", canonicalValues: ["direct"] }),
      ],
    },
  ],
  extensions: {
    [ENTERPRISE_URN]: [
      text("employeeNumber", "The organisation's number of the person"),
      text("costCenter", "Cost centre"),
      text("organization", "Organisation"),
      text("division", "Division"),
      text("department", "Department"),
      {
        name: "manager",
        type: "complex",
        description: "Whom the person reports to; kept as it came and never followed",
        subAttributes: [
          text("value", "Id of the manager", { caseExact: true }),
          {
            name: "$ref",
            type: "reference",
            description: "Address of the manager",
            caseExact: true,
            referenceTypes: ["User"],
            most: 1000,
          },
          text("displayName", "Name of the manager", { mutability: "readOnly" }),
        ],
      },
    ],
  },
  // Roles come from groups alone, so a role that was sent must not look given. People of a directory have no password here.
  unkept: {
    password: "ignored",
    roles: "refused",
    entitlements: "refused",
    ims: "refused",
    photos: "refused",
    x509Certificates: "refused",
  },
};

export const groupType: ResourceType = {
  name: "Group",
  endpoint: "/Groups",
  description: "Groups of people; roles that are given to a group hold for its members",
  schema: GROUP_URN,
  attributes: [
    text("displayName", "The group's name", { required: true, uniqueness: "server", most: 256 }),
    text("externalId", "The directory's own id of the group", { caseExact: true, most: 512 }),
    several("members", "People in the group; groups in groups are refused", [
      text("value", "Id of the person", { mutability: "immutable" }),
      {
        name: "$ref",
        type: "reference",
        description: "Address of the person",
        mutability: "immutable",
        caseExact: true,
        referenceTypes: ["User"],
      },
      text("display", "The person's name", { mutability: "readOnly" }),
      text("type", "Always User", { mutability: "immutable", canonicalValues: ["User"] }),
    ]),
  ],
  extensions: {},
  unkept: {},
};
