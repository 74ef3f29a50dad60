import { type Principal, withTenant } from "../audit/index.ts";
import { type Keyring, subjectHash } from "../keys/index.ts";
import { type Pool, sqlState } from "../platform/db.ts";
import { forbidden, notFound } from "../platform/errors.ts";
import type { Page } from "../platform/sorted-list.ts";
import { wakeTasks } from "../tasks/index.ts";
import { type HoldInput, holdSchema } from "./schema.ts";
import { callCountHeld, callPlaceHold, callReleaseHold, type Hold, selectHold, selectHolds } from "./store-holds.ts";

export type HoldDeps = { pool: Pool; keyring: Keyring };

/**
 * Places a legal hold: from its commit on, no erasure of any basis removes what it takes in. It waits for an erasure that
 * is under way for this tenant, and counts afterwards what it keeps.
 */
export async function placeHold(
  deps: HoldDeps,
  principal: Principal,
  input: HoldInput,
): Promise<Hold & { events: number; days: number }> {
  const hold = holdSchema.parse(input);
  if (!hold.siteId && principal.sites !== "all") throw forbidden("a hold over every site needs access to all sites");
  const holdId = crypto.randomUUID();
  return withTenant(deps.pool, principal, async (tx) => {
    const subject = hold.subject === undefined ? null : subjectHash(await deps.keyring.indexKey(tx), hold.subject);
    await callPlaceHold(tx, {
      holdId,
      siteId: hold.siteId ?? null,
      from: hold.from ?? null,
      to: hold.to ?? null,
      kind: hold.kind ?? null,
      subject,
      eventIds: hold.eventIds ?? null,
      caseNumber: hold.caseNumber,
      reason: hold.reason,
      owner: hold.owner,
      reviewOn: hold.reviewOn,
    });
    const placed = await selectHold(tx, holdId);
    return { ...placed!, ...(await callCountHeld(tx, holdId)) };
  });
}

/** Releases a hold. Erasures that had stopped at it go on by themselves. */
export async function releaseHold(pool: Pool, principal: Principal, holdId: string, reason: string): Promise<Hold> {
  return withTenant(pool, principal, async (tx) => {
    await callReleaseHold(tx, holdId, reason).catch((error) => {
      // 42501: a hold of a site outside the principal's.
      throw ["LS404", "42501"].includes(sqlState(error) ?? "") ? notFound(`open hold ${holdId}`) : error;
    });
    await wakeTasks(tx, ["retention.erase", "retention.request", "retention.letters"], null);
    return (await selectHold(tx, holdId))!;
  });
}

export async function listHolds(
  pool: Pool,
  principal: Principal,
  page: Page & { openOnly: boolean },
): Promise<{ holds: Hold[]; next: string | null }> {
  return withTenant(pool, principal, (tx) => selectHolds(tx, page));
}

/** How many events, on how many site-days, a hold takes in now. */
export async function countHeld(
  pool: Pool,
  principal: Principal,
  holdId: string,
): Promise<{ events: number; days: number }> {
  return withTenant(pool, principal, (tx) => callCountHeld(tx, holdId)).catch((error) => {
    throw sqlState(error) === "LS404" ? notFound(`hold ${holdId}`) : error;
  });
}
