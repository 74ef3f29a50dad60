import type { Queryable } from "../platform/db.ts";
import { AppError } from "../platform/errors.ts";
import type { MasterKey } from "./master-key.ts";
import { selectMasterFingerprints } from "./store.ts";

/** Boot check: refuses to start with a master key that did not wrap every tenant key of this database. */
export async function checkMasterKey(db: Queryable, master: MasterKey): Promise<void> {
  const foreign = (await selectMasterFingerprints(db)).filter((used) => used.fingerprint !== master.fingerprint);
  if (foreign.length === 0) return;
  const expected = foreign.map(({ fingerprint, keys }) => `${fingerprint} (${keys} tenant keys)`).join(" and ");
  throw new AppError("master-key-wrong", "this is not the master key of this database", {
    found: `master key ${master.fingerprint}`,
    expected: `master key ${expected}`,
    remedy: "put the right key into keys.masterKeyFile; never make a new one for a database that has tenants",
  });
}
