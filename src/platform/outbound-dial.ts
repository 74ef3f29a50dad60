import { lookup as systemLookup } from "node:dns/promises";
import { isIP, connect as netConnect, type Socket } from "node:net";
import { AppError } from "./errors.ts";
import { type AddressRules, refusalOf } from "./outbound-address.ts";
import { isDirect, type OutboundProxy, openTunnel } from "./outbound-proxy.ts";

export type DialRules = AddressRules & { readonly proxy?: OutboundProxy; readonly noProxy: readonly string[] };

/** What reaches the network; the tests' own resolver and sockets come in here. */
export type Network = {
  /** Every address of a name, in the order to try them. */
  resolve(host: string): Promise<readonly string[]>;
  connect(target: { host: string; port: number }): Socket;
};

export const systemNetwork: Network = {
  resolve: async (host) => (await systemLookup(host, { all: true, verbatim: true })).map(({ address }) => address),
  connect: (target) => netConnect(target),
};

/** One of several addresses has this long to answer before the next is tried. */
const attemptMs = 3000;

/**
 * `host` as the URL standard reads it: decimal, octal, hexadecimal and short spellings of an address become the one with four
 * parts, brackets go. @throws AppError `destination-refused`.
 */
export function canonicalHost(host: string): string {
  const given = isIP(host) === 6 ? `[${host}]` : host;
  if (!/[/@?#\\\s]/.test(given) && URL.canParse(`https://${given}/`)) {
    const { hostname, port } = new URL(`https://${given}/`);
    if (hostname !== "" && port === "") return hostname.replace(/^\[|\]$/g, "");
  }
  throw new AppError("destination-refused", "this is no host", { found: host, expected: "a name or an address" });
}

/**
 * The addresses that `host` may be reached at. One that may not be reached refuses the host as a whole: whoever answers with
 * it chooses which of them is taken. @throws AppError `destination-refused`, `outbound-failed`.
 */
export async function checkedAddresses(
  network: Network,
  rules: AddressRules,
  { host, port }: { host: string; port: number },
): Promise<readonly string[]> {
  const addresses = isIP(host) ? [host] : await lookUp(network, host);
  for (const address of addresses) refuseUnlessAllowed(host, address, port, rules);
  return addresses;
}

/**
 * A connected socket to `host`, itself or through the proxy. It is connected to an address that was checked, and not to what the
 * name means a moment later; the address that it has reached is checked again. @throws AppError.
 */
export async function dial(
  network: Network,
  rules: DialRules,
  { host, port, signal }: { host: string; port: number; signal: AbortSignal },
): Promise<Socket> {
  const { proxy } = rules;
  if (proxy && !isDirect(rules.noProxy, host, port)) {
    await checkBehindProxy(network, rules, host);
    return openTunnel(proxy, host, port, signal);
  }
  const addresses = await abortable(checkedAddresses(network, rules, { host, port }), signal);
  let last: unknown;
  for (const [index, address] of addresses.entries()) {
    const limit = index < addresses.length - 1 ? AbortSignal.any([signal, AbortSignal.timeout(attemptMs)]) : signal;
    try {
      const socket = await connected(network.connect({ host: address, port }), limit);
      const refusal = refusalOf(socket.remoteAddress ?? "", port, rules);
      if (refusal === null) return socket;
      socket.destroy();
      refuseUnlessAllowed(host, socket.remoteAddress ?? "", port, rules);
    } catch (error) {
      if (signal.aborted || error instanceof AppError) throw error;
      last = error;
    }
  }
  throw new AppError("outbound-failed", `${host}:${port} cannot be reached`, { cause: last });
}

// In a closed network the proxy alone knows names of the outside: what cannot be looked up here is its own to judge. Its loopback
// is not ours, so no port of it is open.
async function checkBehindProxy(network: Network, rules: AddressRules, host: string): Promise<void> {
  const addresses = isIP(host) ? [host] : await network.resolve(host).catch(() => []);
  for (const address of addresses) refuseUnlessAllowed(host, address, 0, { ...rules, loopbackPorts: [] });
}

async function lookUp(network: Network, host: string): Promise<readonly string[]> {
  const addresses = await network.resolve(host).catch((cause: unknown) => {
    throw new AppError("outbound-failed", `the name ${host} cannot be looked up`, { cause });
  });
  if (addresses.length === 0) throw new AppError("outbound-failed", `the name ${host} has no address`);
  return addresses;
}

function refuseUnlessAllowed(host: string, address: string, port: number, rules: AddressRules): void {
  const refusal = refusalOf(address, port, rules);
  if (refusal === null) return;
  throw new AppError("destination-refused", "this destination may not be reached", {
    found: `${host === address ? host : `${host} at ${address}`}: ${refusal}`,
    expected: "a public address, or one inside outbound.allow",
    remedy: "name another destination, or ask the operator of the appliance to allow its network",
  });
}

function connected(socket: Socket, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      signal.removeEventListener("abort", late);
      socket.off("connect", settle).off("error", settle);
      if (!error) {
        resolve(socket);
        return;
      }
      socket.destroy();
      reject(error);
    };
    const late = (): void => settle(signal.reason);
    signal.addEventListener("abort", late, { once: true });
    // The first listener stays: whoever takes the socket over hears of its end by "close".
    socket
      .on("error", () => {})
      .once("connect", () => settle())
      .once("error", settle);
    if (signal.aborted) late();
  });
}

/** For work that takes no signal: its answer is not waited for past the signal. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
  });
  work.catch(() => {});
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener("abort", stop));
}
