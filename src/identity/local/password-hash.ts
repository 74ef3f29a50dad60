import { randomBytes } from "node:crypto";
import argon2 from "argon2";
import { createLimiter } from "../api-keys/limiter.ts";

/** argon2id, RFC 9106: 64 MiB, three passes. */
export const PASSWORD_HASH = { type: argon2.argon2id, memoryCost: 65_536, timeCost: 3, parallelism: 1 } as const;

export type PasswordHasher = {
  /** Throws AppError `busy` when too many wait, as `verify` does. */
  hash(password: string): Promise<string>;
  /** Without a hash (nobody has that name, or no password yet) it works as long and answers false. */
  verify(hash: string | undefined, password: string): Promise<boolean>;
};

/**
 * Each argon2 takes 64 MiB: at most `concurrency` run at once and `queue` wait, whoever asks, so that sign-ins cannot use up the
 * memory of the appliance.
 */
export function createPasswordHasher({ concurrency = 2, queue = 32 } = {}): PasswordHasher {
  const limit = createLimiter({ concurrency, queue, what: "passwords" });
  const nobodys = argon2.hash(randomBytes(32), PASSWORD_HASH);
  return {
    hash: (password) => limit(() => argon2.hash(password.normalize("NFKC"), PASSWORD_HASH)),
    async verify(hash, password) {
      const against = hash ?? (await nobodys);
      const matches = await limit(() => argon2.verify(against, password.normalize("NFKC")));
      return matches && hash !== undefined;
    },
  };
}
