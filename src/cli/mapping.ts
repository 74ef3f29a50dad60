import { routeCommands } from "./route-commands.ts";

export const mappingCommand = routeCommands(
  "mapping",
  "what groups of SAML and LDAP give here, and who is whose account",
  {
    show: "get /api/v1/directory/mapping",
    set: "put /api/v1/directory/mapping",
    preview: "post /api/v1/directory/mapping/preview",
    links: "get /api/v1/users/:userId/links",
    link: "post /api/v1/users/:userId/links",
    unlink: "delete /api/v1/users/:userId/links/:linkId",
  },
);
