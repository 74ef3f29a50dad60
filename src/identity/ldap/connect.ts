import { createConnection, isIP, type Socket } from "node:net";
import { checkServerIdentity, connect as connectTls, type TLSSocket } from "node:tls";
import { LdapFailure, socketFailure, timedOut } from "./failure.ts";
import { startTls } from "./start-tls.ts";

export type LdapTarget = {
  /** `ldaps://host[:port]`, or `ldap://host[:port]`, which begins with StartTLS. */
  url: string;
  /** CAs to trust, PEM. Null: the well-known ones. */
  caPem: string | null;
  /** The name that the certificate must have. Null: the host of `url`. */
  serverName: string | null;
  timeoutMs: number;
};

/** Addresses of a host that this appliance may connect to; throws AppError when there is none. */
export type ResolveHost = (host: string, port: number) => Promise<readonly string[]>;

/** More than any sign-in reads: a directory, or somebody in its place, cannot fill the memory. */
const mostBytes = 4 * 1024 * 1024;

/**
 * A connection whose TLS is up and whose certificate was checked against CA and name. There is no way to one without TLS.
 * Gone after `lifetimeMs`, whatever it does then. Throws LdapFailure.
 */
export async function openTls(
  target: LdapTarget,
  { resolveHost, lifetimeMs }: { resolveHost: ResolveHost; lifetimeMs: number },
): Promise<TLSSocket> {
  const { host, port, plain } = readUrl(target.url);
  const plainSocket = await openSocket(await resolveHost(host, port), port, target.timeoutMs);
  try {
    if (plain) await startTls(plainSocket, target.timeoutMs);
    const socket = await secure(plainSocket, target.serverName ?? host, target);
    const timer = setTimeout(() => socket.destroy(), lifetimeMs);
    return socket.once("close", () => clearTimeout(timer));
  } catch (error) {
    plainSocket.destroy();
    throw socketFailure("tls", error);
  }
}

export function readUrl(url: string): { host: string; port: number; plain: boolean } {
  const { protocol, hostname, port } = new URL(url);
  const plain = protocol === "ldap:";
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || (plain ? 389 : 636), plain };
}

async function openSocket(addresses: readonly string[], port: number, timeoutMs: number): Promise<Socket> {
  let last: unknown = new LdapFailure("address", "the host has no address", "check the name and the appliance's DNS");
  for (const host of addresses) {
    const socket = createConnection({ host, port, noDelay: true });
    try {
      return await ready(socket, "connect", timeoutMs);
    } catch (error) {
      last = error;
      socket.destroy();
    }
  }
  throw socketFailure("connect", last);
}

async function secure(socket: Socket, name: string, { caPem, timeoutMs }: LdapTarget): Promise<TLSSocket> {
  const secured = connectTls({
    socket,
    // TLS knows names alone; an address is checked below.
    servername: isIP(name) ? "" : name,
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
    ca: caPem ?? undefined,
    rejectUnauthorized: true,
    minVersion: "TLSv1.2",
  });
  return ready(secured, "secureConnect", timeoutMs);
}

/** Resolves with the socket at `event`; rejects with its error, or with LdapFailure when it takes too long or ends. */
function ready<S extends Socket>(socket: S, event: "connect" | "secureConnect", timeoutMs: number): Promise<S> {
  const step = event === "connect" ? "connect" : "tls";
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => finish(() => reject(timedOut(step))), timeoutMs);
    const onError = (error: Error) => finish(() => reject(error));
    const onClose = () => finish(() => reject(Object.assign(new Error("closed"), { code: "ECONNRESET" })));
    const finish = (then: () => void) => {
      clearTimeout(timer);
      socket.off("error", onError).off("close", onClose).off(event, onReady);
      // Whatever comes later is heard by whoever uses the socket, and ends no process until then.
      socket.on("error", () => {});
      then();
    };
    const onReady = () => finish(() => resolve(socket));
    socket.once(event, onReady).once("error", onError).once("close", onClose);
  });
}

/** Ends a connection that brings more than any sign-in reads. Listening sets it flowing: call it where the reader begins. */
export function limitBytes(socket: Socket): void {
  let bytes = 0;
  socket.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > mostBytes) socket.destroy();
  });
}
