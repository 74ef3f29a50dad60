import { lockChainHead, type TenantTx } from "../../audit/index.ts";
import { type SignInWatch, userSubject } from "../deps.ts";
import type { NoticeDeps } from "../notices/deps.ts";
import { deviceName, deviceSubject, networkOf } from "./places.ts";
import { reportAnomaly } from "./report.ts";
import { countFailure, notePlaceSeen } from "./store-places.ts";

/** What looks at every sign-in, for IdentityDeps. */
export const watchSignIns = (deps: NoticeDeps): SignInWatch => ({
  signedIn: (tx, seen) => notePlaces(deps, tx, seen),
  refused: (tx, seen) => noteFailure(deps, tx, seen),
  changed: async (tx, entity, what) => {
    await reportAnomaly(deps, tx, { kind: "sign-in-changed", entity, data: { what } });
  },
});

/**
 * Whether somebody comes from a network (/24, /48) or with a browser that they never came with. A browser is known by its token;
 * where the sign-in has none, by what it calls itself.
 */
async function notePlaces(
  deps: NoticeDeps,
  tx: TenantTx,
  { userId, address, userAgent, device: token }: Parameters<SignInWatch["signedIn"]>[1],
): Promise<void> {
  const network = networkOf(address);
  const device = deviceName(userAgent);
  const places = [
    { kind: "network", subject: `network:${network}`, anomaly: "new-network" },
    { kind: "device", subject: token ? deviceSubject(token) : `device-name:${device}`, anomaly: "new-device" },
  ] as const;
  for (const { kind, subject, anomaly } of places) {
    const place = await deps.hashSubject(tx, subject);
    const { isNew, isFirst } = await notePlaceSeen(tx, { userId, kind, place });
    // The first sign-in of all is from somewhere new: that says nothing.
    if (!isNew || isFirst) continue;
    const entity = { type: "user", id: userId };
    await reportAnomaly(deps, tx, { kind: anomaly, entity, userId, data: { network, address, device } });
  }
}

const windowMinutes = 15;
const most = { account: 10, address: 30 } as const;

/**
 * Counts a failed sign-in for the account and for the address, and reports the source that went over the threshold. The chain's head
 * is locked first, as in a transaction that has appended already. An address counts as its /24 or /48: nobody is given a new count
 * with each address of a network that is theirs.
 */
async function noteFailure(
  deps: NoticeDeps,
  tx: TenantTx,
  { userId, address }: { userId: string | null; address: string },
): Promise<void> {
  await lockChainHead(tx);
  const network = networkOf(address);
  // For nobody, too: what is asked of the database tells nobody who is there.
  const sources = [
    { source: "account", subject: userId ? userSubject(userId) : "nobody", userId } as const,
    { source: "address", subject: `network:${network}`, userId: null } as const,
  ];
  for (const each of sources) {
    const hash = await deps.hashSubject(tx, each.subject);
    const failures = await countFailure(tx, hash, windowMinutes * 60);
    if (failures < most[each.source] || (each.source === "account" && !userId)) continue;
    await reportAnomaly(deps, tx, {
      kind: "many-failures",
      // An address is personal: its HMAC names it in the clear.
      entity: each.userId
        ? { type: "user", id: each.userId }
        : { type: "network", id: hash.toString("hex").slice(0, 32) },
      ...(each.userId && { userId: each.userId }),
      data: { failures, minutes: windowMinutes, source: each.source, address },
    });
  }
}
