import { z } from "zod";
import { slugParam } from "../../identity/index.ts";
import { AppError } from "../../platform/errors.ts";
import { definePublicRoute, type PublicRoute, type RequestContext } from "../../platform/route.ts";
import {
  type Asker,
  type CaseDeps,
  confirmByMail,
  intakeSchema,
  openErasurePage,
  receiveByPage,
  tokenSchema,
} from "../../retention/index.ts";
import { confirmedPage, confirmPage, type ErasurePage, erasurePage, sentPage } from "./erasure-pages.ts";
import { sentence } from "./layout.ts";

const text = (most: number) => z.string().max(most).default("");
const form = z.object({ name: text(400), email: text(400), about: text(8000) });
const confirmForm = z.object({ token: text(100) });

/** The public page by which people ask for an erasure, while the organisation has it switched on. */
export function erasurePageRoutes(deps: CaseDeps): PublicRoute[] {
  const open = async (context: RequestContext<unknown, unknown>): Promise<{ asker: Asker; page: ErasurePage }> => {
    const asker = { slug: context.params.slug!, correlation: context.correlation };
    return { asker, page: { slug: asker.slug, ...(await openErasurePage(deps, asker)) } };
  };
  const shared = { params: slugParam, summary: "The organisation's page for people who want data erased." } as const;
  return [
    definePublicRoute({
      ...shared,
      method: "get",
      path: "/erasure/:slug",
      rate: "general",
      handler: async (context) => ({ page: erasurePage((await open(context)).page) }),
    }),
    definePublicRoute({
      ...shared,
      method: "post",
      path: "/erasure/:slug",
      rate: "auth",
      form: true,
      action: "erasure.case.received",
      body: form,
      async handler(context) {
        const { asker, page } = await open(context);
        const given = intakeSchema.safeParse(context.body);
        const wrong = given.success ? missing(page, given.data.email) : alertFor(given.error.issues[0]?.path[0]);
        if (wrong || !given.success) return { status: 400, page: erasurePage(page, context.body, { text: wrong! }) };
        await receiveByPage(deps, asker, given.data);
        return { status: 202, page: sentPage(page) };
      },
    }),
    definePublicRoute({
      ...shared,
      method: "get",
      path: "/erasure/:slug/confirm",
      rate: "general",
      query: confirmForm,
      handler: async (context) => ({ page: confirmPage((await open(context)).page, context.query.token) }),
    }),
    definePublicRoute({
      ...shared,
      method: "post",
      path: "/erasure/:slug/confirm",
      rate: "auth",
      form: true,
      action: "erasure.case.confirmed",
      body: confirmForm,
      async handler(context) {
        const { asker, page } = await open(context);
        const { token } = context.body;
        try {
          await confirmByMail(deps, asker, tokenSchema.parse({ token }).token);
          return { page: confirmedPage(page) };
        } catch (error) {
          const isOver = error instanceof z.ZodError || (error instanceof AppError && error.code === "not-found");
          if (!isOver) throw error;
          const alert = {
            text: sentence("this link was used before, or is too old"),
            remedy: "send the request again",
          };
          return { status: 404, page: confirmPage(page, "", alert) };
        }
      },
    }),
  ];
}

const missing = ({ byMail }: ErasurePage, email: string | undefined): string | undefined =>
  byMail && !email ? alertFor("email") : undefined;

function alertFor(field: PropertyKey | undefined): string {
  if (field === "email") return "Type your e-mail address, such as jo@mail.example.";
  if (field === "about") return "Write what is to be erased, in at most 4000 characters.";
  return "Shorten your name to 200 characters.";
}
