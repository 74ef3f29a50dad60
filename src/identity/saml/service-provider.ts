import { certificateBody } from "./certificates.ts";
import { cbcCiphers, gcmCiphers, keyCipher, ns, postBinding } from "./names.ts";
import type { SignatureProfile } from "./validate.ts";
import { escapeXml } from "./xml-tree.ts";

/** Where a tenant's service provider is found. Made of the configured public address, never of what a request says. */
export type SpAddresses = { entityId: string; acsUrl: string; loginUrl: string };

export function spAddresses(publicUrl: string, slug: string): SpAddresses {
  const base = `${publicUrl.replace(/\/+$/, "")}/saml/${slug}`;
  return { entityId: `${base}/metadata`, acsUrl: `${base}/acs`, loginUrl: `${base}/login` };
}

export type SpMetadata = {
  addresses: SpAddresses;
  /** PEM; the one in use first, then the next. */
  certificates: readonly string[];
  profile: SignatureProfile;
};

/** SAML 2.0 metadata of the service provider, with the keys in use and to come, so that the provider knows both before a change. */
export function spMetadata({ addresses: { entityId, acsUrl }, certificates, profile }: SpMetadata): string {
  // Without a signature over the ciphertext CBC is not opened (decrypt.ts).
  const ciphers = profile === "assertion-only" ? gcmCiphers : [...gcmCiphers, ...cbcCiphers];
  const methods = [...ciphers, keyCipher].map((name) => `<md:EncryptionMethod Algorithm="${name}"/>`).join("");
  const keyInfo = (pem: string) =>
    `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificateBody(pem)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<md:EntityDescriptor xmlns:md="${ns.metadata}" xmlns:ds="${ns.signature}" entityID="${escapeXml(entityId)}">`,
    `<md:SPSSODescriptor AuthnRequestsSigned="true" WantAssertionsSigned="true" protocolSupportEnumeration="${ns.protocol}">`,
    ...certificates.map((pem) => `<md:KeyDescriptor use="signing">${keyInfo(pem)}</md:KeyDescriptor>`),
    ...certificates.map((pem) => `<md:KeyDescriptor use="encryption">${keyInfo(pem)}${methods}</md:KeyDescriptor>`),
    `<md:AssertionConsumerService Binding="${postBinding}" Location="${escapeXml(acsUrl)}" index="0" isDefault="true"/>`,
    "</md:SPSSODescriptor>",
    "</md:EntityDescriptor>",
    "",
  ].join("\n");
}
