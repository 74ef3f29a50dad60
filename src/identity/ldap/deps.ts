import type { TenantTx } from "../../audit/index.ts";
import type { Pool } from "../../platform/db.ts";
import type { IdentityDeps } from "../deps.ts";
import type { ResolveHost } from "./connect.ts";

export type LdapDeps = IdentityDeps & {
  pool: Pool;
  /** Under the tenant's data key (keys/). */
  keyring: {
    seal(tx: TenantTx, context: string, plaintext: Uint8Array): Promise<Buffer>;
    unseal(tx: TenantTx, context: string, sealed: Uint8Array): Promise<Buffer>;
  };
  /** Through the guard of what leaves the appliance. */
  resolveHost: ResolveHost;
};
