import type { TenantTx } from "../../audit/index.ts";
import { groupType, userType } from "./attributes.ts";
import { MOST_RESULTS } from "./discovery.ts";
import { type Base, groupResource, listResponse, project, readProjection, shows, userResource } from "./present.ts";
import { groupQuery, userQuery } from "./query.ts";
import { countScimUsers, selectScimUsers } from "./store.ts";
import { countScimGroups, type ScimMember, selectScimGroups, selectScimMembers } from "./store-groups.ts";

export type ListQuery = {
  filter?: string;
  startIndex?: number;
  count?: number;
  attributes?: string;
  excludedAttributes?: string;
};

const USUAL_COUNT = 100;
/** So that a page of large groups stays an answer and no flood. */
const MOST_MEMBERS = 20_000;

/** RFC 7644 section 3.4.2.4: below 1 is the first resource, below 0 is none. */
function pageOf({ startIndex = 1, count = USUAL_COUNT }: ListQuery): {
  startIndex: number;
  skip: number;
  take: number;
} {
  const first = Math.max(1, startIndex);
  return { startIndex: first, skip: first - 1, take: Math.min(Math.max(0, count), MOST_RESULTS) };
}

export async function listUserResources(tx: TenantTx, asked: ListQuery, base: Base): Promise<object> {
  const projection = readProjection(userType, asked);
  const query = userQuery(userType, asked.filter);
  const { startIndex, ...page } = pageOf(asked);
  const totalResults = query ? await countScimUsers(tx, query) : 0;
  const rows = query && page.take > 0 && totalResults > page.skip ? await selectScimUsers(tx, query, page) : [];
  const resources = rows.map((row) => project(userType, userResource(row, base), projection));
  return listResponse(resources, { startIndex, totalResults });
}

/** A page ends early where its groups have very many members; `itemsPerPage` says so. */
export async function listGroupResources(tx: TenantTx, asked: ListQuery, base: Base): Promise<object> {
  const projection = readProjection(groupType, asked);
  const query = groupQuery(groupType, asked.filter);
  const { startIndex, ...page } = pageOf(asked);
  const totalResults = query ? await countScimGroups(tx, query) : 0;
  const found = query && page.take > 0 && totalResults > page.skip ? await selectScimGroups(tx, query, page) : [];
  const withMembers = shows(projection, "members");
  const rows = withMembers ? found.slice(0, fitting(found)) : found;
  const members = withMembers
    ? await membersByGroup(
        tx,
        rows.map(({ groupId }) => groupId),
      )
    : new Map();
  const resources = rows.map((row) =>
    project(groupType, groupResource(row, members.get(row.groupId) ?? [], base), projection),
  );
  return listResponse(resources, { startIndex, totalResults });
}

function fitting(rows: readonly { members: number }[]): number {
  let total = 0;
  const over = rows.findIndex(({ members }, index) => {
    total += members;
    return index > 0 && total > MOST_MEMBERS;
  });
  return over < 0 ? rows.length : over;
}

async function membersByGroup(tx: TenantTx, groupIds: readonly string[]): Promise<Map<string, ScimMember[]>> {
  const members = new Map<string, ScimMember[]>();
  if (groupIds.length === 0) return members;
  for (const member of await selectScimMembers(tx, groupIds)) {
    const list = members.get(member.groupId) ?? [];
    list.push(member);
    members.set(member.groupId, list);
  }
  return members;
}
