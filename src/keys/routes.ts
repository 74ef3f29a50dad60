import { type Principal, rotateSigningKey, type SealDeps, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { AppError, conflict } from "../platform/errors.ts";
import { defineRoute, type Route } from "../platform/route.ts";
import type { Keyring, MasterKey } from "./index.ts";
import { rotateDataKey } from "./index.ts";
import { keysAnswer, rotated, signed } from "./schema.ts";
import { selectKeys } from "./store.ts";

export type KeyRouteDeps = {
  pool: Pool;
  master: MasterKey;
  keyring: Keyring;
  /** Its signers are the key in use and, while keys.nextSigningKeyFile is configured, the one that follows. */
  seal: SealDeps;
};

/** The tenant's keys: never the keys, but which there are, and their change. */
export function keyRoutes(deps: KeyRouteDeps): Route<Principal>[] {
  const { pool, master, keyring } = deps;
  const rotate = { permission: "keys:rotate", rate: "settings", highStakes: "keys.rotate", wholeTenant: true } as const;
  return [
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/keys",
      summary: "Which keys the tenant has, newest first; never the keys.",
      permission: "ledger:read",
      rate: "general",
      response: keysAnswer,
      handler: async ({ principal }) => ({ body: { keys: await withTenant(pool, principal, selectKeys) } }),
    }),
    defineRoute<Principal>({
      method: "post",
      path: "/api/v1/keys/data/rotate",
      summary: "A new data key for what is sealed from now on; the older ones stay, to open what they sealed.",
      ...rotate,
      action: "tenant-key.created",
      response: rotated,
      handler: async ({ principal }) => {
        const version = await withTenant(pool, principal, (tx) => rotateDataKey(tx, master));
        keyring.forget(principal.tenantId);
        return { body: { version } };
      },
    }),
    defineRoute<Principal>({
      method: "post",
      path: "/api/v1/keys/signing/rotate",
      summary: "The tenant's checkpoints are signed by the next signing key from now on.",
      ...rotate,
      action: "ledger.key.rotated",
      response: signed,
      problems: [409],
      handler: async ({ principal }) => ({ body: { seq: await rotateSigning(deps, principal) } }),
    }),
  ];
}

async function rotateSigning({ seal }: KeyRouteDeps, principal: Principal): Promise<number> {
  const [current, next] = seal.signers;
  if (!current || !next) {
    throw conflict("there is no next signing key", {
      found: "no keys.nextSigningKeyFile in the configuration",
      expected: "an Ed25519 key there, loaded by app and worker",
      remedy: "make one with 'openssl genpkey -algorithm ed25519', configure it, restart, and try again",
    });
  }
  const { seq, sealed } = await rotateSigningKey({ ...seal, signers: [current] }, principal, next);
  if (sealed.ok) return seq;
  // The row stands: the sealer's next round seals it, or says loudly why it cannot.
  throw new AppError("conflict", "the key is changed, but the chain could not be sealed", {
    found: sealed.found,
    expected: sealed.expected,
    remedy: "look at the worker's log",
  });
}
