import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "ldapts";
import { type CertificateAuthority, certificateAuthority } from "./pki.ts";
import { freePort } from "./ports.ts";
import { waitUntil } from "./process.ts";
import { type Service, service } from "./service.ts";
import { removeDirectory, temporaryDirectory } from "./temporary.ts";

export const suffix = "dc=example,dc=org";

export type Slapd = Omit<Service, "stop"> & {
  readonly host: string;
  /** LDAPS. */
  readonly port: number;
  /** Plain, with StartTLS. */
  readonly plainPort: number;
  /** Signed the server's certificate. */
  readonly ca: CertificateAuthority;
  /** May read everything but passwords. */
  readonly service: { dn: string; password: string };
  /** As the directory's own administrator. */
  asRoot<T>(work: (client: Client) => Promise<T>): Promise<T>;
  add(dn: string, attributes: Record<string, string | string[]>): Promise<void>;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
};

export type SlapdOptions = {
  /** Of the certificate. */
  names?: string[];
  /** Lines of slapd.conf for the database. */
  database?: string[];
};

/**
 * A real OpenLDAP as companies run it: a service account that reads, passwords that nobody reads, the memberOf overlay. Binds
 * with a name and no password succeed, as they do in Active Directory.
 */
export async function startSlapd({
  names = ["localhost", "127.0.0.1"],
  database = [],
}: SlapdOptions = {}): Promise<Slapd> {
  const directory = await temporaryDirectory("slapd");
  const ca = await certificateAuthority("Directory CA");
  const host = "127.0.0.1";
  const [port, plainPort] = [await freePort(), await freePort()];
  const root = { dn: `cn=root,${suffix}`, password: randomBytes(18).toString("base64url") };
  const account = { dn: `cn=ledgerstone,${suffix}`, password: randomBytes(18).toString("base64url") };
  const configFile = join(directory, "slapd.conf");
  await mkdir(join(directory, "data"));
  const server = await ca.issue({ cn: "localhost", usage: "server", names });
  await writeFile(join(directory, "cert.pem"), server.cert);
  await writeFile(join(directory, "key.pem"), server.key, { mode: 0o600 });
  await writeFile(join(directory, "ca.pem"), ca.cert);
  await writeFile(configFile, configuration(directory, root, account.dn, database), { mode: 0o600 });

  const urls = `ldaps://${host}:${port}/ ldap://${host}:${plainPort}/`;
  const asRoot = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
    const client = new Client({ url: `ldap://${host}:${plainPort}`, timeout: 5000, connectTimeout: 5000 });
    try {
      await client.bind(root.dn, root.password);
      return await work(client);
    } finally {
      await client.unbind();
    }
  };
  const slapd = service(
    { name: "slapd", command: "/usr/sbin/slapd", args: ["-f", configFile, "-h", urls, "-d", "stats"] },
    (running) => waitUntil(`slapd on port ${plainPort}`, () => asRoot(async () => true), { running }),
  );
  await slapd.start();
  const add = (dn: string, attributes: Record<string, string | string[]>) =>
    asRoot((client) => client.add(dn, attributes));
  await add(suffix, { objectClass: ["dcObject", "organization"], dc: "example", o: "Example" });
  await add(account.dn, {
    objectClass: ["organizationalRole", "simpleSecurityObject"],
    cn: "ledgerstone",
    userPassword: account.password,
  });
  return {
    ...slapd,
    host,
    port,
    plainPort,
    ca,
    service: account,
    asRoot,
    add,
    async stop() {
      await slapd.stop();
      await removeDirectory(directory);
    },
  };
}

function configuration(
  directory: string,
  root: { dn: string; password: string },
  reader: string,
  database: readonly string[],
): string {
  const schemas = ["core", "cosine", "inetorgperson", "nis"];
  return [
    ...schemas.map((name) => `include /etc/ldap/schema/${name}.schema`),
    `pidfile ${directory}/slapd.pid`,
    "modulepath /usr/lib/ldap",
    ...["back_mdb", "memberof", "pw-sha2"].map((name) => `moduleload ${name}`),
    // As in Active Directory: of two that this makes the same object class, the test's own.
    "attributetype ( 1.3.6.1.4.1.55555.1.1 NAME 'userAccountControl' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )",
    "attributetype ( 1.3.6.1.4.1.55555.1.2 NAME 'objectGUID' EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )",
    "objectclass ( 1.3.6.1.4.1.55555.2.1 NAME 'adAccount' AUXILIARY MAY ( userAccountControl $ objectGUID ) )",
    `TLSCACertificateFile ${directory}/ca.pem`,
    `TLSCertificateFile ${directory}/cert.pem`,
    `TLSCertificateKeyFile ${directory}/key.pem`,
    "TLSVerifyClient never",
    "allow bind_anon_cred bind_anon_dn",
    "database mdb",
    `suffix "${suffix}"`,
    `rootdn "${root.dn}"`,
    `rootpw ${root.password}`,
    `directory ${directory}/data`,
    "maxsize 67108864",
    "index objectClass,uid,member eq",
    ...database,
    "overlay memberof",
    "access to attrs=userPassword by anonymous auth by * none",
    `access to * by dn.exact="${reader}" read by self read by * none`,
    "",
  ].join("\n");
}
