import type { TenantTx } from "../../audit/index.ts";
import { userSubject } from "../deps.ts";
import type { NoticeDeps } from "../notices/deps.ts";
import { readCookies } from "../sessions/cookie.ts";
import { type NewSession, type StartedSession, startSession } from "../sessions/sessions.ts";
import { DEVICE_COOKIE, deviceName, deviceToken, networkOf } from "./places.ts";
import { reportAnomaly } from "./report.ts";
import { countFailure, notePlaceSeen } from "./store-places.ts";

/**
 * Begins a session as startSession does, and looks whether the person comes from a network or with a browser that they never came
 * with before: who signs in calls this one. `cookies` are for the answer, beside the session's own.
 */
export async function startWatchedSession(
  deps: NoticeDeps,
  tx: TenantTx,
  wanted: NewSession & { cookieHeader: string | undefined },
): Promise<StartedSession & { cookies: string[] }> {
  const { cookieHeader, ...session } = wanted;
  const started = await startSession(deps, tx, session);
  const device = deviceToken(readCookies(cookieHeader)[DEVICE_COOKIE]);
  const { userId, address, userAgent } = session;
  const network = networkOf(address);
  const named = { network, address, device: deviceName(userAgent) };
  const place = await deps.hashSubject(tx, `network:${network}`);
  const [fromNetwork, onDevice] = [
    await notePlaceSeen(tx, { userId, kind: "network", place }),
    await notePlaceSeen(tx, { userId, kind: "device", place: device.hash }),
  ];
  const entity = { type: "user", id: userId };
  // The first sign-in of all is from somewhere new: that says nothing.
  if (fromNetwork.isNew && !fromNetwork.isFirst)
    await reportAnomaly(deps, tx, { kind: "new-network", entity, userId, data: named });
  if (onDevice.isNew && !onDevice.isFirst)
    await reportAnomaly(deps, tx, { kind: "new-device", entity, userId, data: named });
  return { ...started, cookies: device.setCookie ? [device.setCookie] : [] };
}

const windowMinutes = 15;
const most = { account: 10, address: 30 } as const;

/**
 * Counts a failed sign-in for the account (null: no such account) and for the address, and reports the source that went over
 * the threshold. In the transaction of the refusal's row and before it: the chain's head is locked last. An address counts as its
 * /24 or /48: nobody is given a new count with each address of a network that is theirs.
 */
export async function noteSignInFailure(
  deps: NoticeDeps,
  tx: TenantTx,
  { userId, address }: { userId: string | null; address: string },
): Promise<void> {
  const network = networkOf(address);
  const sources = [
    ...(userId ? ([{ source: "account", subject: userSubject(userId), userId }] as const) : []),
    { source: "address", subject: `network:${network}`, userId: null } as const,
  ];
  for (const each of sources) {
    const hash = await deps.hashSubject(tx, each.subject);
    const failures = await countFailure(tx, hash, windowMinutes * 60);
    if (failures < most[each.source]) continue;
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
