import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type Condition, lockChainHead, type Principal, type TenantTx } from "../audit/index.ts";
import { AppError } from "../platform/errors.ts";
import type { Route } from "../platform/route.ts";

/** A strong ETag (RFC 9110 section 8.8.3) of what an answer shows. */
export const etagOf = (body: unknown): string =>
  `"${createHash("sha256").update(JSON.stringify(body)).digest("base64url").slice(0, 27)}"`;

/** Whether a list such as `"a", W/"b"` or `*` names the tag. Of If-Match a weak tag names nothing. */
export function namesTag(list: string, tag: string, { weak }: { weak: boolean }): boolean {
  if (list.trim() === "*") return true;
  const tags = list.match(/(?:W\/)?"[\x21\x23-\x7e]*"/g) ?? [];
  return tags.some((each) => (weak ? each.replace(/^W\//, "") : each) === tag);
}

/**
 * Of a route that changes what its `current` reads: If-Match holds from the check to the commit, since the chain's head is locked
 * between them and every act of the tenant appends to the chain. `told` gets the new tag. Without If-Match the last one wins:
 * nothing is lost, since the ledger's row says what was there before.
 */
export function unchanged(
  { method, current }: Pick<Route<Principal>, "method" | "current">,
  { req, params }: { req: IncomingMessage; params: Record<string, string> },
  told: (tag: string) => void,
): readonly Condition[] {
  if (!current || method === "get" || method === "head") return [];
  const wanted = req.headers["if-match"];
  return [
    {
      async before(tx) {
        // First of all locks, with If-Match and without: two changes of one thing then wait in a row, and never for each other.
        await lockChainHead(tx);
        if (wanted !== undefined && !namesTag(wanted, etagOf(await current(tx, params)), { weak: false }))
          throw hasChanged();
      },
      // What was deleted has no tag any more.
      ...(method !== "delete" && { settle: async (tx: TenantTx) => told(etagOf(await current(tx, params))) }),
    },
  ];
}

const hasChanged = (): AppError =>
  new AppError("precondition-failed", "this is no longer what If-Match names", {
    remedy: "read it again, look at what others have changed, and send its new ETag",
  });
