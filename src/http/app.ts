import express, { type Express, type RequestHandler } from "express";
import helmet from "helmet";
import { createSeats } from "../platform/seats.ts";
import { checkRoutes } from "./check-routes.ts";
import { answerErrors, correlate } from "./common.ts";
import { consoleRouter } from "./console.ts";
import type { AppDeps } from "./context.ts";
import { preflight } from "./cors.ts";
import { dispatch } from "./dispatch.ts";
import { docsHandlers } from "./openapi/serve-docs.ts";
import { assetHandlers } from "./pages/assets.ts";
import { servePage } from "./pages/serve-page.ts";
import { securityTxt } from "./security-txt.ts";
import { servePublicRoute, serveRoute } from "./serve-route.ts";

/** The API plane. A table of contents: headers, correlation, health, routes, errors. */
export function createApp(deps: AppDeps): Express {
  checkRoutes({ routes: deps.routes, publicRoutes: [...deps.publicRoutes, ...(deps.pages ?? [])] });
  const app = express();
  app.disable("x-powered-by");
  app.set("etag", false);
  app.set("query parser", "simple");
  app.set("trust proxy", deps.trustedProxies.length > 0 ? [...deps.trustedProxies] : false);
  app.use(correlate);
  app.use(securityHeaders());
  app.get("/healthz", (_req, res) => {
    res.type("text/plain").send("ok\n");
  });
  app.get("/readyz", async (_req, res) => {
    await deps.ready();
    res.type("text/plain").send("ready\n");
  });
  app.get("/.well-known/security.txt", securityTxt(deps.securityContact, deps.publicUrl));
  app.use(preflight(deps));
  for (const [path, handler] of Object.entries(docsHandlers(deps))) app.get(path, handler);
  for (const [path, handler] of Object.entries(assetHandlers(deps))) app.get(path, handler);
  const downloads = createSeats("downloads", 2);
  app.use(
    dispatch([
      ...(deps.pages ?? []).map((page) => ({ ...page, handler: servePage(page, deps) })),
      ...deps.publicRoutes.map((route) => ({ ...route, handler: servePublicRoute(route, deps) })),
      ...deps.routes.map((route) => ({ ...route, handler: serveRoute(route, deps, downloads) })),
    ]),
  );
  app.use(consoleRouter());
  app.use(answerErrors(deps.log));
  return app;
}

function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        frameAncestors: ["'none'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
      },
    },
    strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: true },
    referrerPolicy: { policy: "no-referrer" },
  }) as RequestHandler;
}
