import type { Principal } from "../../audit/index.ts";
import { defineRoute, type Route } from "../../platform/route.ts";
import { listLetters, openLetter } from "./open.ts";
import { discardLetter, type RetryDeps, retryLetter } from "./retry.ts";
import { discardSchema, letterAnswer, letterQuery, lettersAnswer, retriedAnswer } from "./schema.ts";

const one = "/api/v1/dead-letters/:letterId";

/** What ingest refused, kept for somebody to look at: encrypted, and no longer than the site keeps events. */
export function letterRoutes(deps: RetryDeps): Route<Principal>[] {
  return [
    defineRoute<Principal, undefined, typeof letterQuery>({
      method: "get",
      path: "/api/v1/dead-letters",
      summary: "What devices and systems sent and was refused, newest first, with the reason.",
      permission: "events:read",
      rate: "general",
      query: letterQuery,
      response: lettersAnswer,
      handler: async ({ principal, query }) => ({ body: await listLetters(deps, principal, query) }),
    }),
    defineRoute<Principal>({
      method: "get",
      path: one,
      summary: "One dead letter with what was sent.",
      permission: "events:read",
      rate: "general",
      response: letterAnswer,
      handler: async ({ principal, params }) => ({ body: await openLetter(deps, principal, params.letterId!) }),
    }),
    defineRoute<Principal>({
      method: "post",
      path: `${one}/retry`,
      summary: "Sends it through again, as from who sent it. What is refused as before stays.",
      permission: "events:write",
      rate: "settings",
      action: "dead-letter.retried",
      response: retriedAnswer,
      problems: [409, 507],
      handler: async ({ principal, params }) => ({ body: await retryLetter(deps, principal, params.letterId!) }),
    }),
    defineRoute<Principal, typeof discardSchema>({
      method: "post",
      path: `${one}/discard`,
      summary: "Removes it for good, with a reason. Its row in the ledger says what it had been refused for.",
      permission: "erasures:write",
      rate: "settings",
      action: "dead-letter.discarded",
      status: 204,
      body: discardSchema,
      problems: [409],
      async handler({ principal, params, body }) {
        await discardLetter(deps, principal, { letterId: params.letterId!, ...body });
        return {};
      },
    }),
  ];
}
