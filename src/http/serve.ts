import { readFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { createServer, type Server } from "node:https";

export interface HttpsOptions {
  host: string;
  port: number;
  certFile: string;
  keyFile: string;
  /** CAs whose client certificates are asked for and checked; each handler decides what one without may do. */
  clientCas?: readonly string[];
}

/**
 * Serves HTTPS, TLS 1.2 and up. Slow clients are cut: headers within 15 s, no idle socket past 65 s.
 * `stop` refuses new connections, lets answers under way finish for up to 15 s, then cuts.
 */
export async function startHttps(
  listener: RequestListener,
  options: HttpsOptions,
): Promise<{ port: number; stop(): Promise<void> }> {
  const server = createServer(
    {
      cert: await readFile(options.certFile),
      key: await readFile(options.keyFile),
      minVersion: "TLSv1.2",
      ...(options.clientCas && { ca: [...options.clientCas], requestCert: true, rejectUnauthorized: false }),
      maxHeaderSize: 16_384,
      headersTimeout: 15_000,
      // Image uploads over bad links are slow on purpose: the handler watches their progress.
      requestTimeout: 0,
      keepAliveTimeout: 65_000,
    },
    listener,
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  return { port: typeof address === "object" && address ? address.port : options.port, stop: () => close(server) };
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), 15_000);
  await closed;
  clearTimeout(cut);
}
