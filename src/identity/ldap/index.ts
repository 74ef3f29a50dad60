export type { ResolveHost } from "./connect.ts";
export type { LdapDeps } from "./deps.ts";
export { type LdapCredentials, type LdapSignInDeps, signInByLdap, signInDirectories } from "./sign-in.ts";
