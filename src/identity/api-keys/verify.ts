import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from "node:crypto";
import argon2 from "argon2";
import ipaddr from "ipaddr.js";
import { type Principal, withTenant } from "../../audit/index.ts";
import type { Pool } from "../../platform/db.ts";
import type { Access } from "../access/access.ts";
import { effectiveAccess } from "./effective.ts";
import { fingerprintApiKey, parseApiKey } from "./format.ts";
import { createLimiter } from "./limiter.ts";
import { createRowReader } from "./row-reader.ts";
import { type KeyForUse, noteUse, selectKeysForUse } from "./store.ts";

export type VerifiedApiKey =
  | { ok: true; principal: Principal; access: Access; corsOrigins: string[] }
  | { ok: false; reason: "malformed" | "unknown" | "revoked" | "expired" | "address" };

export type ApiKeyVerifier = {
  /** Throws AppError `busy` when too many keys wait for argon2: answer 503. `address` is the true client's. */
  verify(key: string, request: { address: string; correlation: string }): Promise<VerifiedApiKey>;
};

const cacheMs = 60_000;
const maxCached = 10_000;
const useEveryMs = 60_000;

export type VerifierOptions = {
  pool: Pool;
  pepper: string;
  now?: () => number;
  /** How many argon2 run at once, and how many more may wait. */
  concurrency?: number;
  queue?: number;
};

/**
 * Verifies API keys. The row, and what the person behind it holds, are read on every request, so that revocation, expiry, permissions,
 * sites, addresses and the person's own access hold at once; only the success of argon2 is kept, for 60 s, under an HMAC that this
 * process alone can make, and the row's version.
 */
export function createApiKeyVerifier(options: VerifierOptions): ApiKeyVerifier {
  const { pool, pepper, now = Date.now } = options;
  // A key object: with a bare buffer Node takes five times as long for an HMAC.
  const processKey = createSecretKey(randomBytes(32));
  const verified = new Map<string, number>();
  const flights = new Map<string, Promise<boolean>>();
  const lastUse = new Map<string, number>();
  const reckoned = new Map<string, { from: string; access: Access }>();
  const rows = createRowReader((fingerprints) => selectKeysForUse(pool, fingerprints));
  const limit = createLimiter({ concurrency: options.concurrency ?? 2, queue: options.queue ?? 64 });

  const matches = async (key: string, row: KeyForUse): Promise<boolean> => {
    const name = createHmac("sha256", processKey).update(`${row.version}\n${row.hash}\n${key}`).digest("base64");
    if ((verified.get(name) ?? 0) > now()) return true;
    // Many requests with one key cost one argon2.
    const flight = flights.get(name) ?? limit(() => argon2.verify(row.hash, key));
    flights.set(name, flight);
    try {
      const good = await flight;
      if (good) remember(verified, name, now() + cacheMs);
      return good;
    } finally {
      if (flights.get(name) === flight) flights.delete(name);
    }
  };
  // The same rows give the same access: it is kept beside what it was made from, and used for nothing else.
  const accessOfKey = (row: KeyForUse): Access => {
    if (row.held === null) return effectiveAccess(row, null);
    const from = `${row.permissions} ${row.siteIds} ${row.held}`;
    const known = reckoned.get(row.keyId);
    if (known?.from === from) return known.access;
    const access = effectiveAccess(row, JSON.parse(row.held));
    remember(reckoned, row.keyId, { from, access });
    return access;
  };
  return {
    async verify(key, { address, correlation }) {
      if (!parseApiKey(key)) return { ok: false, reason: "malformed" };
      const fingerprint = fingerprintApiKey(pepper, key);
      const row = await rows.read(fingerprint);
      if (!row || !timingSafeEqual(Buffer.from(row.fingerprint), Buffer.from(fingerprint))) {
        return { ok: false, reason: "unknown" };
      }
      const { tenantId, keyId } = row;
      const actor = { type: "api-key", id: keyId } as const;
      const principal: Principal = { tenantId, actor, via: "api", correlation, sites: [] };
      const isUseDue = (lastUse.get(keyId) ?? 0) + useEveryMs <= now();
      if (row.revoked) return { ok: false, reason: "revoked" };
      if (row.expired) return { ok: false, reason: "expired" };
      if (row.ipAllowlist && !isAllowed(address, row.ipAllowlist)) return { ok: false, reason: "address" };
      if (!(await matches(key, row))) return { ok: false, reason: "unknown" };
      if (isUseDue) {
        remember(lastUse, keyId, now());
        await withTenant(pool, principal, (tx) => noteUse(tx, keyId));
      }
      return { ok: true, principal, access: accessOfKey(row), corsOrigins: row.corsOrigins };
    },
  };
}

/** Newest last; the oldest goes when there are too many. */
function remember<V>(map: Map<string, V>, name: string, value: V): void {
  map.delete(name);
  map.set(name, value);
  const [oldest] = map.keys();
  if (map.size > maxCached && oldest !== undefined) map.delete(oldest);
}

function isAllowed(address: string, networks: string[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  // An IPv4 client of a dual-stack socket shows as ::ffff:10.1.2.3.
  const client = ipaddr.process(address);
  return networks.some((network) => {
    const [base, prefix] = ipaddr.parseCIDR(network);
    return base.kind() === client.kind() && client.match(base, prefix);
  });
}
