import { exampleCertificate } from "../../src/identity/saml/example-certificate.ts";

const body = exampleCertificate.replace(/-----[^-]+-----|\s/g, "");

export type MetadataOptions = { certificates?: readonly string[]; extra?: string; before?: string; binding?: string };

/** An identity provider's metadata. `certificates` are base64 of DER. */
export function idpMetadata({
  certificates = [body],
  extra = "",
  before = "",
  binding = "HTTP-Redirect",
}: MetadataOptions = {}) {
  const keys = certificates.map(
    (each) =>
      `<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>
       ${each}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`,
  );
  return `${before}<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.org/metadata">
  <!-- as providers write them -->
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    ${keys.join("")}${extra}
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.org/post"/>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:${binding}" Location="https://idp.example.org/sso?a=1&amp;b=2"/>
  </IDPSSODescriptor>
</EntityDescriptor>`;
}

export const providerMetadata = idpMetadata();
