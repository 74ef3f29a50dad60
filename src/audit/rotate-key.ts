import { AppError } from "../platform/errors.ts";
import { toHex } from "../record/bytes.ts";
import { checkpointOrigin } from "../record/checkpoint.ts";
import type { Ed25519Signer } from "../record/ed25519.ts";
import { ed25519Type, noteKeyId } from "../record/note.ts";
import { type SealDeps, type SealOutcome, sealChain } from "./seal.ts";
import { readHead } from "./store-chain.ts";
import { appendRotation } from "./store-keys.ts";
import { type Principal, withTenant } from "./with-tenant.ts";

/**
 * Changes the signing key of one chain: appends `ledger.key.rotated`, then seals it with the old key, so that a checkpoint of the
 * old key covers the row. From then on the sealer signs with `next`: configure it in keys.signingKeyFile.
 * `deps.signers` ends with the key in use.
 */
export async function rotateSigningKey(
  deps: SealDeps,
  principal: Principal,
  next: Ed25519Signer,
): Promise<{ seq: number; sealed: SealOutcome }> {
  const old = deps.signers.at(-1);
  if (!old) throw new AppError("invalid", "no signing key to rotate from", { remedy: "configure keys.signingKeyFile" });
  const { tenantId: tenant } = principal;
  const seq = await withTenant(deps.pool, principal, async (tx) => {
    const head = await readHead(tx, tenant);
    if (!head)
      throw new AppError("chain-damaged", `tenant ${tenant} has no chain head`, { remedy: "restore the database" });
    const origin = checkpointOrigin({ appliance: deps.appliance, tenant, epoch: head.epoch });
    const keyId = toHex(noteKeyId(origin, ed25519Type, next.publicKey));
    return appendRotation(tx, principal, { oldKey: old.publicKey, newKey: next.publicKey, keyId });
  });
  const sealed = await sealChain({ ...deps, signers: [...deps.signers, next] }, tenant);
  return { seq, sealed };
}
