import type { TenantTx } from "../../audit/index.ts";
import { accessFrom, accessRecord } from "../access/access.ts";
import { selectGrants, selectRolePermissions } from "../access/store.ts";
import { type Due, type DueGrant, dueBy, type MappingRule, metRules } from "./mapping.ts";
import type { PreviewRequest } from "./schema.ts";
import { selectMapping, selectNamed } from "./store.ts";

export type MappingPreview = Due & {
  rules: MappingRule[];
  permissions: Record<string, "all" | string[]>;
};

/** What groups give by the rules in force, or by others that somebody thinks of. Rules that name what is gone give nothing. */
export async function previewMapping(tx: TenantTx, request: PreviewRequest): Promise<MappingPreview> {
  const rules = request.rules ?? (await selectMapping(tx)).rules;
  const met = metRules(rules, request, request.groups);
  const due = dueBy(met, await selectNamed(tx, met));
  const grants: DueGrant[] = [...due.grants];
  for (const groupId of due.groupIds) grants.push(...(await selectGrants(tx, { groupId })));
  const held = [];
  for (const { builtinRole, roleId, siteIds } of grants) {
    const permissions = roleId ? ((await selectRolePermissions(tx, roleId)) ?? []) : null;
    held.push({ builtinRole, permissions, siteIds });
  }
  return { rules: met, ...due, permissions: accessRecord(accessFrom(held)) };
}
