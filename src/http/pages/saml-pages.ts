import type { SamlPages } from "../../identity/saml/routes.ts";
import { html } from "../openapi/html.ts";
import { renderPage } from "./layout.ts";

/** What people see after the identity provider, when they are not signed in. */
export const samlPages: SamlPages = {
  // The same for every reason: what is wrong with a response is told to the ledger, and not to whoever sent it.
  refused: ({ correlation, slug }) => ({
    status: 403,
    page: renderPage({
      title: "Sign-in did not succeed",
      main: html`<section class="card"><h1>Sign-in did not succeed</h1>
<p>What your organisation’s sign-in page sent could not be accepted. <a href="/login/${slug}">Try again</a>; if it fails again, give your administrator this number.</p>
<p class="correlation">For your administrator: <code>${correlation}</code></p></section>`,
    }),
  }),
  tested: () => ({
    status: 200,
    page: renderPage({
      title: "The test has ended",
      main: html`<section class="card"><h1>The test has ended</h1>
<p>Whoever opened it sees the result. You are not signed in; close this page.</p></section>`,
    }),
  }),
};
