import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import type { DirectoryMapping, Group, Roles } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { useVersioned } from "../../components/use-versioned.ts";

/** The rules of SAML and LDAP, one list for both. */
export const useMapping = () => useVersioned<DirectoryMapping>("directory/mapping");

type Role = Roles["custom"][number];

/** The organisation's own roles and groups, by id, for names and choices. */
export function useRolesAndGroups(): { roles: ReadonlyMap<string, Role>; groups: ReadonlyMap<string, Group> } {
  const can = useCan();
  const enabled = can("access:read");
  const roles = useQuery({
    queryKey: ["roles"],
    queryFn: ({ signal }) => get<Roles>("roles", { signal }),
    enabled,
    staleTime: 60_000,
  });
  const groups = useQuery({
    queryKey: ["groups", "names"],
    queryFn: ({ signal }) => get<{ groups: Group[] }>("groups", { query: { limit: 500 }, signal }),
    enabled,
    staleTime: 60_000,
  });
  return {
    roles: new Map(roles.data?.custom.map((role) => [role.roleId, role])),
    groups: new Map(groups.data?.groups.map((group) => [group.groupId, group])),
  };
}
