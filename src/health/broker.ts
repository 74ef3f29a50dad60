import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import type { BrokerAccess } from "../devices/index.ts";
import { timestampFromMillis } from "../record/time.ts";

/** The broker's own certificate, as its clients see it. */
export type ServerCertificate = { subject: string; issuer: string; notBefore: string; notAfter: string };

const answerMs = 3_000;

/** Knocks at the worker's listener and leaves: a broker that answers shows its certificate. @throws what kept it from answering. */
export function askBroker({ host, port, ca, cert, key }: BrokerAccess): Promise<ServerCertificate> {
  return new Promise((resolve, reject) => {
    const servername = isIP(host) === 0 ? { servername: host } : {};
    const socket = connect({ host, port, ca, cert, key, minVersion: "TLSv1.2", ...servername });
    const timer = setTimeout(() => socket.destroy(new Error("no answer in time")), answerMs);
    socket.once("secureConnect", () => {
      resolve(certificateOf(socket));
      socket.end();
    });
    socket.once("error", reject);
    socket.once("close", () => clearTimeout(timer));
  });
}

function certificateOf(socket: TLSSocket): ServerCertificate {
  const { subject, issuer, validFromDate, validToDate } = socket.getPeerX509Certificate()!;
  return {
    subject: subject.replaceAll("\n", ", "),
    issuer: issuer.replaceAll("\n", ", "),
    notBefore: timestampFromMillis(validFromDate.getTime()),
    notAfter: timestampFromMillis(validToDate.getTime()),
  };
}
