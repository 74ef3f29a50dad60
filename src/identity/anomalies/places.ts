import ipaddr from "ipaddr.js";
import { newToken, TOKEN } from "../../platform/tokens.ts";
import { readCookies } from "../sessions/cookie.ts";

/** Names a browser across sign-ins. It lets nobody in: it is known, and its tries are counted apart (local/known-browser.ts). */
export const DEVICE_COOKIE = "__Host-ledgerstone-device";

const YEAR_SECONDS = 31_536_000;

/** The /24 or /48 that an address lies in; an IPv4 client of a dual-stack socket counts as IPv4. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return "unknown";
  const client = ipaddr.process(address);
  const prefix = client.kind() === "ipv4" ? 24 : 48;
  const kind = client.kind() === "ipv4" ? ipaddr.IPv4 : ipaddr.IPv6;
  return `${kind.networkAddressFromCIDR(`${client.toNormalizedString()}/${prefix}`)}/${prefix}`;
}

const FAMILIES: [name: string, pattern: RegExp][] = [
  ["Edge", /\bEdg(?:e|A|iOS)?\//],
  ["Opera", /\bOPR\//],
  ["Firefox", /\b(?:Firefox|FxiOS)\//],
  ["Chrome", /\b(?:Chrome|CriOS|Chromium)\//],
  ["Safari", /\bVersion\/[\d.]+.*Safari\//],
];
const SYSTEMS: [name: string, pattern: RegExp][] = [
  ["iOS", /\b(?:iPhone|iPad)\b/],
  ["Android", /\bAndroid\b/],
  ["Windows", /\bWindows\b/],
  ["macOS", /\bMacintosh\b/],
  ["ChromeOS", /\bCrOS\b/],
  ["Linux", /\bLinux\b/],
];

/** For people to recognise, such as `Firefox on Windows`. It proves nothing: a client says of itself what it likes. */
export function deviceName(userAgent: string): string {
  const named = (list: typeof FAMILIES) => list.find(([, pattern]) => pattern.test(userAgent))?.[0];
  return `${named(FAMILIES) ?? "an unknown browser"} on ${named(SYSTEMS) ?? "an unknown system"}`;
}

/** The browser's own token: what its cookie holds, or a new one. Give it to startSession, and `deviceCookie` to the browser. */
export function deviceToken(cookieHeader: string | undefined): string {
  const given = readCookies(cookieHeader)[DEVICE_COOKIE];
  return given !== undefined && TOKEN.test(given) ? given : newToken();
}

/** As what a browser is remembered of a person. */
export const deviceSubject = (token: string): string => `device:${token}`;

/** Set-Cookie, with each sign-in: a browser that comes within a year is known. */
export const deviceCookie = (token: string): string =>
  `${DEVICE_COOKIE}=${token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${YEAR_SECONDS}`;
