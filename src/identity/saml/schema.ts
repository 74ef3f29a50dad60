import { z } from "zod";
import { certificateFacts } from "./certificates.ts";
import { exampleCertificate } from "./example-certificate.ts";

const attributeName = z.string().min(1).max(256);

/** A password is typed there: https, or this very machine. */
const signOnUrl = z
  .url({ protocol: /^https?$/ })
  .max(2000)
  .refine((text) => {
    if (!URL.canParse(text)) return false;
    const { protocol, hostname, hash, username } = new URL(text);
    const loopback = hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";
    return (protocol === "https:" || loopback) && hash === "" && username === "";
  }, "expected https, without a fragment or credentials");

export const certificatePem = z
  .string()
  .max(20_000)
  .superRefine((text, context) => {
    const facts = certificateFacts(text);
    if ("problem" in facts) context.addIssue({ code: "custom", message: facts.problem });
  })
  .meta({ description: "An X.509 certificate in PEM, with an RSA key" });

export const samlSettings = z.strictObject({
  enabled: z.boolean().describe("Whether people can sign in by it. Tests work all the same"),
  idp: z.strictObject({
    entityId: z.string().min(1).max(1024),
    ssoUrl: signOnUrl.describe("Where requests go, by HTTP-Redirect"),
    certificates: z.array(certificatePem).min(1).max(10).describe("Any of these may have signed"),
  }),
  attributes: z
    .strictObject({
      groups: attributeName.nullable().default(null).describe("Whose values are mapped to roles and groups"),
      email: attributeName.nullable().default(null),
      displayName: attributeName.nullable().default(null),
      userName: attributeName.nullable().default(null).describe("Null: the NameID"),
    })
    .prefault({}),
  provisioning: z
    .enum(["jit", "known-only"])
    .default("jit")
    .describe("jit: somebody new gets an account at sign-in. known-only: SCIM or an administrator makes it before"),
  enforce: z
    .boolean()
    .default(false)
    .describe("Whether passwords are refused, but for local owners: they get in when the provider is away"),
  profile: z
    .enum(["response-and-assertion", "assertion-only"])
    .default("response-and-assertion")
    .describe("What must be signed. assertion-only is weaker: status and destination are then nobody's word"),
  secondFactorContexts: z
    .array(z.string().min(1).max(512))
    .max(20)
    .default([])
    .describe("Values of AuthnContextClassRef that say the provider asked for a second factor"),
});

export type SamlSettings = z.output<typeof samlSettings>;

export const configureBody = samlSettings.meta({
  examples: [
    {
      enabled: false,
      idp: {
        entityId: "https://idp.example.org/metadata",
        ssoUrl: "https://idp.example.org/sso",
        certificates: [exampleCertificate],
      },
      attributes: { groups: "groups", email: "mail", displayName: "displayName" },
    },
  ],
});

export const metadataBody = z
  .union([
    z.strictObject({ xml: z.string().min(1).max(900_000) }),
    z.strictObject({ url: z.url({ protocol: /^https?$/ }).max(2000) }),
  ])
  .meta({ examples: [{ url: "https://idp.example.org/metadata" }] });

/** The form that an identity provider's page posts. */
export const responseForm = z.strictObject({
  SAMLResponse: z.string().min(1).max(262_144),
  RelayState: z.string().min(1).max(80),
});

/** What the route takes in its place: a refused form has its row in the ledger too. */
export const anyForm = z.looseObject({
  SAMLResponse: z.unknown().describe("The provider's response, base64"),
  RelayState: z.unknown().describe("As the request had it"),
});

export const loginQuery = z.strictObject({ test: z.uuid().optional() });
