import { SAML } from "@node-saml/passport-saml";
import type { SpAddresses } from "./service-provider.ts";

export type AuthnRequest = {
  addresses: SpAddresses;
  ssoUrl: string;
  /** Of the provider; the library asks for one. */
  certificate: string;
  requestId: string;
  relayState: string;
  /** PEM, RSA. */
  privateKey: string;
};

/** The address that sends a browser to the provider: HTTP-Redirect, signed with RSA-SHA256 (SAML bindings 3.4.4.1). */
export async function authnRequestUrl(request: AuthnRequest): Promise<string> {
  const { addresses, ssoUrl, certificate, requestId, relayState, privateKey } = request;
  const saml = new SAML({
    issuer: addresses.entityId,
    callbackUrl: addresses.acsUrl,
    entryPoint: ssoUrl,
    idpCert: certificate,
    privateKey,
    signatureAlgorithm: "sha256",
    identifierFormat: null,
    disableRequestedAuthnContext: true,
    generateUniqueId: () => requestId,
  });
  return saml.getAuthorizeUrlAsync(relayState, undefined, {});
}
