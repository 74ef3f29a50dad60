import { type Html, html } from "../openapi/html.ts";
import { type Alert, alertBox, hidden, renderPage, textField } from "./layout.ts";

export type ErasurePage = { slug: string; name: string; byMail: boolean };
export type Typed = { name?: string; email?: string; about?: string };

/** Where anybody asks for an erasure. A form alone: it works without script. */
export function erasurePage({ slug, name, byMail }: ErasurePage, typed: Typed = {}, alert?: Alert): string {
  return renderPage({
    title: "Have your data erased",
    scripts: ["pages.js"],
    main: html`<section class="card"><p class="eyebrow">${name}</p><h1>Have your data erased</h1>${alertBox(alert)}
<p>Write what is about you: where and when, a plate, a badge. You get an answer within one month.</p>
<form method="post" action="/erasure/${slug}" novalidate data-busy="Sending …">
${aboutField(typed.about ?? "")}
${mailField(byMail, typed.email ?? "")}
${optionalField({ name: "name", label: "Name", value: typed.name ?? "", autocomplete: "name" })}
<button class="primary" type="submit">Send</button></form></section>`,
  });
}

function mailField(byMail: boolean, value: string): Html {
  if (!byMail) return optionalField({ name: "email", label: "E-mail, for the answer", value, autocomplete: "email" });
  return textField({
    name: "email",
    label: "E-mail",
    type: "email",
    value,
    hint: "You get a link to confirm the request, and the answer.",
    attributes: { autocomplete: "email", maxlength: "254" },
  });
}

const aboutField = (value: string): Html =>
  html`<div class="field"><label for="about">What is to be erased</label>
<textarea id="about" name="about" rows="6" maxlength="4000" required>${value}</textarea></div>`;

const optionalField = (field: { name: string; label: string; value: string; autocomplete: string }): Html =>
  html`<div class="field"><label for="${field.name}">${field.label} <span class="hint">(if you like)</span></label>
<input id="${field.name}" name="${field.name}" type="text" value="${field.value}" autocomplete="${field.autocomplete}" maxlength="200"></div>`;

/** The same whether or not the address had asked before. */
export function sentPage({ name, byMail }: ErasurePage): string {
  const text = byMail
    ? "Follow the link in the mail that you get, within seven days: your request counts from then, and its time from now."
    : "Your request has come in. The organisation will check who you are, and answer within one month.";
  return renderPage({
    title: "Your request was sent",
    main: html`<section class="card"><p class="eyebrow">${name}</p><h1>Your request was sent</h1><p role="status">${text}</p></section>`,
  });
}

/** A press of a button confirms, not the link: programs that read mails follow links. */
export function confirmPage({ slug, name }: ErasurePage, token: string, alert?: Alert): string {
  return renderPage({
    title: "Confirm your request",
    scripts: ["pages.js"],
    main: html`<section class="card"><p class="eyebrow">${name}</p><h1>Confirm your request</h1>${alertBox(alert)}
<p>Somebody gave your address to have data about them erased. If it was you, confirm it.</p>
<form method="post" action="/erasure/${slug}/confirm" data-busy="Confirming …">${hidden("token", token)}
<button class="primary" type="submit">It was me: confirm</button></form></section>`,
  });
}

export function confirmedPage({ name }: ErasurePage): string {
  return renderPage({
    title: "Your request is confirmed",
    main: html`<section class="card"><p class="eyebrow">${name}</p><h1>Your request is confirmed</h1>
<p role="status">The organisation will check who you are, and answer within one month.</p></section>`,
  });
}
