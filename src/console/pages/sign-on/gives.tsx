import { Skeleton } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { ask } from "../../api/client.ts";
import type { MappingPreview, MappingRule } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { useSites } from "../../components/use-sites.ts";
import { useRolesAndGroups } from "./use-mapping.ts";

type Asked = { kind: MappingRule["kind"]; issuer: string; groups: readonly string[] };

/** What these groups give here by the rules in force. */
export function Gives({ kind, issuer, groups }: Asked) {
  const can = useCan();
  const name = useGiven();
  const { data, error } = useQuery({
    queryKey: ["directory/mapping/preview", kind, issuer, groups],
    queryFn: async ({ signal }) =>
      (
        await ask<MappingPreview>("directory/mapping/preview", {
          method: "POST",
          body: { kind, issuer, groups },
          signal,
        })
      ).data,
    enabled: can("access:read"),
  });
  if (!can("access:read")) return <>only who may see access sees this</>;
  if (error) return <ProblemAlert error={error} />;
  if (!data) return <Skeleton screenreaderText="Asking the rules" />;
  const given = [...data.grants, ...data.groupIds.map((groupId) => ({ ...nothing, groupId }))].map(name);
  return <>{given.length > 0 ? given.join("; ") : "nothing: no rule names these groups, so the person is refused"}</>;
}

const nothing = { builtinRole: null, roleId: null, groupId: null, siteIds: null };
type Given = Pick<MappingRule, "builtinRole" | "roleId" | "siteIds"> & { groupId?: string | null };

/** What a rule or grant gives, in words. */
export function useGiven(): (given: Given) => string {
  const sites = useSites();
  const { roles, groups } = useRolesAndGroups();
  return ({ builtinRole, roleId, groupId, siteIds }) => {
    if (groupId) return `member of ${groups.get(groupId)?.name ?? "a group that is gone"}`;
    const role = builtinRole ?? (roleId && roles.get(roleId)?.name) ?? "a role that is gone";
    const where = siteIds?.map((siteId) => sites.get(siteId)?.name ?? "a site that is gone").join(", ");
    return `${role} at ${where ?? "every site"}`;
  };
}
