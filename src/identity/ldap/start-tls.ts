import type { Socket } from "node:net";
import { BerReader } from "ldapts";
import { LdapFailure, timedOut } from "./failure.ts";

// LDAPMessage { messageID 1, ExtendedRequest { requestName 1.3.6.1.4.1.1466.20037 } } (RFC 4511 section 4.14).
const request = Buffer.concat([
  Buffer.from([0x30, 0x1d, 0x02, 0x01, 0x01, 0x77, 0x18, 0x80, 0x16]),
  Buffer.from("1.3.6.1.4.1.1466.20037"),
]);
const extendedResponse = 0x78;
const mostAnswer = 4096;

/**
 * Asks for TLS on a plain connection; resolves when the handshake may begin. Written here since the library keeps what came
 * in plain text behind the answer: a man in the middle could put the first bytes of a "bind succeeded" there, which the
 * first byte from inside TLS would complete.
 */
export async function startTls(socket: Socket, timeoutMs: number): Promise<void> {
  const answer = await exchange(socket, timeoutMs);
  const status = readAnswer(answer);
  if (status === 0) return;
  throw new LdapFailure(
    "tls",
    `the directory refused StartTLS (result ${status})`,
    "set up a certificate on the directory, or use its LDAPS port with ldaps://",
  );
}

function exchange(socket: Socket, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const onData = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const wanted = messageLength(received);
      if (wanted === null && received.length < 6) return;
      if (wanted === null || wanted > mostAnswer) return finish(() => reject(noAnswer()));
      if (received.length > wanted) return finish(() => reject(tooMuch()));
      if (received.length === wanted) finish(() => resolve(received));
    };
    const onClose = () => finish(() => reject(noAnswer()));
    const timer = setTimeout(() => finish(() => reject(timedOut("tls"))), timeoutMs);
    const finish = (then: () => void) => {
      clearTimeout(timer);
      socket.off("data", onData).off("close", onClose).pause();
      then();
    };
    socket.on("data", onData).once("close", onClose);
    socket.write(request);
  });
}

/** Length of the message with its header; null while the header is not whole, or when it is no sequence. */
function messageLength(bytes: Buffer): number | null {
  if (bytes.length < 2 || bytes[0] !== 0x30) return null;
  const first = bytes[1]!;
  if (first < 0x80) return 2 + first;
  const size = first & 0x7f;
  return size >= 1 && size <= 4 && bytes.length >= 2 + size ? 2 + size + bytes.readUIntBE(2, size) : null;
}

function readAnswer(message: Buffer): number | null {
  try {
    const reader = new BerReader(message);
    reader.readSequence();
    if (reader.readInt() !== 1 || reader.readSequence() !== extendedResponse) throw noAnswer();
    return reader.readEnumeration();
  } catch {
    throw noAnswer();
  }
}

const noAnswer = () =>
  new LdapFailure(
    "tls",
    "the answer to StartTLS is none of LDAP",
    "check that host and port are a directory's: 389 for ldap://, 636 for ldaps://",
  );
const tooMuch = () =>
  new LdapFailure(
    "tls",
    "something was sent in plain text behind the answer to StartTLS",
    "look for who changes traffic between the appliance and the directory; use ldaps://",
  );
