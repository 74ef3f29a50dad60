import type { FactorList, ListedSession, OwnSession } from "../../identity/index.ts";
import { type Html, html, join } from "../openapi/html.ts";
import { renderPage, textField } from "./layout.ts";

export type AccountPage = { own: OwnSession; factors: FactorList; sessions: readonly ListedSession[] };

const kinds = { totp: "Authenticator app", webauthn: "Security key or passkey", email: "Codes by e-mail" } as const;

/** One's own account. What it changes goes through the API, by script. */
export function accountPage({ own, factors, sessions }: AccountPage): string {
  const { user, tenant, csrfToken, mfa } = own;
  const header = html`<span class="who"><span>${user.displayName}</span><span class="quiet">${tenant.name}</span>
${!mfa.missing && html`<a href="/console/">To the console</a>`}
<button class="plain small" type="button" data-act="sign-out">Sign out</button></span>`;
  return renderPage({
    title: "Your account",
    wide: true,
    scripts: ["webauthn.js", "pages.js", "account.js"],
    data: { csrf: csrfToken, slug: tenant.slug },
    header,
    main: html`<div class="account"><h1>Your account</h1>
<noscript><p class="banner">This page needs JavaScript.</p></noscript>
${mfa.missing && missing()}${mfa.factors === 0 && !mfa.missing && advice()}
${factorSection(factors)}${recoverySection(factors)}${user.source === "local" && passwordSection(user.userName)}${sessionSection(sessions)}</div>
<p class="status" role="status"></p>
${dialogs()}`,
  });
}

const missing = (): Html =>
  html`<p class="banner"><strong>Add a second factor to go on.</strong> Your organisation asks for one; until then you reach this page alone.</p>`;

const advice = (): Html =>
  html`<p class="banner"><strong>You have no second factor yet.</strong> Some actions, such as releasing a hold, ask for one. Add it now, while you are at it.</p>`;

function factorSection({ factors, possible }: FactorList): Html {
  const button = (kind: "totp" | "webauthn" | "email", text: string) =>
    possible.includes(kind) && html`<button class="plain small" type="button" data-act="add-${kind}">${text}</button>`;
  return html`<section aria-labelledby="factors"><div class="head"><h2 id="factors">Second factors</h2>
<div class="actions">${button("totp", "Add authenticator app")}${button("webauthn", "Add security key")}${button("email", "Add e-mail codes")}</div>
<p>Asked for after your password, and again before what cannot be undone.</p></div>
${factors.length > 0 ? html`<ul>${join(factors.map(factorItem))}</ul>` : html`<p class="none">None yet.</p>`}
${!possible.includes("webauthn") && html`<p class="none">Security keys and passkeys are off: browsers allow them only where the appliance is reached by a DNS name.</p>`}</section>`;
}

const factorItem = ({ factorId, kind, name, createdAt, lastUsedAt }: FactorList["factors"][number]): Html =>
  html`<li><div class="what"><strong>${name}</strong><span>${kinds[kind]} · added ${time(createdAt)}${lastUsedAt !== null && html` · last used ${time(lastUsedAt)}`}</span></div>
<div class="actions"><button class="plain small" type="button" data-act="rename" data-id="${factorId}" data-name="${name}">Rename</button>
<button class="danger small" type="button" data-act="remove" data-id="${factorId}" data-name="${name}">Remove</button></div></li>`;

function recoverySection({ factors, recoveryCodesLeft }: FactorList): Html | undefined {
  if (factors.length === 0) return undefined;
  return html`<section aria-labelledby="recovery"><div class="head"><h2 id="recovery">Recovery codes</h2>
<div class="actions"><button class="plain small" type="button" data-act="recovery">Make new codes</button></div>
<p>${recoveryCodesLeft} of 10 left. Each stands in for a second factor once. New ones end the old.</p></div></section>`;
}

function passwordSection(userName: string): Html {
  const field = (name: string, label: string, autocomplete: string, hint?: string) =>
    textField({ name, label, type: "password", attributes: { autocomplete, maxlength: "256" }, ...(hint && { hint }) });
  return html`<section aria-labelledby="password-title"><div class="head"><h2 id="password-title">Password</h2>
<p>Changing it ends your other sessions. Your user name is <strong>${userName}</strong>.</p></div>
<details class="change"><summary class="none">Change it</summary><form data-form="password" novalidate>
<input type="text" name="userName" value="${userName}" autocomplete="username" hidden>
${field("current", "Present password", "current-password")}
${field("password", "New password", "new-password", "At least 12 characters. Three or four words that have nothing to do with each other are good.")}
<p class="error" role="alert"></p><button class="primary" type="submit">Change password</button></form></details></section>`;
}

