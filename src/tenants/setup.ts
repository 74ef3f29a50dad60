import { type Principal, type TenantTx, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { requireTenant } from "./settings.ts";
import { SETUP_STEPS, type SetupStep } from "./store.ts";
import { selectFirsts } from "./store-setup.ts";

/** What the setup asks of other features. */
export type SetupSources = {
  /** Active people who own the whole tenant, and how many of them cannot be signed in as with a password alone. */
  countOwners(tx: TenantTx): Promise<{ owners: number; safe: number }>;
  hasSaml(tx: TenantTx): Promise<boolean>;
  /** Whether the HTTPS certificate is still the one that the appliance made itself. */
  hasOwnMadeCertificate(): Promise<boolean>;
};

export type Setup = {
  steps: { step: SetupStep; done: boolean; skipped: boolean }[];
  open: boolean;
  siteId: string | null;
};

/** How far the tenant's first steps are: what is done follows from what there is, and what is undone again is open again. */
export async function readSetup(pool: Pool, principal: Principal, sources: SetupSources): Promise<Setup> {
  const isOwnMade = await sources.hasOwnMadeCertificate();
  return withTenant(pool, principal, async (tx) => {
    const { setupSkipped, setupDismissed } = await requireTenant(tx);
    const { owners, safe } = await sources.countOwners(tx);
    const { siteId, hasDevice } = await selectFirsts(tx);
    const done: Record<SetupStep, boolean> = {
      "second-factor": safe > 0,
      "second-owner": owners > 1,
      certificate: !isOwnMade,
      saml: await sources.hasSaml(tx),
      site: siteId !== null,
      device: hasDevice,
    };
    const steps = SETUP_STEPS.map((step) => ({ step, done: done[step], skipped: setupSkipped.includes(step) }));
    const open = !setupDismissed && steps.some((each) => !each.done && !each.skipped);
    return { steps, open, siteId };
  });
}
