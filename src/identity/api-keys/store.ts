import type { TenantTx } from "../../audit/index.ts";
import type { Pool, Queryable } from "../../platform/db.ts";
import {
  byId,
  byText,
  byTime,
  byTimeOrNever,
  keyset,
  type ListOrder,
  type Page,
  type Placed,
} from "../../platform/sorted-list.ts";
import { accessRecord } from "../access/access.ts";
import type { HeldGrant } from "../access/store.ts";
import { effectiveAccess } from "./effective.ts";

export type ApiKey = {
  keyId: string;
  name: string;
  prefix: string;
  /** Which key it is, for people who compare; nobody makes a key from it. */
  fingerprint: string;
  permissions: string[];
  /** Null: all sites. */
  siteIds: string[] | null;
  ipAllowlist: string[] | null;
  corsOrigins: string[];
  version: number;
  madeBy: string;
  /** The person whose access limits it; null: the tenant's own. */
  limitedBy: string | null;
  /** What it can do now: of its permissions and sites what `limitedBy` has. */
  access: Record<string, "all" | string[]>;
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
  lastUsedAt: string | null;
};

const keyColumns = `
  k.key_id as "keyId", k.name, k.prefix, k.fingerprint, k.permissions, k.site_ids::text[] as "siteIds",
  k.ip_allowlist::text[] as "ipAllowlist", k.cors_origins as "corsOrigins", k.version, k.made_by as "madeBy",
  k.person_id as "limitedBy",
  ledger.timestamp_text(k.created_at) as "createdAt", ledger.timestamp_text(k.expires_at) as "expiresAt",
  ledger.timestamp_text(k.revoked_at) as "revokedAt", ledger.timestamp_text(u.last_used_at) as "lastUsedAt",
  case when k.person_id is not null then (
    select coalesce(json_agg(json_build_object('builtinRole', g.builtin_role, 'permissions', g.permissions, 'siteIds', g.site_ids)), '[]')
      from app.held_grants(k.tenant_id, k.person_id, false) g) end as held`;

const keysWithUse = "api_keys k left join api_key_use u on u.tenant_id = k.tenant_id and u.key_id = k.key_id";

type KeyRow = Omit<ApiKey, "access"> & { held: HeldGrant[] | null };

function toApiKey({ held, ...key }: KeyRow): ApiKey {
  return { ...key, access: accessRecord(effectiveAccess(key, held)) };
}

export type NewApiKeyRow = {
  name: string;
  prefix: string;
  fingerprint: string;
  hash: string;
  permissions: string[];
  siteIds: string[] | null;
  ipAllowlist: string[] | null;
  corsOrigins: string[];
  madeBy: string;
  limitedBy: string | null;
  expiresAt: string | null;
};

export async function insertKey(tx: TenantTx, key: NewApiKeyRow): Promise<string> {
  const { rows } = await tx.query<{ keyId: string }>(
    `insert into api_keys (tenant_id, name, prefix, fingerprint, hash, permissions, site_ids, ip_allowlist, cors_origins,
                           made_by, person_id, expires_at)
     values ($1::uuid, $2::text, $3::text, $4::text, $5::text, $6::text[], $7::uuid[], $8::cidr[], $9::text[],
             $10::text, $11::uuid, $12::timestamptz)
     returning key_id as "keyId"`,
    [
      tx.principal.tenantId,
      key.name,
      key.prefix,
      key.fingerprint,
      key.hash,
      key.permissions,
      key.siteIds,
      key.ipAllowlist,
      key.corsOrigins,
      key.madeBy,
      key.limitedBy,
      key.expiresAt,
    ],
  );
  return rows[0]!.keyId;
}

// Who has some sites sees the keys of those alone.
const inSites = "((select app.all_sites()) or k.site_ids <@ (select app.sites())::uuid[])";

export const KEY_ORDER: ListOrder = {
  id: byId("k.key_id"),
  keys: {
    name: byText("k.name"),
    createdAt: byTime("k.created_at"),
    expiresAt: byTimeOrNever("k.expires_at"),
    revokedAt: byTimeOrNever("k.revoked_at"),
    lastUsedAt: byTimeOrNever("u.last_used_at"),
  },
  first: "-createdAt",
};

/** Of a caller limited to sites those for these sites alone. */
export async function selectKeys(tx: TenantTx, page: Page): Promise<{ apiKeys: ApiKey[]; next: string | null }> {
  const { place, after, order, values, cut } = keyset(KEY_ORDER, page, 2);
  const { rows } = await tx.query<KeyRow & Placed>(
    `select ${keyColumns}, ${place}
       from ${keysWithUse}
      where k.tenant_id = $1::uuid and ${inSites}
        and ${after}
      order by ${order}`,
    [tx.principal.tenantId, ...values],
  );
  const { found, next } = cut("found", rows);
  return { apiKeys: found.map(toApiKey), next };
}