function sessionSection(sessions: readonly ListedSession[]): Html {
  return html`<section aria-labelledby="sessions"><div class="head"><h2 id="sessions">Where you are signed in</h2>
<div class="actions">${sessions.length > 1 && html`<button class="danger small" type="button" data-act="sign-out-others">Sign out everywhere else</button>`}</div></div>
<ul>${join(sessions.map(sessionItem))}</ul></section>`;
}

const ways = { web: "password", saml: "your organisation", ldap: "directory" } as const;

const sessionItem = ({ sessionId, device, address, via, createdAt, lastSeenAt, current }: ListedSession): Html =>
  html`<li><div class="what"><strong>${device}</strong>${current && html`<span class="tag">this one</span>`}
<span>${address} · by ${ways[via]} · since ${time(createdAt)} · last seen ${time(lastSeenAt)}</span></div>
${!current && html`<div class="actions"><button class="danger small" type="button" data-act="end" data-id="${sessionId}">Sign out</button></div>`}</li>`;

// To the minute, UTC; the script shows it in the reader's own time.
const time = (text: string): Html => html`<time datetime="${text}">${text.slice(0, 16).replace("T", " ")} UTC</time>`;

/** Opened by script; each has the name of what it is for. */
const dialogs = (): Html => html`
<dialog id="step-up" aria-labelledby="step-up-title"><h2 id="step-up-title">Show your second factor</h2>
<p class="lead">This needs one shown within the last ten minutes.</p><div class="stack" data-methods></div>
<form data-form="step-up" novalidate hidden>${textField({ name: "step-up-code", label: "Code", attributes: { inputmode: "numeric", autocomplete: "one-time-code", maxlength: "40" } })}
<button class="primary" type="submit">Continue</button></form><p class="error" role="alert"></p>
<div class="row"><button class="plain" type="button" data-close>Cancel</button></div></dialog>
<dialog id="add-totp" aria-labelledby="add-totp-title"><h2 id="add-totp-title">Add an authenticator app</h2>
<p class="lead">Scan this with the app, or type the key into it.</p><div class="qr" role="img" aria-label="QR code for the authenticator app"></div>
<code class="secret"></code><form data-form="add-totp" novalidate>
${textField({ name: "totp-name", label: "Name", value: "Authenticator app", attributes: { maxlength: "100" } })}
${textField({ name: "totp-code", label: "Code that the app shows", autofocus: true, attributes: { inputmode: "numeric", autocomplete: "one-time-code", maxlength: "9" } })}
<p class="error" role="alert"></p><div class="row"><button class="plain" type="button" data-close>Cancel</button><button class="primary" type="submit">Add</button></div></form></dialog>
<dialog id="name-key" aria-labelledby="name-key-title"><h2 id="name-key-title">Add a security key or passkey</h2>
<p class="lead">Your browser will ask you to touch or unlock it.</p><form data-form="name-key" novalidate>
${textField({ name: "key-name", label: "Name", value: "Security key", autofocus: true, attributes: { maxlength: "100" } })}
<p class="error" role="alert"></p><div class="row"><button class="plain" type="button" data-close>Cancel</button><button class="primary" type="submit">Add</button></div></form></dialog>
<dialog id="add-email" aria-labelledby="add-email-title"><h2 id="add-email-title">Add codes by e-mail</h2>
<p class="lead">A code is on its way to your address.</p><form data-form="add-email" novalidate>
${textField({ name: "email-code", label: "Code from the e-mail", autofocus: true, attributes: { inputmode: "numeric", autocomplete: "one-time-code", maxlength: "9" } })}
<p class="error" role="alert"></p><div class="row"><button class="plain" type="button" data-close>Cancel</button><button class="primary" type="submit">Add</button></div></form></dialog>
<dialog id="rename" aria-labelledby="rename-title"><h2 id="rename-title">Rename</h2><form data-form="rename" novalidate>
${textField({ name: "new-name", label: "Name", autofocus: true, attributes: { maxlength: "100" } })}
<p class="error" role="alert"></p><div class="row"><button class="plain" type="button" data-close>Cancel</button><button class="primary" type="submit">Rename</button></div></form></dialog>
<dialog id="sure" aria-labelledby="sure-title"><h2 id="sure-title"></h2><p class="lead"></p>
<div class="row"><button class="plain" type="button" data-close>Cancel</button><button class="danger" type="button" data-yes></button></div></dialog>
<dialog id="codes" aria-labelledby="codes-title"><h2 id="codes-title">Your recovery codes</h2>
<p class="lead">Keep them where you find them without your phone. They are shown this once; each is good once.</p><ul class="codes"></ul>
<label class="check" for="stored"><input id="stored" type="checkbox">I have stored them</label>
<div class="row"><button class="plain" type="button" data-print>Print</button><button class="plain" type="button" data-copy>Copy</button><button class="primary" type="button" data-done disabled>Done</button></div></dialog>`;
