import { readFile } from "node:fs/promises";
import { isIP, type LookupFunction, type Socket } from "node:net";
import { rootCertificates, connect as tlsConnect } from "node:tls";
import { Client } from "undici";
import { type Config, readSecret } from "./config.ts";
import { AppError } from "./errors.ts";
import { canonicalHost, checkedAddresses, type DialRules, dial, type Network, systemNetwork } from "./outbound-dial.ts";

export type OutboundRequest = {
  method?: "GET" | "POST" | "PUT";
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Of the answer's body; beyond it the request fails. */
  maxBytes: number;
  /** For all of it: looking up, connecting, sending, reading. */
  timeoutMs: number;
  /** PEM authorities of this destination, instead of the appliance's. */
  ca?: readonly string[];
};
export type OutboundAnswer = { status: number; headers: Record<string, string | string[] | undefined>; body: Buffer };
export type OutboundTls = { ca?: readonly string[]; cert?: string; key?: string };

/** Everything that leaves the appliance for a place that a tenant named. */
export interface Outbound {
  /** What can be said of a URL without the network: for refusing a setting when it is made. @throws AppError. */
  checkUrl(url: string): URL;
  /**
   * For clients that connect themselves (LDAP): the addresses that may be connected to, and a `lookup` for node:net that gives
   * only them. It is not called for addresses: connect to one of `addresses`. @throws AppError.
   */
  checkDestination(host: string, port: number): Promise<{ addresses: readonly string[]; lookup: LookupFunction }>;
  /** A TLS connection (syslog over TLS), its certificate checked for `host`. @throws AppError. */
  connectTls(host: string, port: number, options: OutboundTls & { timeoutMs: number }): Promise<Socket>;
  /** One request, on a connection of its own. A redirect is an answer like any other: nothing follows it. @throws AppError. */
  request(url: string, options: OutboundRequest): Promise<OutboundAnswer>;
  /** The text of a document: status 200, UTF-8. @throws AppError. */
  fetchText(url: string, options: Pick<OutboundRequest, "maxBytes" | "timeoutMs" | "ca">): Promise<string>;
}

/** The one client for what leaves the appliance: docs/configuration.md "outbound". */
export async function createOutbound(config: Config["outbound"], network: Network = systemNetwork): Promise<Outbound> {
  const { allow, loopbackPorts, plainHttp, noProxy } = config;
  const own = config.caFile ? [...rootCertificates, await readFile(config.caFile, "utf8")] : undefined;
  const credentials = config.proxyCredentialsFile
    ? await readSecret(config.proxyCredentialsFile, "outbound.proxyCredentialsFile")
    : undefined;
  const proxy = config.proxy
    ? { url: new URL(config.proxy), ...(credentials && { credentials }), ...(own && { ca: own }) }
    : undefined;
  const rules: DialRules = { allow, loopbackPorts, noProxy, ...(proxy && { proxy }) };

  const secured = async (host: string, port: number, tls: OutboundTls, signal: AbortSignal): Promise<Socket> =>
    secure(await dial(network, rules, { host, port, signal }), host, { ...tls, ca: tls.ca ?? own }, signal);

  const outbound: Outbound = {
    checkUrl: (text) => checkedUrl(text, plainHttp),
    async checkDestination(host, port) {
      const addresses = await checkedAddresses(network, rules, { host: canonicalHost(host), port });
      return { addresses, lookup: pinned(addresses) };
    },
    connectTls: (host, port, { timeoutMs, ...tls }) =>
      told(`${host}:${port}`, () => secured(canonicalHost(host), port, tls, AbortSignal.timeout(timeoutMs))),
    async request(text, { ca, ...options }) {
      const url = checkedUrl(text, plainHttp);
      const signal = AbortSignal.timeout(options.timeoutMs);
      const host = url.hostname.replace(/^\[|\]$/g, "");
      const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
      const open = (): Promise<Socket> =>
        url.protocol === "https:"
          ? secured(host, port, { ...(ca && { ca }) }, signal)
          : dial(network, rules, { host, port, signal });
      return told(url.host, () => exchange(url, open, options, signal));
    },
    async fetchText(url, options) {
      const { status, headers, body } = await outbound.request(url, options);
      const remedy = "name the address of the document itself: redirects are not followed";
      if (status !== 200)
        throw failed("the document was not given", { found: `status ${status}`, expected: "200", remedy });
      if (headers["content-encoding"]) throw failed("the document is compressed, which was not asked for");
      try {
        return new TextDecoder("utf-8", { fatal: true }).decode(body);
      } catch (cause) {
        throw failed("the document is not UTF-8", { cause });
      }
    },
  };
  return outbound;
}

