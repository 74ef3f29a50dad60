import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SmtpConfig } from "../../src/platform/mail.ts";
import { certificateAuthority } from "./pki.ts";
import { freePort } from "./ports.ts";
import { portAnswers, waitUntil } from "./process.ts";
import { type Service, service } from "./service.ts";
import { removeDirectory, temporaryDirectory } from "./temporary.ts";

export type ReceivedMail = {
  /** Of the envelope. */
  from: string;
  to: string[];
  /** By lower-case name; the last of a name. */
  headers: Record<string, string>;
  text: string;
  /** Whether it came over TLS, and as whom. */
  tls: boolean;
  user: string | null;
};

export type SmtpServer = Omit<Service, "stop"> & {
  readonly port: number;
  /** The section `smtp` of an appliance's configuration. */
  readonly section: SmtpConfig;
  /** All that it took, oldest first. */
  mails(): Promise<ReceivedMail[]>;
  /** The newest mail to this address for which `fits` is true; waits for it. */
  mailTo(address: string, fits?: (mail: ReceivedMail) => boolean): Promise<ReceivedMail>;
  stop(): Promise<void>;
};

export type SmtpOptions = {
  tls?: SmtpConfig["tls"];
  /** Asks for this login, over TLS alone. */
  login?: { user: string; password: string };
  /** The certificate's name; `localhost` unless told. */
  certificateFor?: string;
};

/**
 * A real SMTP server (Debian's aiosmtpd) on a loopback port, with a CA of its own. Recipients at `refused.example` get 550, those
 * at `later.example` 451. It keeps what it took over `kill` and `start`.
 */
export async function startSmtp({
  tls = "starttls",
  login,
  certificateFor = "localhost",
}: SmtpOptions = {}): Promise<SmtpServer> {
  const directory = await temporaryDirectory("smtp");
  const port = await freePort();
  const ca = await certificateAuthority("Test mail CA");
  const server = await ca.issue({ cn: certificateFor, usage: "server", names: [certificateFor] });
  const put = async (name: string, text: string) => {
    await writeFile(join(directory, name), text, { mode: 0o600 });
    return join(directory, name);
  };
  const caFile = await put("ca.pem", ca.cert);
  const certFile = await put("cert.pem", server.cert);
  const keyFile = await put("key.pem", server.key);
  const spool = join(directory, "mails.jsonl");
  await appendFile(spool, "");
  const settings = {
    port,
    tls,
    certFile,
    keyFile,
    spool,
    user: login?.user ?? null,
    password: login?.password ?? null,
  };
  const args = [join(import.meta.dirname, "smtp-server.py"), await put("settings.json", JSON.stringify(settings))];
  // Debian's own python, which has the package.
  const smtp = service({ name: "smtp", command: "/usr/bin/python3", args }, (running) =>
    waitUntil(`smtp on port ${port}`, () => portAnswers(port), { running }),
  );
  await smtp.start();
  const mails = async () =>
    (await readFile(spool, "utf8"))
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as ReceivedMail);
  return {
    ...smtp,
    port,
    section: {
      host: "localhost",
      port,
      tls,
      caFile,
      from: "Ledgerstone <ledgerstone@site.example>",
      ...(login && { user: login.user, passwordFile: await put("password", login.password) }),
    },
    mails,
    mailTo: (address, fits = () => true) =>
      waitUntil(
        `a mail to ${address}`,
        async () => (await mails()).findLast((mail) => mail.to.includes(address) && fits(mail)),
        { timeoutMs: 30_000, everyMs: 100 },
      ),
    async stop() {
      await smtp.stop();
      await removeDirectory(directory);
    },
  };
}
