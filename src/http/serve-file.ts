import { createHash } from "node:crypto";
import type { Request, RequestHandler, Response } from "express";
import type { AppDeps } from "./context.ts";

type Served = {
  type: string;
  content: string | Buffer;
  /** Whose count of a minute it is, from the address. */
  countedAs(address: string): string;
  headers?: Record<string, string>;
};

/** Something that does not change while the app runs: browsers keep it, and ask whether it is still the same. */
export function serveFile(
  { limiter }: Pick<AppDeps, "limiter">,
  { type, content, countedAs, headers = {} }: Served,
): RequestHandler {
  const etag = `"${createHash("sha256").update(content).digest("base64url").slice(0, 22)}"`;
  return async (req: Request, res: Response) => {
    await limiter.take("general", countedAs(req.ip ?? "unknown"));
    res.set({ ...headers, etag, "cache-control": "no-cache" });
    if (req.fresh) res.status(304).end();
    else res.type(type).send(content);
  };
}
