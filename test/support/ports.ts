import { createServer } from "node:net";

const given = new Set<number>();

/**
 * A loopback port that nothing listens on. Taken from below the kernel's ephemeral range (32768 and up), so that no
 * outgoing connection takes it before its server does; never given twice in one run.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = 15_000 + Math.floor(Math.random() * 17_000);
    if (given.has(port) || !(await canListen(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error("no free loopback port found in 15000-31999 after 200 attempts: stop what listens there");
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
