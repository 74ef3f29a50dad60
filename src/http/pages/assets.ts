import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RequestHandler } from "express";
import type { AppDeps } from "../context.ts";
import { serveFile } from "../serve-file.ts";

const types: Record<string, string> = { js: "text/javascript", css: "text/css", svg: "image/svg+xml" };
const own = ["pages.css", "pages.js", "setup.js", "second-factor.js", "account.js", "ledgerstone.svg"];
const library = "node_modules/@simplewebauthn/browser/dist/bundle/index.umd.min.js";

/** What our pages load, all of it from here. Read once, when the app is made. */
export function assetHandlers(deps: Pick<AppDeps, "limiter">): Record<string, RequestHandler> {
  const files = own.map((name) => [name, readFileSync(join(import.meta.dirname, "assets", name))] as const);
  const webauthn = readFileSync(join(import.meta.dirname, "../../..", library));
  return Object.fromEntries(
    [...files, ["webauthn.js", webauthn] as const].map(([name, content]) => [
      `/assets/${name}`,
      serveFile(deps, { type: types[name.split(".").at(-1)!]!, content, countedAs: (address) => `assets-${address}` }),
    ]),
  );
}