const failed = (message: string, parts: ConstructorParameters<typeof AppError>[2] = {}): AppError =>
  new AppError("outbound-failed", message, parts);

// The host is read from the parsed URL, never from its text: parsers differ about what lies between '//' and '/'.
function checkedUrl(text: string, plainHttp: boolean): URL {
  const refuse = (expected: string): never => {
    throw new AppError("destination-refused", "this URL may not be used", { found: text.slice(0, 200), expected });
  };
  const url = URL.parse(text) ?? refuse("an absolute URL");
  if (url.protocol !== "https:" && !(plainHttp && url.protocol === "http:"))
    refuse(plainHttp ? "https: or http:" : "https:");
  if (url.username !== "" || url.password !== "") refuse("a URL without user and password");
  if (url.hostname === "") refuse("a URL with a host");
  return url;
}

/** Gives the addresses that were checked, whatever the name means by now. */
function pinned(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, callback) => {
    const { family, all: wantsAll } = options;
    const wanted = all.filter((each) => !family || family === each.family || family === `IPv${each.family}`);
    const [first] = wanted;
    if (!first) callback(Object.assign(new Error("no address of this family"), { code: "ENOTFOUND" }), "", 0);
    else if (wantsAll) callback(null, wanted);
    else callback(null, first.address, first.family);
  };
}

function secure(socket: Socket, host: string, { ca, cert, key }: OutboundTls, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const tls = tlsConnect({
      socket,
      host,
      ...(isIP(host) === 0 && { servername: host.replace(/\.$/, "") }),
      ...(ca && { ca: [...ca] }),
      ...(cert && key && { cert, key }),
      minVersion: "TLSv1.2",
      ALPNProtocols: ["http/1.1"],
    });
    const settle = (error?: Error): void => {
      signal.removeEventListener("abort", late);
      tls.off("error", settle);
      if (!error) {
        resolve(tls);
        return;
      }
      tls.on("error", () => {}).destroy();
      socket.destroy();
      reject(error);
    };
    const late = (): void => settle(signal.reason);
    signal.addEventListener("abort", late, { once: true });
    tls.once("secureConnect", () => settle()).once("error", settle);
    if (signal.aborted) late();
  });
}

type Exchange = Pick<OutboundRequest, "method" | "headers" | "body" | "maxBytes">;

async function exchange(
  url: URL,
  open: () => Promise<Socket>,
  { method = "GET", headers = {}, body, maxBytes }: Exchange,
  signal: AbortSignal,
): Promise<OutboundAnswer> {
  const client = new Client(url.origin, {
    connect: (_options, callback) =>
      void open().then(
        (socket) => callback(null, socket),
        (error: Error) => callback(error, null),
      ),
    pipelining: 0,
    maxHeaderSize: 16_384,
  });
  try {
    const answer = await client.request({
      method,
      path: url.pathname + url.search,
      headers: { "user-agent": "ledgerstone", ...headers },
      body: body ?? null,
      signal,
    });
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of answer.body as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > maxBytes) throw failed("the answer is too large", { expected: `at most ${maxBytes} bytes` });
      parts.push(part);
    }
    return { status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) };
  } finally {
    await client.destroy();
  }
}

/** One error for all that the network can say; what we refuse ourselves stays as it is. */
async function told<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError) throw error;
    const { name, code, message } = error as Error & { code?: string };
    const found = name === "TimeoutError" ? "no whole answer in time" : (code ?? message);
    throw failed(`${place} did not answer as expected`, { found, cause: error });
  }
}
