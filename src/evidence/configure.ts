import { join } from "node:path";
import { type SealDeps, sealChain } from "../audit/index.ts";
import type { NoticeDeps } from "../identity/index.ts";
import type { Keyring } from "../keys/index.ts";
import type { ObjectStore } from "../objects/index.ts";
import { systemClock } from "../platform/clock.ts";
import type { Config } from "../platform/config.ts";
import { AppError } from "../platform/errors.ts";
import type { Trust } from "../record/scope.ts";
import { type CmsSigner, loadCmsSigner } from "./cms.ts";
import type { EvidenceDeps } from "./run.ts";

const keepDays = 30;

/** The keys that an auditor checks this appliance's bundles against. */
export function trustOf(config: Pick<Config, "appliance">, seal: Pick<SealDeps, "signers">, signer: CmsSigner): Trust {
  return {
    appliance: config.appliance.id,
    ed25519: seal.signers.map(({ publicKey }) => publicKey),
    cmsSha256: [signer.fingerprint],
  };
}

/** What making bundles needs, from the configuration. Each bundle is checked under the appliance's own keys before it is handed over. */
export async function configureEvidence(
  config: Pick<Config, "appliance" | "keys">,
  parts: { keyring: Keyring; objects: ObjectStore; seal: SealDeps; notices?: NoticeDeps },
): Promise<EvidenceDeps> {
  const { keyring, objects, seal, notices } = parts;
  const signer = await loadCmsSigner(config.keys.cmsKeyFile, config.keys.cmsCertFile);
  return {
    pool: seal.pool,
    keyring,
    objects,
    ...(notices && { notices }),
    signer,
    trust: trustOf(config, seal, signer),
    async seal(tenantId) {
      const outcome = await sealChain(seal, tenantId);
      if (!outcome.ok) {
        const { found, expected } = outcome;
        const remedy = "run 'ledgerstone verify' and look into the witness before anything is exported";
        throw new AppError("chain-refused", "the chain is not what was witnessed", { found, expected, remedy });
      }
    },
    clock: systemClock,
    directory: join(config.appliance.dataDir, "exports"),
    keepDays,
  };
}
