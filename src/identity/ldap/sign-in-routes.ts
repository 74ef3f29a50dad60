import { z } from "zod";
import { definePublicRoute, type PublicRoute } from "../../platform/route.ts";
import { enteredAnswer } from "../local/schema.ts";
import { answerEntered, knock, slugParam } from "../local/sign-in-routes.ts";
import { type LdapSignInDeps, signInByLdap } from "./sign-in.ts";

export const ldapCredentialsSchema = z
  .strictObject({
    directoryId: z.uuid(),
    userName: z.string().min(1).max(256),
    // An empty one is refused with the same words as a wrong one.
    password: z.string().max(1024),
  })
  .meta({
    examples: [{ directoryId: "5f0c1f5e-8a8b-4b56-9d0c-0d3a51a2a0a1", userName: "anna", password: "of the directory" }],
  });

/** Signing in by an LDAP directory, for programs and for the scripts of our own pages. */
export function ldapSignInRoutes(deps: LdapSignInDeps): PublicRoute[] {
  return [
    definePublicRoute({
      method: "post",
      path: "/api/v1/sign-in/:slug/ldap",
      summary: "Signs in by name and password of an LDAP directory; says which second factors are awaited.",
      rate: "auth",
      params: slugParam,
      action: "ldap.accepted",
      body: ldapCredentialsSchema,
      response: enteredAnswer,
      problems: [401, 502],
      async handler(context) {
        const from = await knock(deps, context);
        return answerEntered(from, await signInByLdap(deps, from, context.body));
      },
    }),
  ];
}
