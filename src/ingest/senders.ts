import type { Queryable } from "../platform/db.ts";
import { findSenders } from "./store.ts";

export type KnownSender = {
  tenantId: string;
  deviceId: string;
  /** Username and password: MQTT 3.1.1 too. */
  plain: boolean;
};

/**
 * Whose topics `<name>/…` are: `v1/<device uuid>`, or `v1x/<common name>` of a certificate of the customer's CA. The broker's
 * ACL ties the name to the certificate; the tenant is the database's word.
 */
export type Senders = { resolve(names: Iterable<string>): Promise<Map<string, KnownSender | null>> };

const unknownForMs = 5_000;
const knownForMs = 60_000;
const mostKept = 100_000;

/** A device never changes its tenant; a common name may be given to another device, so what is known is asked again. */
export function createSenders(db: Queryable, clock: () => number = () => performance.now()): Senders {
  const cache = new Map<string, { sender: KnownSender | null; until: number }>();
  return {
    async resolve(names) {
      const now = clock();
      const found = new Map<string, KnownSender | null>();
      const asked: string[] = [];
      for (const name of new Set(names)) {
        const kept = cache.get(name);
        if (kept && kept.until > now) found.set(name, kept.sender);
        else asked.push(name);
      }
      if (asked.length === 0) return found;
      if (cache.size > mostKept) cache.clear();
      const rows = await findSenders(db, asked);
      for (const name of asked) {
        const row = rows.find((each) => each.name === name);
        const sender = row ? { tenantId: row.tenantId, deviceId: row.deviceId, plain: row.plain } : null;
        cache.set(name, { sender, until: now + (sender ? knownForMs : unknownForMs) });
        found.set(name, sender);
      }
      return found;
    },
  };
}
