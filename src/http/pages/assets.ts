import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Request, RequestHandler, Response } from "express";
import type { AppDeps } from "../context.ts";

const types: Record<string, string> = { js: "text/javascript", css: "text/css", svg: "image/svg+xml" };
const own = ["pages.css", "pages.js", "setup.js", "second-factor.js", "account.js", "ledgerstone.svg"];
const library = "node_modules/@simplewebauthn/browser/dist/bundle/index.umd.min.js";

/** What our pages load, all of it from here. Read once, when the app is made. */
export function assetHandlers({ limiter }: Pick<AppDeps, "limiter">): Record<string, RequestHandler> {
  const files = own.map((name) => [name, readFileSync(join(import.meta.dirname, "assets", name))] as const);
  const webauthn = readFileSync(join(import.meta.dirname, "../../..", library));
  return Object.fromEntries(
    [...files, ["webauthn.js", webauthn] as const].map(([name, content]) => [
      `/assets/${name}`,
      serve(limiter, types[name.split(".").at(-1)!]!, content),
    ]),
  );
}

function serve(limiter: AppDeps["limiter"], type: string, content: Buffer): RequestHandler {
  const etag = `"${createHash("sha256").update(content).digest("base64url").slice(0, 22)}"`;
  return async (req: Request, res: Response) => {
    await limiter.take("general", `assets-${req.ip ?? "unknown"}`);
    res.set({ etag, "cache-control": "no-cache" });
    if (req.fresh) res.status(304).end();
    else res.type(type).send(content);
  };
}
