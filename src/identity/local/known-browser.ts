import type { TenantTx } from "../../audit/index.ts";
import { deviceSubject } from "../anomalies/places.ts";
import { selectKnownBrowser } from "../anomalies/store-places.ts";
import type { IdentityDeps } from "../deps.ts";

/** A person and the token of a browser by which they have signed in, with all that was asked for, within a year. */
export type KnownBrowser = { userId: string; device: string };

/**
 * Whether somebody is known by this browser: then tries from it are counted apart from everybody's, and who locks the account from
 * elsewhere does not lock them out. It lets nobody in: the cookie's token only chooses the count, and each count locks by itself.
 * A name that nobody has is looked for as one that somebody has.
 */
export async function knownBrowser(
  { hashSubject }: IdentityDeps,
  tx: TenantTx,
  who: { userName: string } | { userId: string },
  device: string | undefined,
): Promise<KnownBrowser | undefined> {
  if (device === undefined) return undefined;
  const userId = await selectKnownBrowser(tx, who, await hashSubject(tx, deviceSubject(device)));
  return userId === undefined ? undefined : { userId, device };
}
