import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client.ts";
import type { Roles } from "../api/types.ts";
import { useSession } from "../app/session.tsx";

/** A role, built in or the tenant's own, in one shape. `value` stands for it in forms. */
export type AnyRole = {
  value: string;
  name: string;
  permissions: readonly string[];
  roleId: string | null;
  /** How the API names it in bodies. */
  named: { builtin: string } | { roleId: string };
};

const titles: Readonly<Record<string, string>> = {
  owner: "Owner",
  admin: "Admin",
  member: "Member",
  viewer: "Viewer",
  auditor: "Auditor",
  superadmin: "Operator",
};

/** Built-in roles by the names that people read. */
export const builtinTitle = (role: string): string => titles[role] ?? role;

/** The built-in ones from the most to the least, then the tenant's own by name. Empty until they are read. */
export function useRoles(): readonly AnyRole[] {
  const { data } = useQuery({
    queryKey: ["roles"],
    queryFn: ({ signal }) => get<Roles>("roles", { signal }),
    staleTime: 60_000,
  });
  if (!data) return [];
  return [
    ...data.builtin.map(({ role, permissions }) => ({
      ...{ value: role, name: builtinTitle(role), permissions, roleId: null },
      named: { builtin: role },
    })),
    ...data.custom.map(({ roleId, name, permissions }) => ({
      ...{ value: roleId, name, permissions, roleId },
      named: { roleId },
    })),
  ];
}

/** Who has the right to decide on requests of others is somebody whom a second person must agree to. */
export const isDeciding = ({ permissions }: Pick<AnyRole, "permissions">): boolean =>
  permissions.includes("approvals:decide");

/** Where one may give these permissions: nobody gives what he lacks. */
export function useGiving(): (permissions: readonly string[]) => { everywhere: boolean; at(siteId: string): boolean } {
  const { access } = useSession();
  return (permissions) => {
    const held = ["access:write", ...permissions].map((permission) => access[permission]);
    return {
      everywhere: held.every((sites) => sites === "all"),
      at: (siteId) => held.every((sites) => sites === "all" || (sites?.includes(siteId) ?? false)),
    };
  };
}

/** The roles that one may give at all, over some site or all. */
export function useGivableRoles(): readonly AnyRole[] {
  const { access } = useSession();
  return useRoles().filter(({ permissions }) => permissions.every((permission) => access[permission] !== undefined));
}
