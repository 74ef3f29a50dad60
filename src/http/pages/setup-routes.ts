import { z } from "zod";
import { setPasswordByLink, slugParam } from "../../identity/index.ts";
import { AppError } from "../../platform/errors.ts";
import { definePublicRoute, type PublicRoute } from "../../platform/route.ts";
import { alertOf, goOn, openPage, type PageDeps } from "./common.ts";
import { sentence } from "./layout.ts";
import { setupPage } from "./sign-in-pages.ts";

const text = (most: number) => z.string().max(most).default("");
const setupForm = z.object({ token: text(200), password: text(1024), repeat: text(1024) });

/** Where one-time links lead. */
export function setupRoutes(deps: PageDeps): PublicRoute[] {
  return [
    definePublicRoute({
      method: "get",
      path: "/setup/:slug",
      summary: "Asks for a new password.",
      rate: "general",
      params: slugParam,
      handler: async (context) => {
        const { organisation } = await openPage(deps, context, async () => undefined);
        return { page: setupPage({ organisation }) };
      },
    }),
    definePublicRoute({
      method: "post",
      path: "/setup/:slug",
      summary: "Sets a password by a one-time link.",
      rate: "auth",
      params: slugParam,
      form: true,
      action: "password.set",
      body: setupForm,
      handler: async (context) => {
        const { token, password, repeat } = context.body;
        const { from, organisation } = await openPage(deps, context, async () => undefined);
        const again = { organisation, code: token };
        if (token === "" || password === "") {
          return { status: 400, page: setupPage({ ...again, error: "Type the new password." }) };
        }
        if (password !== repeat) {
          return { status: 400, page: setupPage({ ...again, error: "The two passwords are not the same." }) };
        }
        try {
          const entered = await setPasswordByLink(deps.signIn, from, { token: token.trim(), password });
          return goOn(from, organisation, { entered });
        } catch (error) {
          if (error instanceof AppError && error.code === "invalid") {
            const words = [error.found, error.expected && `expected: ${error.expected}`].filter((each) => !!each);
            return {
              status: 400,
              page: setupPage({ ...again, error: words.map((each) => sentence(each!)).join(" ") }),
            };
          }
          const { alert, status } = alertOf(error, context.correlation);
          return { status, page: setupPage({ ...again, alert }) };
        }
      },
    }),
  ];
}
