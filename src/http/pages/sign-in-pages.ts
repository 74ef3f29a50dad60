import type { FactorMethod } from "../../identity/index.ts";
import { type Html, html, join } from "../openapi/html.ts";
import { type Alert, alertBox, hidden, renderPage, textField } from "./layout.ts";

export type Ways = {
  saml: boolean;
  /** SAML alone, but for local owners. */
  enforced: boolean;
  directories: readonly { directoryId: string; name: string }[];
};

type Organisation = { slug: string; name: string };
export type LoginPage = {
  organisation: Organisation;
  ways: Ways;
  next: string;
  userName?: string;
  way?: string;
  alert?: Alert | undefined;
};

/** The identity provider first where there is one; passwords below it. */
export function loginPage({ organisation, ways, next, userName, way, alert }: LoginPage): string {
  const { slug, name } = organisation;
  const form = html`<form method="post" action="/login/${slug}" novalidate data-busy="Signing in …">
${hidden("next", next)}${directoryField(ways, way)}
${textField({ name: "userName", label: "User name", value: userName ?? "", autofocus: !userName && !ways.saml, attributes: { autocomplete: "username", autocapitalize: "none", spellcheck: "false", maxlength: "256" } })}
${textField({ name: "password", label: "Password", type: "password", autofocus: !!userName, attributes: { autocomplete: "current-password", maxlength: "1024" } })}
<button class="primary" type="submit">Sign in</button></form>`;
  // Whoever was refused by password sees the form again, open.
  const open = userName !== undefined;
  const below = html`<details class="others"${open && html` open`}><summary>${ways.enforced ? "Emergency access for local owners" : "Other ways to sign in"}</summary>${form}</details>`;
  return renderPage({
    title: `Sign in to ${name}`,
    scripts: ["pages.js"],
    main: html`<section class="card"><p class="eyebrow">Sign in to</p><h1>${name}</h1>
${alertBox(alert)}${
  ways.saml
    ? html`<a class="button primary" href="/saml/${slug}/login">Sign in with your organisation</a>${below}`
    : form
}</section>
<p class="below"><a href="/login?other">Another organisation?</a></p>`,
  });
}

function directoryField({ directories }: Ways, way: string | undefined): Html | undefined {
  if (directories.length === 0) return undefined;
  const option = (value: string, text: string) =>
    html`<option value="${value}"${value === way && html` selected`}>${text}</option>`;
  return html`<div class="field"><label for="way">Account</label><select id="way" name="way">
${join(directories.map(({ directoryId, name }) => option(directoryId, name)))}${option("local", "Account of this appliance")}</select></div>`;
}

/** /login without an organisation. */
export function organisationPage({ alert, typed = "" }: { alert?: Alert | undefined; typed?: string } = {}): string {
  return renderPage({
    title: "Sign in",
    scripts: ["pages.js"],
    main: html`<section class="card"><h1>Sign in</h1>${alertBox(alert)}
<form method="get" action="/login" novalidate>
${textField({ name: "organisation", label: "Organisation", value: typed, autofocus: true, hint: "Its name in the address that you were given, such as alpenblick in /login/alpenblick.", attributes: { autocomplete: "organization", autocapitalize: "none", spellcheck: "false", maxlength: "200" } })}
<button class="primary" type="submit">Continue</button></form></section>`,
  });
}

export type SecondFactorPage = {
  organisation: Organisation;
  methods: readonly FactorMethod[];
  next: string;
  /** A code was mailed just now. */
  mailed?: boolean;
  alert?: Alert | undefined;
};

const code = { inputmode: "numeric", autocomplete: "one-time-code", pattern: "[0-9 ]*", maxlength: "9" } as const;

export function secondFactorPage({ organisation, methods, next, mailed, alert }: SecondFactorPage): string {
  const { slug, name } = organisation;
  const form = (kind: string, fields: Html, button: string) =>
    html`<form method="post" action="/login/${slug}/second-factor" novalidate>${hidden("kind", kind)}${hidden("next", next)}${fields}
<button class="${methods[0] === kind || mailed ? "primary" : "plain"}" type="submit">${button}</button></form>`;
  const parts: Record<FactorMethod, () => Html> = {
    webauthn: () => html`<div class="method" data-webauthn hidden>
<button class="primary" type="button">Use your security key or passkey</button><p class="error" aria-live="polite"></p></div>
<noscript><p class="hint">Security keys need JavaScript.</p></noscript>`,
    totp: () =>
      form(
        "totp",
        textField({
          name: "code",
          label: "Code of your authenticator app",
          autofocus: methods[0] === "totp",
          attributes: code,
        }),
        "Continue",
      ),
    email: () =>
      mailed
        ? form(
            "email",
            textField({
              name: "email-code",
              label: "Code from the e-mail",
              hint: "It is good for ten minutes.",
              autofocus: true,
              attributes: code,
            }),
            "Continue",
          )
        : form("send-email", html``, "Send a code by e-mail"),
    recovery: () =>
      html`<details class="others"><summary>Use a recovery code</summary>${form(
        "recovery",
        textField({
          name: "recovery-code",
          label: "Recovery code",
          hint: "One of the ten that you kept. Each is good once.",
          attributes: { autocomplete: "off", autocapitalize: "none", spellcheck: "false", maxlength: "40" },
        }),
        "Continue",
      )}</details>`,
  };
  const shown = mailed ? ["email" as const, ...methods.filter((each) => each === "recovery")] : methods;
  const between = html`<p class="or">or</p>`;
  const forms = shown.filter((each) => each !== "recovery").map((each) => parts[each]());
  return renderPage({
    title: "Second factor",
    scripts: ["webauthn.js", "pages.js", "second-factor.js"],
    data: { slug, next },
    main: html`<section class="card"><p class="eyebrow">${name}</p><h1>Second factor</h1>${alertBox(alert)}
${join(forms, between.markup)}${shown.includes("recovery") && parts.recovery()}</section>
<p class="below"><a href="/login/${slug}">Begin again</a></p>`,
  });
}

export type SetupPage = { organisation: Organisation; code?: string; error?: string; alert?: Alert | undefined };

/** Where a one-time link leads. The code stands behind the # and never reaches a log; without script it is pasted. */
export function setupPage({ organisation, code: given = "", error, alert }: SetupPage): string {
  const { slug, name } = organisation;
  const fresh = { autocomplete: "new-password", maxlength: "256" };
  return renderPage({
    title: "Set your password",
    scripts: ["pages.js", "setup.js"],
    main: html`<section class="card"><p class="eyebrow">${name}</p><h1>Set your password</h1>${alertBox(alert)}
<form method="post" action="/setup/${slug}" novalidate data-busy="Setting …">
${textField({ name: "token", label: "Code of your link", value: given, hint: "What stands behind the # of the link that you were given.", attributes: { autocomplete: "off", autocapitalize: "none", spellcheck: "false", maxlength: "200" } })}
${textField({ name: "password", label: "New password", type: "password", error, hint: "At least 12 characters. Three or four words that have nothing to do with each other are good.", attributes: fresh })}
${textField({ name: "repeat", label: "New password again", type: "password", attributes: fresh })}
<button class="primary" type="submit">Set password and sign in</button></form></section>`,
  });
}

/** Where no form can mend it. */
export const refusalPage = (title: string, alert: Alert): string =>
  renderPage({
    title,
    main: html`<section class="card"><h1>${title}</h1>${alertBox(alert)}<p class="below"><a href="/login">To the sign-in</a></p></section>`,
  });
