import { type Principal, type TenantTx, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { conflict, notFound } from "../platform/errors.ts";
import { withForecast } from "./forecast.ts";
import { type PolicyInput, policySchema } from "./schema.ts";
import {
  callSetPolicy,
  type Policy,
  type SiteDay,
  selectCoolingOffHours,
  selectDueUnder,
  selectPolicies,
  selectPolicyInForce,
} from "./store.ts";

/** What a site keeps unless somebody decides otherwise. */
export const defaultPolicy = { imageDays: 30, eventDays: 90 } as const;

/**
 * A new version of a site's policy. Shortening takes effect after the tenant's cooling-off, lengthening at once. A new site's
 * first version is made with it, in the caller's transaction.
 */
export async function setPolicy(
  tx: TenantTx,
  siteId: string,
  input: PolicyInput = defaultPolicy,
): Promise<{ version: number; seq: number; effectiveAt: string }> {
  const { imageDays, eventDays, reason } = policySchema.parse(input);
  const before = await selectPolicyInForce(tx, siteId);
  const detail = JSON.stringify({
    before: before ? { imageDays: before.imageDays, eventDays: before.eventDays } : null,
    after: { imageDays, eventDays },
    ...(reason ? { reason } : {}),
  });
  return withForecast(tx, () => callSetPolicy(tx, siteId, { imageDays, eventDays, detail }));
}

/** Cancels a change that is still in its cooling-off: a new version with the values in force. */
export async function cancelPendingPolicy(
  pool: Pool,
  principal: Principal,
  siteId: string,
): Promise<{ version: number }> {
  return withTenant(pool, principal, async (tx) => {
    const { inForce, pending } = await readPolicies(tx, siteId);
    if (!pending) throw conflict(`site ${siteId} has no pending policy`, { remedy: "nothing to cancel" });
    return setPolicy(tx, siteId, {
      imageDays: inForce.imageDays,
      eventDays: inForce.eventDays,
      reason: `cancels version ${pending.version}`,
    });
  });
}

export type KeptTimes = {
  /** Nothing is kept longer than this after its receipt. */
  atMostHours: number;
  /** Nothing is erased before this after its receipt. */
  atLeastDays: number;
};

/** Whole UTC days are erased, at UTC midnight: N days keep at most N × 24 hours, and at least N-1 days. */
export function keptTimes(days: number): KeptTimes {
  return { atMostHours: days * 24, atLeastDays: days - 1 };
}

export type SiteRetention = {
  inForce: Policy & { images: KeptTimes; events: KeptTimes };
  /** Decided, still in its cooling-off. */
  pending: Policy | null;
  history: Policy[];
};

export async function getRetention(pool: Pool, principal: Principal, siteId: string): Promise<SiteRetention> {
  return withTenant(pool, principal, (tx) => readRetention(tx, siteId));
}

export async function readRetention(tx: TenantTx, siteId: string): Promise<SiteRetention> {
  const { inForce, pending, history } = await readPolicies(tx, siteId);
  const images = keptTimes(inForce.imageDays);
  return { inForce: { ...inForce, images, events: keptTimes(inForce.eventDays) }, pending: pending ?? null, history };
}

async function readPolicies(tx: TenantTx, siteId: string) {
  const history = await selectPolicies(tx, siteId);
  const inForce = await selectPolicyInForce(tx, siteId);
  if (!inForce) throw notFound(`policy of site ${siteId}`);
  const newest = history[0];
  return { history, inForce, pending: newest && newest.version > inForce.version ? newest : undefined };
}

/** Whether these days are fewer than those in force, of events or of images. */
export async function shortens(pool: Pool, principal: Principal, siteId: string, input: PolicyInput): Promise<boolean> {
  const { inForce } = await withTenant(pool, principal, (tx) => readPolicies(tx, siteId));
  return isShorter(input, inForce);
}

const isShorter = (wanted: PolicyInput, { imageDays, eventDays }: Policy): boolean =>
  wanted.imageDays < imageDays || wanted.eventDays < eventDays;

export type PolicyPreview = {
  shortens: boolean;
  /** Hours until it would take effect. */
  coolingOffHours: number;
  days: SiteDay[];
  total: { days: number; events: number; images: number; bytes: number; heldDays: number };
  images: KeptTimes;
  events: KeptTimes;
};

/** What a change would erase when it takes effect, beyond what the policy in force erases by then; and what holds keep of it. */
export async function previewPolicy(
  pool: Pool,
  principal: Principal,
  siteId: string,
  input: PolicyInput,
): Promise<PolicyPreview> {
  const wanted = policySchema.parse(input);
  return withTenant(pool, principal, async (tx) => {
    const { inForce } = await readPolicies(tx, siteId);
    const isShortening = isShorter(wanted, inForce);
    const coolingOffHours = isShortening ? await selectCoolingOffHours(tx) : 0;
    const then = await selectDueUnder(tx, siteId, { ...wanted, afterHours: coolingOffHours });
    const anyway = await selectDueUnder(tx, siteId, { ...inForce, afterHours: coolingOffHours });
    const days = then.flatMap((day) => {
      const before = anyway.find((other) => other.day === day.day);
      const eventsDue = day.eventsDue && !before?.eventsDue;
      const imagesDue = day.imagesDue && !before?.imagesDue;
      return eventsDue || imagesDue ? [{ ...day, eventsDue, imagesDue }] : [];
    });
    const sum = (pick: (day: SiteDay) => number) => days.reduce((total, day) => total + pick(day), 0);
    return {
      shortens: isShortening,
      coolingOffHours,
      days,
      total: {
        days: days.length,
        events: sum((day) => (day.eventsDue ? day.events : 0)),
        images: sum((day) => (day.imagesDue ? day.images : 0)),
        bytes: sum((day) => (day.eventsDue ? day.bytes : 0) + (day.imagesDue ? day.imageBytes : 0)),
        heldDays: days.filter((day) => day.heldBy.length > 0).length,
      },
      images: keptTimes(wanted.imageDays),
      events: keptTimes(wanted.eventDays),
    };
  });
}
