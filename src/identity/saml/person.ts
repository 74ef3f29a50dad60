import type { ExternalPerson } from "../directory/index.ts";
import type { SamlIdentity } from "./check-signed.ts";
import type { SamlSettings } from "./schema.ts";

/** Whom a provider vouches for, by the attribute names of the settings. */
export function personOf({ idp, attributes, provisioning }: SamlSettings, identity: SamlIdentity): ExternalPerson {
  const values = new Map(identity.attributes);
  const first = (name: string | null): string | undefined => (name === null ? undefined : values.get(name)?.[0]);
  const userName = first(attributes.userName) ?? identity.nameId;
  return {
    kind: "saml",
    issuer: idp.entityId,
    subject: identity.nameId,
    userName,
    displayName: first(attributes.displayName) ?? userName,
    email: first(attributes.email) ?? null,
    groups: (attributes.groups !== null && values.get(attributes.groups)) || [],
    provisioning,
  };
}
