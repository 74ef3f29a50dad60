import type { TenantTx } from "../audit/index.ts";
import type { Access } from "../identity/index.ts";
import { isUuid } from "../record/text.ts";
import { type Names, type NameWish, selectNames } from "./store-names.ts";

export type Ref = { type: string; id: string };

/** What asks for which permission, over all sites: the ledger is read over all of them. */
const asks = {
  user: ["users", "access:read"],
  group: ["groups", "access:read"],
  "api-key": ["keys", "api-keys:read"],
  device: ["devices", "devices:read"],
  site: ["sites", "sites:read"],
} as const satisfies Record<string, readonly [keyof NameWish, string]>;

const isNamed = (type: string): type is keyof typeof asks => Object.hasOwn(asks, type);

/** What these are called, as far as the reader may see such things anyway. */
export async function namesOf(
  tx: TenantTx,
  access: Access,
  refs: readonly Ref[],
): Promise<(ref: Ref) => string | null> {
  const wish: Record<keyof NameWish, Set<string>> = {
    users: new Set(),
    groups: new Set(),
    keys: new Set(),
    devices: new Set(),
    sites: new Set(),
  };
  for (const { type, id } of refs) {
    if (!isNamed(type) || !isUuid(id)) continue;
    const [kind, permission] = asks[type];
    if (access.get(permission) === "all") wish[kind].add(id);
  }
  const lists = Object.fromEntries(Object.entries(wish).map(([kind, ids]) => [kind, [...ids]])) as unknown as NameWish;
  const isEmpty = Object.values(lists).every((ids) => ids.length === 0);
  const names: Names = isEmpty ? new Map() : await selectNames(tx, lists);
  return ({ type, id }) => names.get(`${type} ${id}`) ?? null;
}
