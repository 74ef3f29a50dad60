import { routeCommands } from "./route-commands.ts";

type Current = { name: string; enabled: boolean; version: number; settings: object };

export const ldapCommand = routeCommands("ldap", "LDAP directories that people sign in by", {
  list: "get /api/v1/ldap/directories",
  show: "get /api/v1/ldap/directories/:directoryId",
  add: "post /api/v1/ldap/directories",
  change: {
    route: "put /api/v1/ldap/directories/:directoryId",
    read: "get /api/v1/ldap/directories/:directoryId",
    settings: ({ name, enabled, version, settings }: Current) => ({ name, enabled, version, settings }),
  },
  test: "post /api/v1/ldap/directories/:directoryId/test",
  remove: "delete /api/v1/ldap/directories/:directoryId",
});
