import type { NoticeDeps } from "../../identity/index.ts";
import type { Keyring } from "../../keys/index.ts";
import type { Pool } from "../../platform/db.ts";

export type CaseDeps = { pool: Pool; keyring: Keyring; notices: NoticeDeps };
