import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { createTransport } from "nodemailer";
import { type Config, readSecret } from "./config.ts";
import { AppError, invalid } from "./errors.ts";
import { isMailAddress, parseSender } from "./mail-address.ts";

export type SmtpConfig = NonNullable<Config["smtp"]>;

/** Text alone: no HTML, no attachment. */
export type Mail = {
  /** One address, without a name. */
  to: string;
  subject: string;
  text: string;
  /** Becomes the Message-ID: a mail that goes out twice after a crash shows as one. */
  messageId?: string;
};

export interface Mailer {
  /**
   * Hands a mail to the SMTP server, within 30 s. @throws AppError `invalid` for a mail that must not go out, `mail-refused` when
   * the server will never take it (5xx), `mail-failed` for all that may pass: try again later.
   */
  send(mail: Mail): Promise<void>;
}

const wholeMs = 30_000;

/** The one way mails leave the appliance: to the operator's own SMTP server, over TLS unless the configuration says `none`. */
export async function createMailer(config: SmtpConfig): Promise<Mailer> {
  const sender = parseSender(config.from);
  if (!sender)
    throw new AppError("config", "smtp.from is no sender", { expected: "a@b.example, or Name <a@b.example>" });
  const ca = config.caFile ? await readFile(config.caFile, "utf8") : undefined;
  const pass = config.passwordFile ? await readSecret(config.passwordFile, "smtp.passwordFile") : undefined;
  const transport = createTransport({
    host: config.host,
    port: config.port,
    secure: config.tls === "tls",
    requireTLS: config.tls === "starttls",
    ignoreTLS: config.tls === "none",
    ...(config.user && pass !== undefined && { auth: { user: config.user, pass } }),
    tls: {
      minVersion: "TLSv1.2",
      rejectUnauthorized: true,
      ...(isIP(config.host) === 0 && { servername: config.host }),
      ...(ca && { ca }),
    },
    dnsTimeout: 5_000,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 15_000,
    maxResponseSize: 65_536,
    // A mail is made from text alone, whatever its fields hold.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send(mail) {
      checkMail(mail);
      const { to, subject, text, messageId } = mail;
      const sending = transport.sendMail({
        signal: AbortSignal.timeout(wholeMs),
        from: sender,
        // As objects: a text would be parsed, and might name several.
        to: { name: "", address: to },
        envelope: { from: sender.address, to: [to] },
        subject,
        text,
        textEncoding: "quoted-printable",
        headers: { "Auto-Submitted": "auto-generated" },
        ...(messageId && { messageId: `<${messageId}@${sender.address.split("@")[1]}>` }),
      });
      await sending.catch((error: unknown) => {
        throw told(error, config);
      });
    },
  };
}

/** A line break in a header would start another one, or the body. */
function checkMail({ to, subject, text, messageId }: Mail): void {
  if (!isMailAddress(to)) throw invalid("this is no mail address", { expected: "one address, such as a@b.example" });
  const isHeader = subject.length > 0 && subject.length <= 200 && !/\p{Cc}/u.test(subject);
  if (!isHeader) throw invalid("this is no subject", { expected: "1 to 200 characters on one line" });
  if (text.length > 100_000) throw invalid("this mail is too long", { expected: "at most 100000 characters" });
  if (messageId !== undefined && !/^[A-Za-z0-9.-]{1,100}$/.test(messageId)) throw invalid("this is no message id");
}

/** Names the server and what it said, never the recipient: the error goes into logs and tasks. */
function told(error: unknown, { host, port, tls }: SmtpConfig): AppError {
  const { code, responseCode, command } = error as { code?: string; responseCode?: number; command?: string };
  const found = [code, responseCode && `status ${responseCode}`].filter(Boolean).join(", ") || "an unknown failure";
  // A 5xx to our credentials or our sender is the operator's to mend; to a recipient or a message it is for good (RFC 5321, 4.2.1).
  const isFinal = (responseCode ?? 0) >= 500 && (command === "RCPT TO" || command === "DATA");
  if (isFinal) return new AppError("mail-refused", `${host}:${port} refused the mail for good`, { found });
  return new AppError("mail-failed", `${host}:${port} did not take the mail`, {
    found,
    expected: tls === "none" ? "SMTP without TLS" : `SMTP over TLS (${tls}) with a certificate for ${host}`,
    remedy: "check smtp in the configuration with: ledgerstone mail test --to you@your.example",
  });
}
