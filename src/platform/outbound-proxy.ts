import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type Socket } from "node:net";
import ipaddr from "ipaddr.js";
import { AppError } from "./errors.ts";

export type OutboundProxy = {
  /** http: or https:. */
  url: URL;
  /** `user:password`. */
  credentials?: string;
  /** More authorities that an https: proxy's certificate may come from. */
  ca?: readonly string[];
};

/**
 * Whether `host:port` is reached without the proxy. An entry is `*`, a name (its subdomains too, with or without a leading dot),
 * an address or a CIDR, each with `:port` if it is meant for that port alone.
 */
export function isDirect(noProxy: readonly string[], host: string, port: number): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  return noProxy.some((entry) => {
    const text = entry.trim().toLowerCase();
    if (text === "*") return true;
    const [, inner, wanted] = /^\[?([^\]]*?)\]?(?::(\d{1,5}))?$/.exec(isBareIpv6(text) ? `[${text}]` : text) ?? [];
    if (inner === undefined || (wanted !== undefined && Number(wanted) !== port)) return false;
    if (ipaddr.isValidCIDR(inner)) return isIP(name) !== 0 && inNetwork(name, inner);
    if (isIP(inner) !== 0) return isIP(name) !== 0 && sameAddress(name, inner);
    const suffix = inner.replace(/^\*?\./, "");
    return suffix !== "" && (name === suffix || name.endsWith(`.${suffix}`));
  });
}

const isBareIpv6 = (text: string): boolean => isIP(text.split("/")[0]!) === 6;
const sameAddress = (a: string, b: string): boolean =>
  ipaddr.parse(a).toNormalizedString() === ipaddr.parse(b).toNormalizedString();

function inNetwork(address: string, network: string): boolean {
  const [base, prefix] = ipaddr.parseCIDR(network);
  const parsed = ipaddr.parse(address);
  return parsed.kind() === base.kind() && parsed.match(base, prefix);
}

/** A tunnel through the proxy (RFC 9110 section 9.3.6). The proxy looks the name up. @throws AppError `outbound-failed`. */
export function openTunnel(proxy: OutboundProxy, host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const target = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const { url, credentials, ca } = proxy;
  const secure = url.protocol === "https:";
  return new Promise((resolve, reject) => {
    const asked = (secure ? httpsRequest : httpRequest)({
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port || (secure ? 443 : 80),
      method: "CONNECT",
      path: target,
      headers: {
        host: target,
        ...(credentials && { "proxy-authorization": `Basic ${Buffer.from(credentials).toString("base64")}` }),
      },
      agent: false,
      ...(secure && { minVersion: "TLSv1.2" as const, ...(ca && { ca: [...ca] }) }),
    });
    // Not the request's own `signal`: that would end the tunnel later on, when somebody long uses it.
    const late = (): void => void asked.destroy(signal.reason);
    signal.addEventListener("abort", late, { once: true });
    asked.once("close", () => signal.removeEventListener("abort", late));
    asked.once("error", reject);
    asked.once("response", (answer) => {
      answer.destroy();
      reject(refused(answer.statusCode));
    });
    asked.once("connect", (answer, socket, head) => {
      signal.removeEventListener("abort", late);
      if (answer.statusCode !== 200) {
        socket.destroy();
        reject(refused(answer.statusCode));
        return;
      }
      socket.on("error", () => {});
      if (head.length > 0) socket.unshift(head);
      resolve(socket as Socket);
    });
    asked.end();
    if (signal.aborted) late();
  });
}

const refused = (status: number | undefined): AppError =>
  new AppError("outbound-failed", "the outbound proxy opened no tunnel", {
    found: `status ${status}`,
    expected: "200",
    remedy: "let the proxy reach this destination, or add it to outbound.noProxy",
  });
