import { invalid } from "../../platform/errors.ts";
import { type CertificateFacts, certificateFacts, pemFromBody } from "./certificates.ts";
import { ns, redirectBinding } from "./names.ts";
import { readXml, XmlError } from "./xml.ts";
import { attributeOf, childrenOf, everyElement, textOf, type XmlElement } from "./xml-tree.ts";

/** What a provider's metadata says, for an administrator to look at. Nothing of it is in force before he saves it. */
export type ImportedMetadata = {
  entityId: string;
  ssoUrl: string;
  certificates: { pem: string; facts: CertificateFacts }[];
  warnings: string[];
};

const limits = { elements: 20_000, attributes: 64, depth: 64, comments: true };

/**
 * Reads SAML 2.0 metadata of one identity provider. Its signature, if it has one, is not looked at: whoever uploads it vouches
 * for it. @throws AppError `invalid` that says what it lacks.
 */
export function readIdpMetadata(text: string, now = Date.now()): ImportedMetadata {
  const entity = providerOf(parse(text));
  const entityId = attributeOf(entity, "entityID");
  if (!entityId || entityId.length > 1024) throw invalid("the metadata names no entityID of at most 1024 characters");
  const [role] = rolesOf(entity);
  const services = childrenOf(role!, ns.metadata, "SingleSignOnService");
  const redirect = services.find((service) => attributeOf(service, "Binding") === redirectBinding);
  const ssoUrl = redirect && attributeOf(redirect, "Location");
  if (!ssoUrl) {
    throw invalid("the provider offers no sign-on by HTTP-Redirect", {
      found: services.map((service) => attributeOf(service, "Binding")?.split(":").at(-1)).join(", ") || "none",
      expected: "a SingleSignOnService with the HTTP-Redirect binding",
    });
  }
  const { certificates, warnings } = certificatesOf(role!, now);
  if (certificates.length === 0)
    throw invalid(["the metadata has no certificate to verify with", ...warnings].join(": "));
  const validUntil = Date.parse(attributeOf(entity, "validUntil") ?? "");
  if (validUntil < now) warnings.push("the metadata says that it is no longer valid");
  if (attributeOf(role!, "WantAuthnRequestsSigned") === "false")
    warnings.push("the provider does not ask for signed requests");
  return { entityId, ssoUrl, certificates, warnings };
}

function parse(text: string): XmlElement {
  try {
    return readXml(text.replace(/^\ufeff/, ""), limits);
  } catch (error) {
    if (error instanceof XmlError) throw invalid(`the metadata cannot be read: ${error.message}`);
    throw error;
  }
}

const rolesOf = (entity: XmlElement): XmlElement[] =>
  childrenOf(entity, ns.metadata, "IDPSSODescriptor").filter((role) =>
    (attributeOf(role, "protocolSupportEnumeration") ?? "").split(/\s+/).includes(ns.protocol),
  );

function providerOf(root: XmlElement): XmlElement {
  const entities = [...everyElement(root)].filter(
    (element) =>
      element.namespace === ns.metadata && element.name === "EntityDescriptor" && rolesOf(element).length > 0,
  );
  if (entities.length !== 1) {
    throw invalid("the metadata is not of one identity provider", {
      found: `${entities.length} of SAML 2.0`,
      expected: "one EntityDescriptor with an IDPSSODescriptor",
      remedy:
        entities.length > 1 ? "take the provider's own metadata, not the federation's" : "export it from the provider",
    });
  }
  return entities[0]!;
}

function certificatesOf(role: XmlElement, now: number): Pick<ImportedMetadata, "certificates" | "warnings"> {
  const certificates = new Map<string, ImportedMetadata["certificates"][number]>();
  const warnings: string[] = [];
  for (const descriptor of childrenOf(role, ns.metadata, "KeyDescriptor")) {
    if ((attributeOf(descriptor, "use") ?? "signing") !== "signing") continue;
    for (const element of everyElement(descriptor)) {
      if (element.namespace !== ns.signature || element.name !== "X509Certificate") continue;
      const pem = pemFromBody(textOf(element) ?? "");
      const facts = pem ? certificateFacts(pem, now) : { problem: "a certificate cannot be read" };
      if ("problem" in facts) warnings.push(`left out a certificate: ${facts.problem}`);
      else certificates.set(facts.fingerprint, { pem: pem!, facts });
    }
  }
  for (const { facts } of certificates.values()) {
    for (const warning of facts.warnings)
      warnings.push(`the certificate ${facts.fingerprint.slice(0, 16)} is ${warning}`);
  }
  return { certificates: [...certificates.values()].slice(0, 10), warnings };
}
