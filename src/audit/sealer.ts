import { describeError } from "../platform/errors.ts";
import { type SealDeps, type SealOutcome, sealChain } from "./seal.ts";
import { listTenantIds } from "./store.ts";
import { requireWitnessDirectory } from "./witness.ts";

export type SealerDeps = SealDeps & {
  seconds: number;
  /** For metrics: called for each chain of each round. */
  onOutcome?: (tenantId: string, outcome: SealOutcome) => void;
};

/**
 * Seals every chain once. One that is refused, or fails, does not keep the others from it; a witness directory that is not
 * there keeps all from it, since nothing can be proven consistent with what cannot be read.
 */
export async function sealAll(
  deps: SealerDeps,
  options: { onProgress?: (done: number, total: number) => void; signal?: AbortSignal } = {},
): Promise<Map<string, SealOutcome>> {
  for (const directory of deps.witnessDirectories) await requireWitnessDirectory(directory);
  const tenants = await listTenantIds(deps.pool as never);
  const outcomes = new Map<string, SealOutcome>();
  for (const [done, tenantId] of tenants.entries()) {
    if (options.signal?.aborted) break;
    const outcome = await sealChain(deps, tenantId).catch(
      (error): SealOutcome => ({
        ok: false,
        found: describeError(error),
        expected: "a chain that can be read and a witness that can be written",
      }),
    );
    if (!outcome.ok) {
      const { found, expected, first } = outcome;
      deps.log.error({ tenantId, found, expected, first }, "sealing stopped: the chain is not what was witnessed");
    } else if (outcome.sealed) deps.log.debug({ tenantId, size: outcome.size }, "chain sealed");
    deps.onOutcome?.(tenantId, outcome);
    outcomes.set(tenantId, outcome);
    options.onProgress?.(done + 1, tenants.length);
  }
  return outcomes;
}

/** Seals now and then every `seconds`. `stop` waits for the chain that is being sealed. */
export async function startSealer(deps: SealerDeps): Promise<{ stop(): Promise<void> }> {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let round = Promise.resolve();
  const run = (): void => {
    const began = Date.now();
    round = sealAll(deps, { signal: stopping.signal })
      .then(() => {})
      .catch((error) => deps.log.error({ error: describeError(error) }, "sealing round failed"))
      .finally(() => {
        if (stopping.signal.aborted) return;
        timer = setTimeout(run, Math.max(0, deps.seconds * 1000 - (Date.now() - began)));
      });
  };
  run();
  return {
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await round;
    },
  };
}
