import { type RequestHandler, Router } from "express";
import type { PublicRoute } from "../platform/route.ts";

export type Dispatched = { method: PublicRoute["method"]; path: string; handler: RequestHandler };

/**
 * All routes as one handler. Those of one resource share a router, found by the path's first words: Express goes through a
 * router's paths one by one, and of several hundred the last would cost every request of its own.
 */
export function dispatch(routes: Iterable<Dispatched>): RequestHandler {
  const routers = new Map<string, Router>();
  for (const { method, path, handler } of routes) {
    const key = resourceOf(path);
    const router = routers.get(key) ?? Router();
    routers.set(key, router);
    router[method](path, handler);
  }
  return (req, res, next) => {
    const router = routers.get(resourceOf(req.path));
    if (router) router(req, res, next);
    else next();
  };
}

/** `/api/v1/<word>` or `/<word>`, in small letters: Express matches paths whatever their case. */
function resourceOf(path: string): string {
  const words = path.toLowerCase().split("/", 4);
  return words[1] === "api" ? `api/${words[2]}/${words[3]}` : words[1]!;
}
