import type { NoticeDeps } from "../identity/index.ts";
import type { Keyring } from "../keys/index.ts";
import type { ObjectStore } from "../objects/index.ts";
import type { Pool } from "../platform/db.ts";
import type { Logger } from "../platform/logger.ts";

/** A row's place in a checkpoint that a witness keeps. */
export type RowProof = {
  /** The signed note, whole. */
  checkpoint: string;
  /** RFC 6962 inclusion path of the row, base64, the leaf's sibling first. */
  path: string[];
};

export type RetentionDeps = {
  app: Pool;
  keyring: Keyring;
  /** How people are told, and found as subjects. */
  notices: NoticeDeps;
  executor: Pool;
  objects: ObjectStore;
  journal: { directory: string };
  partitionDaysAhead: number;
  /** Undefined until a witnessed checkpoint covers the row. */
  proveRow(tenantId: string, seq: number): Promise<RowProof | undefined>;
  log: Logger;
};
