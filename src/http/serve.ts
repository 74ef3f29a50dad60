import type { RequestListener } from "node:http";
import { createServer, type Server } from "node:https";

export interface HttpsOptions {
  host: string;
  port: number;
  /** PEM, the server's own certificate first. */
  cert: Buffer;
  key: Buffer;
  /** CAs whose client certificates are asked for and checked; each handler decides what one without may do. */
  clientCas?: readonly string[];
}

export type HttpsServer = {
  port: number;
  /** For connections from now on; those that are open go on. */
  setCertificate(pair: Pick<HttpsOptions, "cert" | "key">): void;
  stop(): Promise<void>;
};

/**
 * Serves HTTPS, TLS 1.2 and up. Slow clients are cut: headers within 15 s, no idle socket past 65 s.
 * `stop` refuses new connections, lets answers under way finish for up to 15 s, then cuts.
 */
export async function startHttps(listener: RequestListener, options: HttpsOptions): Promise<HttpsServer> {
  // What a renewed certificate must repeat: the new context knows nothing of the old one.
  const fixed = { minVersion: "TLSv1.2", ...(options.clientCas && { ca: [...options.clientCas] }) } as const;
  const server = createServer(
    {
      cert: options.cert,
      key: options.key,
      ...fixed,
      ...(options.clientCas && { requestCert: true, rejectUnauthorized: false }),
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
  return {
    port: typeof address === "object" && address ? address.port : options.port,
    setCertificate: ({ cert, key }) => server.setSecureContext({ ...fixed, cert, key }),
    stop: () => close(server),
  };
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), 15_000);
  await closed;
  clearTimeout(cut);
}
