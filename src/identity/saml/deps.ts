import type { TenantTx } from "../../audit/index.ts";
import type { Pool } from "../../platform/db.ts";
import type { IdentityDeps } from "../deps.ts";
import type { Validator } from "./validator.ts";

export type SamlDeps = IdentityDeps & {
  pool: Pool;
  /** What providers are told of us. */
  publicUrl: string;
  /** Under the tenant's data key (keys/). */
  keyring: {
    seal(tx: TenantTx, context: string, plaintext: Uint8Array): Promise<Buffer>;
    unseal(tx: TenantTx, context: string, sealed: Uint8Array): Promise<Buffer>;
  };
  validator: Validator;
  /** The text of a document outside, through the one client for what leaves the appliance. */
  fetchText(url: string): Promise<string>;
};
