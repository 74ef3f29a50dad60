import type { Principal } from "../../audit/index.ts";
import type { Pool } from "../../platform/db.ts";
import type { MfaDeps } from "../mfa/deps.ts";
import type { EnterDeps } from "../mfa/pending.ts";
import type { PasswordHasher } from "./password-hash.ts";

export type SignInDeps = MfaDeps & EnterDeps & { pool: Pool; passwords: PasswordHasher };

/** Who knocks. */
export type Knock = {
  tenantId: string;
  address: string;
  userAgent: string;
  correlation: string;
  /** The browser's own token (anomalies/places.ts). */
  device?: string;
};

/** Before it is known who knocks, the appliance itself acts. */
export const knocking = ({ tenantId, correlation }: Knock): Principal => ({
  tenantId,
  actor: { type: "system", id: "sign-in" },
  via: "web",
  correlation,
  sites: [],
});
