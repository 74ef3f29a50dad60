import "reflect-metadata";
import {
  type CipherGCM,
  constants,
  createCipheriv,
  createHash,
  generateKeyPairSync,
  type KeyObject,
  publicEncrypt,
  randomBytes,
  sign,
  webcrypto,
} from "node:crypto";
import * as x509 from "@peculiar/x509";

/**
 * An identity provider in a few lines that signs with node:crypto alone: what it writes is in canonical form already
 * (exclusive c14n), so that it shares no code with the library it tests.
 */
export type TestIdp = {
  readonly entityId: string;
  /** PEM. */
  readonly certificate: string;
  readonly key: KeyObject;
  respond(to: ResponseTo): string;
};

export type ResponseTo = {
  requestId: string;
  acsUrl: string;
  spEntityId: string;
  nameId?: string;
  attributes?: Record<string, string[]>;
  now?: number;
  /** What is signed. */
  signed?: "both" | "assertion" | "response" | "none";
  signature?: SignatureOptions;
  /** Changes of what is then signed. */
  edit?: { response?: Edit; assertion?: Edit };
  /** After the assertion is signed, before the response is: encryption. */
  wrapAssertion?: Edit;
};
export type Edit = (xml: string) => string;
export type SignatureOptions = { method?: string; digest?: string; keyInfo?: string; key?: KeyObject };

export const rsaSha256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
export const sha256 = "http://www.w3.org/2001/04/xmlenc#sha256";

export async function createTestIdp(entityId: string): Promise<TestIdp> {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const certificate = await selfSigned(privateKey, publicKey, "CN=test provider");
  return { entityId, certificate, key: privateKey, respond: (to) => respond({ entityId, key: privateKey }, to) };
}

export type CertificateOptions = { notAfter?: Date; hash?: "SHA-1" | "SHA-256" };

export async function selfSigned(
  privateKey: KeyObject,
  publicKey: KeyObject,
  name: string,
  { notAfter = new Date(Date.now() + 86_400_000), hash = "SHA-256" }: CertificateOptions = {},
): Promise<string> {
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash };
  const keys = {
    privateKey: await webcrypto.subtle.importKey("pkcs8", der(privateKey), algorithm, true, ["sign"]),
    publicKey: await webcrypto.subtle.importKey("spki", spki(publicKey), algorithm, true, ["verify"]),
  } as CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    { name, keys, signingAlgorithm: algorithm, notBefore: new Date(notAfter.getTime() - 2 * 86_400_000), notAfter },
    webcrypto as Crypto,
  );
  return certificate.toString("pem");
}

const der = (key: KeyObject) => new Uint8Array(key.export({ type: "pkcs8", format: "der" }));
const spki = (key: KeyObject) => new Uint8Array(key.export({ type: "spki", format: "der" }));

export const newId = (): string => `_${randomBytes(16).toString("hex")}`;
const time = (ms: number): string => new Date(ms).toISOString();

function respond(idp: { entityId: string; key: KeyObject }, to: ResponseTo): string {
  const { signed = "both", edit = {}, wrapAssertion = (xml) => xml } = to;
  const plain = (edit.assertion ?? same)(assertionXml(idp.entityId, to));
  const assertion =
    signed === "both" || signed === "assertion" ? signXml(plain, { key: idp.key, ...to.signature }) : plain;
  const response = (edit.response ?? same)(responseXml(idp.entityId, to, wrapAssertion(assertion)));
  return signed === "both" || signed === "response" ? signXml(response, { key: idp.key, ...to.signature }) : response;
}

const same: Edit = (xml) => xml;

function responseXml(entityId: string, { requestId, acsUrl, now = Date.now() }: ResponseTo, assertion: string): string {
  return [
    `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" Destination="${acsUrl}" ID="${newId()}" `,
    `InResponseTo="${requestId}" IssueInstant="${time(now)}" Version="2.0">`,
    `<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${entityId}</saml:Issuer>`,
    '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"></samlp:StatusCode></samlp:Status>',
    `${assertion}</samlp:Response>`,
  ].join("");
}

function assertionXml(entityId: string, to: ResponseTo): string {
  const { requestId, acsUrl, spEntityId, nameId = "anna@example.test", attributes = {}, now = Date.now() } = to;
  const soon = time(now + 300_000);
  const named = Object.entries(attributes).map(([name, values]) => {
    const inner = values.map((value) => `<saml:AttributeValue>${escaped(value)}</saml:AttributeValue>`).join("");
    return `<saml:Attribute Name="${name}">${inner}</saml:Attribute>`;
  });
  return [
    `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${newId()}" IssueInstant="${time(now)}" Version="2.0">`,
    `<saml:Issuer>${entityId}</saml:Issuer>`,
    `<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">${escaped(nameId)}</saml:NameID>`,
    '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">',
    `<saml:SubjectConfirmationData InResponseTo="${requestId}" NotOnOrAfter="${soon}" Recipient="${acsUrl}"></saml:SubjectConfirmationData>`,
    "</saml:SubjectConfirmation></saml:Subject>",
    `<saml:Conditions NotBefore="${time(now - 30_000)}" NotOnOrAfter="${soon}"><saml:AudienceRestriction>`,
    `<saml:Audience>${spEntityId}</saml:Audience></saml:AudienceRestriction></saml:Conditions>`,
    `<saml:AuthnStatement AuthnInstant="${time(now)}" SessionIndex="${newId()}" SessionNotOnOrAfter="${time(now + 28_800_000)}">`,
    "<saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef>",
    "</saml:AuthnContext></saml:AuthnStatement>",
    named.length > 0 ? `<saml:AttributeStatement>${named.join("")}</saml:AttributeStatement>` : "",
    "</saml:Assertion>",
  ].join("");
}

