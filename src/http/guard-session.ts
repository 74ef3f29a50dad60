import type { Request } from "express";
import { freshUntil, isCsrfToken } from "../identity/index.ts";
import { AppError, forbidden } from "../platform/errors.ts";
import type { CallerSession, Route } from "../platform/route.ts";

/**
 * What a browser's session must show besides its cookie: that the request comes from our own pages, and, where the route asks for
 * it, a second factor of the last ten minutes.
 */
export function guardSession(
  route: Pick<Route<unknown>, "method" | "session" | "stepUp">,
  req: Request,
  session: CallerSession | undefined,
): void {
  if (!session) {
    if (route.session) throw forbidden("this is for a signed-in person, not for an API key");
    return;
  }
  const isRead = route.method === "get" || route.method === "head";
  if (!isRead) refuseForgery(req, session);
  if (route.stepUp) requireStepUp(session);
}

/** @throws AppError `step-up` unless a second factor was shown within the last ten minutes. */
export function requireStepUp({ steppedUpAt }: Pick<CallerSession, "steppedUpAt">): void {
  if (Date.now() <= freshUntil(steppedUpAt)) return;
  throw new AppError("step-up", "this needs a second factor shown within the last ten minutes", {
    remedy: "show your second factor: POST /api/v1/session/step-up",
  });
}

function refuseForgery(req: Request, { token }: CallerSession): void {
  const site = req.get("sec-fetch-site");
  if (site !== undefined && site !== "same-origin") {
    throw forbidden("this came from another site's page", {
      found: `Sec-Fetch-Site: ${site}`,
      expected: "same-origin",
    });
  }
  if (!isCsrfToken(token, req.get("x-csrf-token"))) {
    throw forbidden("this change carries no token of your session", {
      expected: "the header X-CSRF-Token with what GET /api/v1/session answers",
    });
  }
}
