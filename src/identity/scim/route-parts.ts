import type { IncomingMessage } from "node:http";
import type { z } from "zod";
import type { Principal } from "../../audit/index.ts";
import type { Pool } from "../../platform/db.ts";
import { forbidden } from "../../platform/errors.ts";
import type { RouteContext, RouteResult } from "../../platform/route.ts";
import type { IdentityDeps } from "../deps.ts";
import { namesTag } from "./match.ts";
import { etagOf, type Resource } from "./present.ts";
import type { listQuery, oneQuery } from "./schema.ts";

export type ScimRouteDeps = IdentityDeps & { pool: Pool; publicUrl: string | undefined };
export type Asked<B = undefined> = RouteContext<Principal, B, z.output<typeof oneQuery>>;
export type AskedList = RouteContext<Principal, undefined, z.output<typeof listQuery>>;

/** What all of SCIM's routes say of themselves. */
export const scim = { permission: "scim:provision", rate: "scim", media: "application/scim+json" } as const;

/** Directories say application/json as often as SCIM's own. */
export const taken = (body: z.ZodType) => ({ "application/scim+json": body, "application/json": body });

/**
 * Who asks, as the ledger names a directory. The tenant is the token's. @throws AppError `forbidden` for a key that may do more,
 * or only at some sites: a directory's token is kept outside, and is for this alone.
 */
export function directory({
  principal,
  access,
  session,
}: Pick<RouteContext<Principal, unknown, unknown>, "principal" | "access" | "session">): Principal {
  if (session || principal.actor.type !== "api-key" || access.size !== 1 || principal.sites !== "all") {
    throw forbidden("SCIM asks for an API key whose one permission is scim:provision, over all sites");
  }
  return { ...principal, actor: { type: "scim", id: principal.actor.id }, via: "scim" };
}

export const ifMatch = (req: IncomingMessage): string | undefined => req.headers["if-match"];

/** `shown` of a resource, with its ETag; a new one with its Location. */
export function answerOf(
  shown: Resource,
  { whole, row, status }: { whole: Resource; row: { version: number }; status?: number },
): RouteResult {
  const { location } = whole.meta as { location: string };
  return {
    ...(status && { status }),
    body: shown,
    headers: { etag: etagOf(row), ...(status === 201 && { location }) },
  };
}

/** 304 for who has this version. */
export function unlessKnown(req: IncomingMessage, result: RouteResult): RouteResult {
  const tag = result.headers?.etag as string;
  if (!namesTag(req.headers["if-none-match"] ?? "", tag)) return result;
  return { status: 304, headers: { etag: tag } };
}
