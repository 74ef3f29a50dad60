import { createServer } from "node:http";
import { collectDefaultMetrics, Registry } from "prom-client";

/** This process's metrics: Node's own, and what features add. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "ledgerstone_" });
  return registry;
}

/** Serves `GET /metrics` in Prometheus' text form, and `GET /healthz`, without TLS: for a port that only the monitoring reaches. */
export async function startMetrics(
  registry: Registry,
  place: { host: string; port: number },
): Promise<{ stop(): Promise<void> }> {
  const server = createServer(async (req, res) => {
    if (req.method === "GET" && req.url === "/metrics") {
      res.writeHead(200, { "content-type": registry.contentType }).end(await registry.metrics());
    } else if (req.method === "GET" && req.url === "/healthz") {
      res.writeHead(200, { "content-type": "text/plain" }).end("ok\n");
    } else res.writeHead(404).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(place.port, place.host, resolve);
  });
  return {
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
