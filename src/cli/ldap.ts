import { routeCommands } from "./route-commands.ts";

export const ldapCommand = routeCommands("ldap", "LDAP directories that people sign in by", {
  list: "get /api/v1/ldap/directories",
  show: "get /api/v1/ldap/directories/:directoryId",
  add: "post /api/v1/ldap/directories",
  change: "put /api/v1/ldap/directories/:directoryId",
  test: "post /api/v1/ldap/directories/:directoryId/test",
  remove: "delete /api/v1/ldap/directories/:directoryId",
});
