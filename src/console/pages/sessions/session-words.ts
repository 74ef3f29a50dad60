import type { ListedSession } from "../../api/types.ts";

const words = { web: "password", saml: "SAML", ldap: "LDAP" } as const;

/** By what somebody signed in. */
export const viaWords = (via: ListedSession["via"]): string => words[via];
export const viaOptions = Object.entries(words).map(([value, label]) => ({ value, label }));
