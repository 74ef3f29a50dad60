import { routeCommands } from "./route-commands.ts";

type Current = { version: number; rules: unknown[]; scimLinks: unknown[] };

export const mappingCommand = routeCommands(
  "mapping",
  "what groups of SAML and LDAP give here, and who is whose account",
  {
    show: "get /api/v1/directory/mapping",
    set: {
      route: "put /api/v1/directory/mapping",
      read: "get /api/v1/directory/mapping",
      settings: ({ version, rules, scimLinks }: Current) => ({ version, rules, scimLinks }),
    },
    preview: "post /api/v1/directory/mapping/preview",
    links: "get /api/v1/users/:userId/links",
    link: "post /api/v1/users/:userId/links",
    unlink: "delete /api/v1/users/:userId/links/:linkId",
  },
);
