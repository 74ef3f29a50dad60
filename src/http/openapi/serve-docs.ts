import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RequestHandler } from "express";
import { applianceVersion } from "../../platform/version.ts";
import type { AppDeps } from "../context.ts";
import { addressKey } from "../limits.ts";
import { serveFile } from "../serve-file.ts";
import { buildDocument } from "./document.ts";
import { renderPage } from "./page.ts";

/** Made once, when the app is: the table of routes does not change while it runs. */
export function docsHandlers({
  limiter,
  ...tables
}: Pick<AppDeps, "routes" | "publicRoutes" | "limiter">): Record<string, RequestHandler> {
  const document = buildDocument({ routes: tables.routes, publicRoutes: tables.publicRoutes }, applianceVersion());
  const css = readFileSync(join(import.meta.dirname, "docs.css"), "utf8");
  const serve = (type: string, content: string, headers: Record<string, string> = {}): RequestHandler =>
    serveFile({ limiter }, { type, content, countedAs: addressKey, headers });
  return {
    "/api/openapi.json": serve("application/json", JSON.stringify(document)),
    "/api/docs": serve("text/html", renderPage(document), { "content-security-policy": pagePolicy }),
    "/api/docs.css": serve("text/css", css),
  };
}

// The one page with a stylesheet: from here alone, and still no script, no image, no frame.
const pagePolicy =
  "default-src 'none'; style-src 'self'; frame-ancestors 'none'; object-src 'none'; base-uri 'none'; form-action 'none'";
