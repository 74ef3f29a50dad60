import { randomUUID } from "node:crypto";
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from "express";
import helmet from "helmet";
import type { Logger } from "../platform/logger.ts";
import { checkRoutes } from "./check-routes.ts";
import { type AppDeps, correlationOf } from "./context.ts";
import { sendProblem, toProblem } from "./problem.ts";
import { serveRoute } from "./serve-route.ts";

const CORRELATION = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The API plane. A table of contents: headers, correlation, health, routes, errors. */
export function createApp(deps: AppDeps): Express {
  checkRoutes(deps.routes);
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
  for (const route of deps.routes) app[route.method](route.path, serveRoute(route, deps));
  app.use((req, res) => {
    sendProblem(res, {
      type: "urn:ledgerstone:problem:not-found",
      title: "Not found",
      status: 404,
      detail: `no ${req.method} here`,
      correlation: correlationOf(req),
    });
  });
  app.use(answerError(deps.log));
  return app;
}

// A caller may name its own correlation, if it is a UUID: it is the ledger's, so nothing else gets in.
const correlate: RequestHandler = (req, res, next) => {
  const given = req.get("x-request-id")?.toLowerCase();
  const correlation = given && CORRELATION.test(given) ? given : randomUUID();
  (req as Request & { correlation?: string }).correlation = correlation;
  res.setHeader("x-request-id", correlation);
  next();
};

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

function answerError(log: Logger): ErrorRequestHandler {
  return (error: unknown, req: Request, res: Response, _next) => {
    const problem = toProblem(error, correlationOf(req));
    if (problem.status >= 500)
      log.error(
        { err: error, correlation: problem.correlation, method: req.method, route: req.route?.path },
        "request failed",
      );
    sendProblem(res, problem);
  };
}
