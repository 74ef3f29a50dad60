/** A person as an identity provider or a directory vouches for him. Everything in it is already authenticated. */
export type ExternalPerson = {
  kind: "saml" | "ldap";
  /** SAML: the provider's entity id. LDAP: the id of the configured directory. */
  issuer: string;
  /** What stays when name and address change: NameID, objectGUID, entryUUID. Identity is (tenant, kind, issuer, subject). */
  subject: string;
  userName: string;
  displayName: string;
  email: string | null;
  /** Group values as the provider names them: attribute values of SAML, distinguished names of LDAP. */
  groups: readonly string[];
  /** `jit`: an unknown person gets an account. `known-only`: a link must exist already. */
  provisioning: "jit" | "known-only";
};

/** Why a person who proved who he is does not get in. */
export type ExternalRefusal =
  /** A field is empty, too long or has control characters. */
  | "invalid-person"
  /** No account is linked to him and provisioning is `known-only`. */
  | "unknown-user"
  /** Another account has his user name: an administrator must link them. */
  | "user-name-taken"
  | "deactivated"
  /** Neither his groups nor a grant of his own give him any role. */
  | "no-role";

export type ExternalSignIn = { ok: true; userId: string } | { ok: false; reason: ExternalRefusal; userId?: string };
