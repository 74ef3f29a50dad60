// Names of SAML 2.0, XML Signature and XML Encryption that are read or written here.

export const ns = {
  protocol: "urn:oasis:names:tc:SAML:2.0:protocol",
  assertion: "urn:oasis:names:tc:SAML:2.0:assertion",
  metadata: "urn:oasis:names:tc:SAML:2.0:metadata",
  signature: "http://www.w3.org/2000/09/xmldsig#",
  encryption: "http://www.w3.org/2001/04/xmlenc#",
} as const;

export const redirectBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
export const postBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
export const bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
export const success = "urn:oasis:names:tc:SAML:2.0:status:Success";
export const entityFormat = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";
export const transientFormat = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";

/** By element, what its `Algorithm` may say. What is in no list is refused, SHA-1 signatures among it. */
export const algorithms: Readonly<Record<string, readonly string[]>> = {
  CanonicalizationMethod: ["http://www.w3.org/2001/10/xml-exc-c14n#"],
  Transform: ["http://www.w3.org/2000/09/xmldsig#enveloped-signature", "http://www.w3.org/2001/10/xml-exc-c14n#"],
  SignatureMethod: [
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
    "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
  ],
  DigestMethod: ["http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmlenc#sha512"],
};

/** Of an encrypted assertion: the content's cipher, and the key's. */
export const gcmCiphers = [
  "http://www.w3.org/2009/xmlenc11#aes128-gcm",
  "http://www.w3.org/2009/xmlenc11#aes256-gcm",
] as const;
export const cbcCiphers = [
  "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
  "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
] as const;
export const keyCipher = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
/** The digest inside RSA-OAEP, where SHA-1 does no harm: the one that the library reads. */
export const oaepDigest = "http://www.w3.org/2000/09/xmldsig#sha1";
