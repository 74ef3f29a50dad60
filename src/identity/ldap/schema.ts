import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { certificateBlocks } from "../../platform/pem.ts";
import { parseDn } from "../directory/dn.ts";
import { checkFilter, checkPersonFilter } from "./filter.ts";

const dn = z
  .string()
  .min(1)
  .max(1000)
  .refine(
    (text) => (parseDn(text)?.length ?? 0) > 0,
    "expected a distinguished name, such as ou=people,dc=example,dc=org",
  );
const attribute = z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,100}$/, "expected the name of an attribute");
const url = z
  .string()
  .max(300)
  .refine(isDirectoryUrl, "expected ldaps://host[:port], or ldap://host[:port] for StartTLS, and nothing behind it");

function filter(check: (text: string) => string | null) {
  return z
    .string()
    .max(2000)
    .check((given) => {
      const wrong = check(given.value);
      if (wrong) given.issues.push({ code: "custom", message: wrong, input: given.value });
    });
}

const groups = z.strictObject({
  base: dn.describe("Groups below it count"),
  filter: filter(checkFilter).default("(objectClass=*)"),
  lookup: z
    .enum(["auto", "member", "memberOf"])
    .default("auto")
    .describe(
      "auto: by the matching rule of Active Directory where it is one, else as member: groups that name the person. memberOf: by the person's own attribute",
    ),
  memberAttribute: attribute.default("member"),
  memberIs: z.enum(["dn", "userName"]).default("dn").describe("userName: groups of posixGroup, with memberUid"),
  nested: z.boolean().default(true).describe("Groups in groups count too"),
});

export const settingsSchema = z.strictObject({
  url,
  caPem: z
    .string()
    .max(100_000)
    .refine(isCertificates, "expected certificates in PEM")
    .nullable()
    .default(null)
    .describe("The CAs to trust, and no others. Null: the well-known ones"),
  serverName: z
    .string()
    .regex(/^[A-Za-z0-9.:-]{1,253}$/)
    .nullable()
    .default(null)
    .describe("The name that the certificate must have. Null: the host of the URL"),
  timeoutMs: z.int().min(500).max(30_000).default(5000),
  bindDn: z
    .string()
    .min(1)
    .max(1000)
    .refine(isBindName, "expected a distinguished name, or of Active Directory name@domain or DOMAIN\\name")
    .describe("The service account: needs to read people and groups, nothing more"),
  userBase: dn.describe("People below it may sign in"),
  userFilter: filter(checkPersonFilter).describe("How a typed name is found: {user} stands for it"),
  subjectAttribute: z
    .enum(["objectGUID", "entryUUID", "ipaUniqueID", "nsUniqueId"])
    .describe("What names a person for good: objectGUID of Active Directory, entryUUID of OpenLDAP"),
  attributes: z.strictObject({
    userName: attribute,
    displayName: attribute.default("displayName"),
    email: attribute.default("mail"),
  }),
  groups,
  provisioning: z
    .enum(["jit", "known-only"])
    .default("jit")
    .describe("jit: whoever has a mapped group gets an account. known-only: accounts are linked before"),
});

const named = { name: z.string().trim().min(1).max(100), enabled: z.boolean().default(false) };
const password = z.string().min(1).max(1024);

const exampleSettings = {
  url: "ldaps://dc1.corp.example.org",
  bindDn: "CN=Ledgerstone,OU=Services,DC=corp,DC=example,DC=org",
  userBase: "OU=People,DC=corp,DC=example,DC=org",
  userFilter: "(&(objectClass=user)(objectCategory=person)(sAMAccountName={user}))",
  subjectAttribute: "objectGUID",
  attributes: { userName: "sAMAccountName" },
  groups: { base: "OU=Groups,DC=corp,DC=example,DC=org", filter: "(objectClass=group)" },
} as const;

export const newDirectorySchema = z
  .strictObject({ ...named, settings: settingsSchema, bindPassword: password })
  .meta({ examples: [{ name: "Staff", settings: exampleSettings, bindPassword: "the service account's" }] });

export const changedDirectorySchema = z
  .strictObject({
    ...named,
    version: z.int().min(1).describe("The version that you have seen"),
    settings: settingsSchema,
    bindPassword: password
      .nullable()
      .default(null)
      .describe("Null keeps it; needed again when the URL, the trust or the service account changes"),
  })
  .meta({ examples: [{ name: "Staff", enabled: true, version: 1, settings: exampleSettings }] });

export const probeSchema = z
  .strictObject({ userName: z.string().min(1).max(256).nullable().default(null).describe("Somebody to look for") })
  .meta({ examples: [{ userName: "anna" }] });

export type LdapSettings = z.output<typeof settingsSchema>;
export type NewDirectory = z.output<typeof newDirectorySchema>;
export type ChangedDirectory = z.output<typeof changedDirectorySchema>;

function isDirectoryUrl(text: string): boolean {
  const parsed = URL.parse(text);
  if (!parsed || !["ldaps:", "ldap:"].includes(parsed.protocol) || parsed.hostname === "") return false;
  return parsed.username + parsed.password + parsed.search + parsed.hash === "" && ["", "/"].includes(parsed.pathname);
}

function isCertificates(text: string): boolean {
  const found = certificateBlocks(text);
  try {
    for (const pem of found) new X509Certificate(pem);
  } catch {
    return false;
  }
  return found.length > 0;
}

// Never a bare word: the library takes EXTERNAL, PLAIN and the like for another way to authenticate.
function isBindName(text: string): boolean {
  return (parseDn(text)?.length ?? 0) > 0 || /^[^\s@\\=]+[@\\][^\s@\\=]+$/.test(text);
}
