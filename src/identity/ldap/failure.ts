export type LdapStep = "address" | "connect" | "tls" | "bind" | "search" | "groups";

/** A directory that cannot be asked, or not as it is configured. Its message is fit for an administrator: no secret, no person. */
export class LdapFailure extends Error {
  readonly step: LdapStep;
  readonly remedy: string;

  constructor(step: LdapStep, message: string, remedy: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "LdapFailure";
    this.step = step;
    this.remedy = remedy;
  }
}

type Words = readonly [message: string, remedy: string];

const byCode: Record<string, Words> = {
  ECONNREFUSED: ["nothing listens there", "check host and port, and that the directory runs"],
  ECONNRESET: ["the directory closed the connection", "check that the port speaks the protocol of the address"],
  EHOSTUNREACH: ["no way to the host", "check routes and firewalls between the appliance and the directory"],
  ENETUNREACH: ["no way to the network", "check routes and firewalls between the appliance and the directory"],
  ETIMEDOUT: ["no answer in time", "check firewalls, or allow more time"],
  CERT_HAS_EXPIRED: ["the directory's certificate has expired", "renew it on the directory"],
  CERT_NOT_YET_VALID: ["the directory's certificate is not valid yet", "compare the clocks of both"],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    "the directory's certificate is for another name",
    "use a name of the certificate in the address, or set the name to expect",
  ],
};

const untrusted: Words = [
  "the directory's certificate is of a CA that this configuration does not trust",
  "put the certificate of the CA that signed it (PEM) into the configuration",
];
const noTls: Words = [
  "the directory did not speak TLS",
  "use its LDAPS port with ldaps://, its plain port with ldap://",
];

/** What a socket's error means to an administrator. */
export function socketFailure(step: "connect" | "tls", error: unknown): LdapFailure {
  if (error instanceof LdapFailure) return error;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const words = byCode[code] ?? (isTrust(code) ? untrusted : step === "tls" ? noTls : undefined);
  const [message, remedy] = words ?? ["the connection failed", "check host and port"];
  return new LdapFailure(step, code ? `${message} (${code})` : message, remedy, error);
}

const isTrust = (code: string): boolean =>
  /SELF_SIGNED|UNABLE_TO|CERT_(UNTRUSTED|SIGNATURE|CHAIN)|INVALID_CA/.test(code);

export const timedOut = (step: LdapStep): LdapFailure =>
  new LdapFailure(step, "no answer in time", "check the directory's load, and the network; or allow more time");