export async function selectKey(tx: TenantTx, keyId: string): Promise<ApiKey | undefined> {
  const { rows } = await tx.query<KeyRow>(
    `select ${keyColumns}
       from ${keysWithUse}
      where k.tenant_id = $1::uuid and k.key_id = $2::uuid`,
    [tx.principal.tenantId, keyId],
  );
  return rows[0] && toApiKey(rows[0]);
}

const mostShown = 100;

/** Those that have a permission, newest first. */
export async function selectKeysWith(tx: TenantTx, permission: string): Promise<ApiKey[]> {
  const { rows } = await tx.query<KeyRow>(
    `select ${keyColumns}
       from ${keysWithUse}
      where k.tenant_id = app.tenant() and $1::text = any(k.permissions)
      order by k.created_at desc, k.key_id desc
      limit $2::int`,
    [permission, mostShown],
  );
  return rows.map(toApiKey);
}

/** A key and what was made by it, by that, and so on: the ids of those that were not revoked before. */
export async function markKeysRevoked(tx: TenantTx, keyId: string): Promise<string[]> {
  const { rows } = await tx.query<{ keyId: string }>(
    `with recursive made as (
       select $2::uuid as key_id
       union
       select k.key_id from made m join api_keys k on k.tenant_id = $1::uuid and k.made_by = 'api-key ' || m.key_id)
     update api_keys k set revoked_at = clock_timestamp(), version = k.version + 1
       from made m
      where k.tenant_id = $1::uuid and k.key_id = m.key_id and k.revoked_at is null
      returning k.key_id as "keyId"`,
    [tx.principal.tenantId, keyId],
  );
  return rows.map((row) => row.keyId);
}

/** Ends a key `hours` from now, unless it ends earlier. */
export async function shortenKey(tx: TenantTx, keyId: string, hours: number): Promise<void> {
  await tx.query(
    `update api_keys
        set expires_at = least(coalesce(expires_at, 'infinity'), clock_timestamp() + make_interval(hours => $3::int)),
            version = version + 1
      where tenant_id = $1::uuid and key_id = $2::uuid`,
    [tx.principal.tenantId, keyId, hours],
  );
}

export type KeyForUse = {
  tenantId: string;
  keyId: string;
  fingerprint: string;
  hash: string;
  version: number;
  permissions: string[];
  siteIds: string[] | null;
  ipAllowlist: string[] | null;
  corsOrigins: string[];
  revoked: boolean;
  expired: boolean;
  /** What the person behind it holds now, as JSON of HeldGrant[]; null: the tenant's own key. */
  held: string | null;
};

/** Before the tenant is known: every request with a key begins with it. */
export async function selectKeysForUse(pool: Pool, fingerprints: readonly string[]): Promise<KeyForUse[]> {
  const { rows } = await pool.query<KeyForUse>({
    name: "api-keys-for-use",
    text: `select tenant_id as "tenantId", key_id as "keyId", fingerprint, hash, version, permissions, site_ids::text[] as "siteIds",
            ip_allowlist as "ipAllowlist", cors_origins as "corsOrigins", revoked, expired, held
       from app.api_keys_for_use($1::text[])`,
    values: [fingerprints],
  });
  return rows;
}

/** Whether any live key of any tenant names this origin. */
export async function isCorsOrigin(db: Queryable, origin: string): Promise<boolean> {
  const { rows } = await db.query<{ named: boolean }>("select app.is_cors_origin($1::text) as named", [origin]);
  return rows[0]!.named;
}

export async function noteUse(tx: TenantTx, keyId: string): Promise<void> {
  await tx.query(
    `insert into api_key_use (tenant_id, key_id, last_used_at) values ($1::uuid, $2::uuid, clock_timestamp())
     on conflict (tenant_id, key_id) do update set last_used_at = excluded.last_used_at`,
    [tx.principal.tenantId, keyId],
  );
}

/** Of these sites, those that the bound principal can see. */
export async function countSites(tx: TenantTx, siteIds: string[]): Promise<number> {
  const { rows } = await tx.query<{ found: number }>(
    "select count(*)::int as found from sites where tenant_id = $1::uuid and site_id = any($2::uuid[])",
    [tx.principal.tenantId, siteIds],
  );
  return rows[0]!.found;
}
