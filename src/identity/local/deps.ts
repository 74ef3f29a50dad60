import type { Principal, TenantTx } from "../../audit/index.ts";
import type { Pool } from "../../platform/db.ts";
import type { MfaDeps } from "../mfa/deps.ts";
import type { PasswordHasher } from "./password-hash.ts";

/** What a person is told outside the browser: by notice in the console, and by mail where there is SMTP. */
export type AccountNotice = "password-changed" | "password-reset" | "factors-reset" | "break-glass";

export type SignInDeps = MfaDeps & {
  pool: Pool;
  passwords: PasswordHasher;
  /** Whether everybody but local owners must come through the identity provider. */
  isSsoEnforced(tx: TenantTx): Promise<boolean>;
  /** In the transaction of what is told. */
  notify?(tx: TenantTx, userId: string, notice: AccountNotice): Promise<void>;
};

/** Who knocks. */
export type Knock = { tenantId: string; address: string; userAgent: string; correlation: string };

/** Before it is known who knocks, the appliance itself acts. */
export const knocking = ({ tenantId, correlation }: Knock): Principal => ({
  tenantId,
  actor: { type: "system", id: "sign-in" },
  via: "web",
  correlation,
  sites: [],
});
