import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { type RequestHandler, Router } from "express";
import { AppError } from "../platform/errors.ts";

const root = join(import.meta.dirname, "../../dist/console");

// No inline script or style, nothing from elsewhere. Images of events come as blobs of what the API answered.
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join("; ");

const types: Record<string, string> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

type Asset = { type: string; plain: Buffer; brotli: Buffer | undefined };

/**
 * The console as `npm run build:console` made it, read once. What has a hash in its name never changes and is kept by browsers;
 * every other address below /console/ is the one page, which finds its way by itself.
 */
export function consoleRouter(): RequestHandler {
  const router = Router();
  const isBuilt = existsSync(join(root, "index.html"));
  const page = isBuilt ? readFileSync(join(root, "index.html"), "utf8") : undefined;
  const assets = isBuilt ? readAssets() : new Map<string, Asset>();
  router.get("/", (_req, res) => res.redirect(302, "/console/"));
  router.get("/console/assets/:name", (req, res, next) => {
    const asset = assets.get(req.params.name);
    if (!asset) return next();
    const { type, plain, brotli } = asset;
    res.set({ "content-type": type, "cache-control": "public, max-age=31536000, immutable", vary: "accept-encoding" });
    if (brotli && req.acceptsEncodings("br")) res.set("content-encoding", "br").send(brotli);
    else res.send(plain);
  });
  router.get(/^\/console(?:\/(?!assets\/).*)?$/, (_req, res) => {
    if (page === undefined) {
      throw new AppError("not-found", "the console is not built", { remedy: "run: npm run build:console" });
    }
    res.set({ "content-security-policy": policy, "cache-control": "no-cache" }).type("html").send(page);
  });
  return router;
}

function readAssets(): Map<string, Asset> {
  const folder = join(root, "assets");
  const names = readdirSync(folder).filter((name) => extname(name) in types);
  return new Map(
    names.map((name) => {
      const compressed = join(folder, `${name}.br`);
      const brotli = existsSync(compressed) ? readFileSync(compressed) : undefined;
      return [name, { type: types[extname(name)]!, plain: readFileSync(join(folder, name)), brotli }];
    }),
  );
}
