import { appendRow, lockChainHead, type TenantTx } from "../../audit/index.ts";
import { conflict, forbidden, invalid, notFound } from "../../platform/errors.ts";
import type { Page } from "../../platform/sorted-list.ts";
import { countSites } from "../api-keys/store.ts";
import { selectGroup } from "../people/store-groups.ts";
import { selectUser } from "../people/store-users.ts";
import { type Access, lacking } from "./access.ts";
import { type AnyBuiltinRole, BUILTIN_ROLES } from "./roles.ts";
import {
  countLocalOwners,
  type Grant,
  insertGrant,
  markGrantRevoked,
  selectGrantPage,
  selectGrants,
  selectRolePermissions,
} from "./store.ts";

export type NewGrant = {
  to: { userId: string } | { groupId: string };
  role: { builtin: AnyBuiltinRole } | { roleId: string };
  /** Null: all sites. */
  siteIds: readonly string[] | null;
  expiresAt: string | null;
  origin?: Grant["origin"];
};

/**
 * Gives a role. `giver` is what the giving person or key may do, and limits what can be given; null for the appliance itself
 * (setup, a directory's mapping that was itself checked).
 */
export async function grantRole(tx: TenantTx, giver: Access | null, wanted: NewGrant): Promise<Grant> {
  const { role, to, expiresAt, origin = "manual" } = wanted;
  const siteIds = wanted.siteIds && [...new Set(wanted.siteIds)].sort();
  if (siteIds?.length === 0)
    throw invalid("a grant needs a site", { found: "none", expected: "sites, or null for all" });
  if (siteIds && (await countSites(tx, siteIds)) !== siteIds.length) throw notFound("site");
  const permissions =
    "builtin" in role ? [...BUILTIN_ROLES[role.builtin]] : await selectRolePermissions(tx, role.roleId);
  if (!permissions) throw notFound("role");
  const more = giver ? lacking(giver, permissions, siteIds) : [];
  if (more.length > 0) throw forbidden(`nobody can give what he does not have: ${more.join(", ")}`);
  await requireGrantee(tx, to);
  const grant = await insertGrant(tx, {
    userId: "userId" in to ? to.userId : null,
    groupId: "groupId" in to ? to.groupId : null,
    builtinRole: "builtin" in role ? role.builtin : null,
    roleId: "roleId" in role ? role.roleId : null,
    siteIds,
    origin,
    expiresAt,
  });
  await appendRow(tx, {
    action: "access.granted",
    entity: { type: "grant", id: grant.grantId },
    units: [{ name: "change", content: JSON.stringify({ after: grant }) }],
  });
  return grant;
}

/** Who has some sites sees grants over those, and over all. */
export const isSeen = ({ principal: { sites } }: TenantTx, { siteIds }: Pick<Grant, "siteIds">): boolean =>
  sites === "all" || (siteIds?.every((site) => sites.includes(site)) ?? true);

/**
 * Grants that hold now, of all, of a user or of a group; newest first. Who sees some sites may get fewer than a page's limit.
 */
export async function listGrants(
  tx: TenantTx,
  filter: { userId?: string | undefined; groupId?: string | undefined },
  page: Page,
): Promise<{ grants: Grant[]; next: string | null }> {
  const { grants, next } = await selectGrantPage(tx, filter, page);
  return { grants: grants.filter((grant) => isSeen(tx, grant)), next };
}

/** Whether a role lets somebody decide on other people's requests. */
export async function givesDeciding(tx: TenantTx, role: NewGrant["role"]): Promise<boolean> {
  if ("builtin" in role) return BUILTIN_ROLES[role.builtin].has("approvals:decide");
  return (await selectRolePermissions(tx, role.roleId))?.includes("approvals:decide") ?? false;
}

/** Takes a role back, from the next request on. The last local owner stays: somebody must be able to get in. */
export async function revokeGrant(tx: TenantTx, giver: Access | null, grantId: string): Promise<void> {
  const [grant] = await selectGrants(tx, { grantId });
  if (!grant) throw notFound("grant");
  const permissions = grant.builtinRole
    ? [...BUILTIN_ROLES[grant.builtinRole]]
    : ((await selectRolePermissions(tx, grant.roleId!)) ?? []);
  const more = giver ? lacking(giver, permissions, grant.siteIds) : [];
  if (more.length > 0) throw forbidden(`nobody can take what he does not have: ${more.join(", ")}`);
  await keepingAnOwner(tx, () => markGrantRevoked(tx, grantId));
  await appendRow(tx, {
    action: "access.revoked",
    entity: { type: "grant", id: grantId },
    units: [{ name: "change", content: JSON.stringify({ before: grant }) }],
  });
}

async function requireGrantee(tx: TenantTx, to: NewGrant["to"]): Promise<void> {
  if ("userId" in to && !(await selectUser(tx, to))) throw notFound("user");
  if ("groupId" in to && !(await selectGroup(tx, to.groupId))) throw notFound("group");
}

/**
 * Runs a change that may take the last local owner, and refuses it with `conflict` if it does. A tenant that never had one
 * (worked by API keys and a directory alone) is not held to it.
 */
export async function keepingAnOwner<T>(tx: TenantTx, change: () => Promise<T>): Promise<T> {
  const before = await countLocalOwners(tx);
  const result = await change();
  const after = await countLocalOwners(tx);
  if (before === 0 || after >= before) return result;
  // Another owner may be going at the same time: one after the other, and who comes second counts again.
  await lockChainHead(tx);
  if ((await countLocalOwners(tx)) > 0) return result;
  throw conflict("this would leave no local owner", {
    found: "no other active local account that is owner over all sites for good",
    expected: "at least one",
    remedy: "make another local account owner first",
  });
}