const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[character]!);

const hashes: Record<string, string> = {
  [rsaSha256]: "sha256",
  [sha256]: "sha256",
  "http://www.w3.org/2000/09/xmldsig#rsa-sha1": "sha1",
  "http://www.w3.org/2000/09/xmldsig#sha1": "sha1",
};
const signatureNamespace = 'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"';

/** Signs the outermost element, enveloped, behind its Issuer. The text must be canonical. */
export function signXml(xml: string, options: SignatureOptions & { key: KeyObject }): string {
  const { method = rsaSha256, digest = sha256, keyInfo = "", key } = options;
  const id = / ID="([^"]+)"/.exec(xml)![1]!;
  const value = createHash(hashes[digest]!).update(xml).digest("base64");
  const inner = [
    '<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:CanonicalizationMethod>',
    `<ds:SignatureMethod Algorithm="${method}"></ds:SignatureMethod><ds:Reference URI="#${id}"><ds:Transforms>`,
    '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></ds:Transform>',
    '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform></ds:Transforms>',
    `<ds:DigestMethod Algorithm="${digest}"></ds:DigestMethod><ds:DigestValue>${value}</ds:DigestValue></ds:Reference>`,
  ].join("");
  const canonical = `<ds:SignedInfo ${signatureNamespace}>${inner}</ds:SignedInfo>`;
  const signature = sign(hashes[method]!, Buffer.from(canonical), key).toString("base64");
  const element =
    `<ds:Signature ${signatureNamespace}><ds:SignedInfo>${inner}</ds:SignedInfo>` +
    `<ds:SignatureValue>${signature}</ds:SignatureValue>${keyInfo}</ds:Signature>`;
  const at = /^<[^>]+>(?:<saml:Issuer.*?<\/saml:Issuer>)?/.exec(xml)![0].length;
  return xml.slice(0, at) + element + xml.slice(at);
}

export type EncryptionOptions = { cipher?: keyof typeof ciphers; keyMethod?: string };

const ciphers = {
  "aes128-gcm": { uri: "http://www.w3.org/2009/xmlenc11#aes128-gcm", name: "aes-128-gcm", keyBytes: 16, ivBytes: 12 },
  "aes256-cbc": { uri: "http://www.w3.org/2001/04/xmlenc#aes256-cbc", name: "aes-256-cbc", keyBytes: 32, ivBytes: 16 },
} as const;
const oaep = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";

/** An EncryptedAssertion for whoever has the certificate's key, in canonical form. */
export function encryptAssertion(xml: string, certificate: string, options: EncryptionOptions = {}): string {
  const { cipher = "aes128-gcm", keyMethod = oaep } = options;
  const { uri, name, keyBytes, ivBytes } = ciphers[cipher];
  const [key, iv] = [randomBytes(keyBytes), randomBytes(ivBytes)];
  const cipherer = createCipheriv(name, key, iv);
  const body = Buffer.concat([iv, cipherer.update(xml), cipherer.final()]);
  const tag = name.endsWith("gcm") ? (cipherer as CipherGCM).getAuthTag() : Buffer.alloc(0);
  const padding = keyMethod === oaep ? constants.RSA_PKCS1_OAEP_PADDING : constants.RSA_PKCS1_PADDING;
  const wrapped = publicEncrypt({ key: certificate, padding, oaepHash: "sha1" }, key);
  const value = (bytes: Buffer) =>
    `<xenc:CipherData><xenc:CipherValue>${bytes.toString("base64")}</xenc:CipherValue></xenc:CipherData>`;
  return [
    '<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">',
    '<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element">',
    `<xenc:EncryptionMethod Algorithm="${uri}"></xenc:EncryptionMethod><ds:KeyInfo ${signatureNamespace}><xenc:EncryptedKey>`,
    `<xenc:EncryptionMethod Algorithm="${keyMethod}"></xenc:EncryptionMethod>${value(wrapped)}</xenc:EncryptedKey></ds:KeyInfo>`,
    `${value(Buffer.concat([body, tag]))}</xenc:EncryptedData></saml:EncryptedAssertion>`,
  ].join("");
}

export const toBase64 = (xml: string): string => Buffer.from(xml).toString("base64");
