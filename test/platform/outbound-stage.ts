import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect, type Server } from "node:net";
import type { Config } from "../../src/platform/config.ts";
import { createOutbound, type Outbound } from "../../src/platform/outbound.ts";
import { type Network, systemNetwork } from "../../src/platform/outbound-dial.ts";
import { type DnsServer, startDns } from "../support/dns.ts";
import { certificateAuthority } from "../support/pki.ts";

/** A network outside the appliance: a name server, an HTTPS server that counts who reaches it, a proxy. */
export type Stage = {
  dns: DnsServer;
  ca: string;
  /** The inside: what a tenant's URL must never reach. */
  port: number;
  hits(): number;
  proxyPort: number;
  /** What the proxy was asked for. */
  tunnels: string[];
  outbound(config?: Partial<Config["outbound"]>, network?: Partial<Network>): Promise<Outbound>;
  stop(): Promise<void>;
};

/** A documentation range: nothing is there, so that it can stand for the public. */
export const publicNetwork = "198.51.100.0/24";
export const publicAddress = "198.51.100.7";

export const limits = { maxBytes: 10_000, timeoutMs: 1500 };
/** As broad as an allowlist can be. */
export const broad = { allow: ["0.0.0.0/0", "::/0", "127.0.0.0/8"] };

export const zone = {
  "good.test": ["127.0.0.1"],
  "inside.test": ["127.0.0.1"],
  "inside6.test": ["::1"],
  "mapped.test": ["::ffff:7f00:1"],
  "metadata.test": ["169.254.169.254"],
  "mixed.test": [publicAddress, "127.0.0.1"],
  "rebind.test": [[publicAddress], ["127.0.0.1"]],
  "private.test": ["10.99.99.99"],
};

export async function buildStage(answer: RequestListener): Promise<Stage> {
  const authority = await certificateAuthority("Outside");
  const names = ["good.test", "mixed.test", "rebind.test", "inside.test", "outside.test"];
  const { cert, key } = await authority.issue({ cn: "good.test", usage: "server", names });
  let hits = 0;
  const server = createServer({ cert, key }, (req, res) => {
    hits++;
    answer(req, res);
  });
  const dns = await startDns(zone);
  const tunnels: string[] = [];
  const port = await listen(server, "::");
  const proxy = createHttpServer();
  proxy.on("connect", (req, socket) => {
    tunnels.push(req.url!);
    if (req.headers["proxy-authorization"] !== `Basic ${btoa("box:opensesame")}`) {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return;
    }
    const through = connect({ host: "127.0.0.1", port }, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      through.pipe(socket).pipe(through);
    });
    through.on("error", () => socket.destroy());
    socket.on("error", () => through.destroy());
  });
  const proxyPort = await listen(proxy, "127.0.0.1");
  return {
    dns,
    ca: authority.cert,
    port,
    hits: () => hits,
    proxyPort,
    tunnels,
    outbound: (config, network) =>
      createOutbound(
        { allow: [], loopbackPorts: [], plainHttp: false, noProxy: [], ...config },
        { ...systemNetwork, resolve: dns.resolve, ...network },
      ),
    async stop() {
      for (const each of [server, proxy]) each.closeAllConnections();
      await Promise.all([server, proxy].map((each) => new Promise((resolve) => each.close(resolve))));
      await dns.stop();
    },
  };
}

async function listen(server: Server, host: string): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}
