import { randomBytes, randomInt } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Attribute, Client } from "ldapts";
import { type CertificateAuthority, certificateAuthority } from "./pki.ts";
import { portAnswers, run, waitUntil } from "./process.ts";
import { type Service, service } from "./service.ts";
import { removeDirectory, temporaryDirectory } from "./temporary.ts";

export const domain = "DC=corp,DC=example,DC=org";
export const users = `CN=Users,${domain}`;

export type Samba = Omit<Service, "stop"> & {
  /** A loopback address of its own: the ports, 389 and 636, are fixed. */
  readonly host: string;
  /** Of the certificate. */
  readonly name: string;
  readonly ca: CertificateAuthority;
  /** `samba-tool <args>` on the domain. */
  tool(...args: string[]): Promise<string>;
  addUser(name: string, password: string, fields?: Record<string, string>): Promise<void>;
  addGroup(name: string, members?: string[]): Promise<void>;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
};

/** Active Directory itself, as Samba has it: a domain of its own, of which only the LDAP service runs. Needs root. */
export async function startSamba(): Promise<Samba> {
  const directory = await temporaryDirectory("samba");
  const host = `127.${randomInt(64, 128)}.${randomInt(256)}.${randomInt(2, 255)}`;
  const name = "dc1.corp.example.org";
  const ca = await certificateAuthority("Corp CA");
  const server = await ca.issue({ cn: name, usage: "server", names: [name], key: "rsa" });
  const certificate = { certfile: server.cert, keyfile: server.key, cafile: ca.cert };
  for (const [file, text] of Object.entries(certificate)) await writeFile(join(directory, file), text, { mode: 0o600 });
  const administrator = `A1-${randomBytes(18).toString("base64url")}`;
  const settings = await provision(directory, host, administrator);
  const samba = service(
    { name: "samba", command: "/usr/sbin/samba", args: ["-i", "-M", "single", "-s", settings] },
    (running) => waitUntil(`samba on ${host}`, () => portAnswers(636, host), { running, timeoutMs: 60_000 }),
  );
  await samba.start();
  const add = async (cn: string, attributes: Attribute[]): Promise<void> => {
    const client = new Client({
      url: `ldaps://${host}`,
      tlsOptions: { ca: ca.cert, servername: name },
      timeout: 20_000,
    });
    try {
      await client.bind("Administrator@corp.example.org", administrator);
      await client.add(`CN=${cn},${users}`, attributes);
    } finally {
      await client.unbind();
    }
  };
  const attribute = (type: string, ...values: string[]) => new Attribute({ type, values });
  return {
    ...samba,
    host,
    name,
    ca,
    addUser: (cn, password, fields = {}) =>
      add(cn, [
        attribute("objectClass", "user"),
        attribute("sAMAccountName", cn),
        new Attribute({ type: "unicodePwd", values: [Buffer.from(`"${password}"`, "utf16le")] }),
        ...Object.entries({ userAccountControl: "512", ...fields }).map(([type, value]) => attribute(type, value)),
      ]),
    addGroup: (cn, members = []) =>
      add(cn, [
        attribute("objectClass", "group"),
        attribute("sAMAccountName", cn),
        ...(members.length > 0 ? [attribute("member", ...members.map((member) => `CN=${member},${users}`))] : []),
      ]),
    tool: (...args) => tool([...args, "-H", join(directory, "private/sam.ldb"), "-s", settings]),
    async stop() {
      await samba.stop();
      await removeDirectory(directory);
    },
  };
}

const tool = (args: string[]): Promise<string> =>
  run({ name: `samba-tool ${args.slice(0, 2).join(" ")}`, command: "/usr/bin/samba-tool", args });

/** Makes the domain; the path of its smb.conf. */
async function provision(directory: string, host: string, administrator: string): Promise<string> {
  await tool([
    ...["domain", "provision", "--realm=CORP.EXAMPLE.ORG", "--domain=CORP", "--server-role=dc", "--dns-backend=NONE"],
    ...["--host-name=dc1", `--host-ip=${host}`, `--targetdir=${directory}`],
    `--adminpass=${administrator}`,
    // Files' access lists go into a file of ours, since not every filesystem takes them.
    "--option=vfs objects = dfs_samba4 acl_xattr posix_eadb",
    `--option=posix:eadb = ${directory}/eadb.tdb`,
  ]);
  const path = join(directory, "etc/smb.conf");
  const places = ["run", "ncalrpc", "wb", "ntp"];
  for (const place of places) await mkdir(join(directory, place), { mode: 0o750 });
  const own = [
    "server services = ldap",
    `interfaces = ${host}/8`,
    "bind interfaces only = yes",
    // What the customer's domain controllers do: simple binds over TLS alone.
    "ldap server require strong auth = allow_sasl_over_tls",
    ...["certfile", "keyfile", "cafile"].map((file) => `tls ${file} = ${directory}/${file}`),
    `pid directory = ${directory}/run`,
    `ncalrpc dir = ${directory}/ncalrpc`,
    `winbindd socket directory = ${directory}/wb`,
    `ntp signd socket directory = ${directory}/ntp`,
    `log file = ${directory}/log`,
  ];
  const text = await readFile(path, "utf8");
  const replaced = new Set(own.map((line) => line.split(" = ")[0]!));
  const kept = text.split("\n").filter((line) => !replaced.has(line.split(" = ")[0]!.trim()));
  await writeFile(path, kept.join("\n").replace("[global]", `[global]\n${own.join("\n")}`));
  return path;
}
