import { type Html, html, join } from "../openapi/html.ts";

/** For our own pages alone: scripts, styles, images, forms and requests of this origin, nothing inline. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "object-src 'none'",
  "base-uri 'none'",
].join("; ");

export type Page = {
  title: string;
  main: Html;
  /** Names below /assets/. */
  scripts?: readonly string[];
  /** For lists; the others are a narrow card. */
  wide?: true;
  /** What scripts read: `data-` attributes of the body. */
  data?: Readonly<Record<string, string>>;
  /** Right of the name. */
  header?: Html;
};

/** One HTML page. Everything in it is escaped where it is put in. */
export function renderPage({ title, main, scripts = [], wide, data = {}, header }: Page): string {
  const attributes = Object.entries(data).map(([name, value]) => html` data-${name}="${value}"`);
  const sources = scripts.map((name) => html`<script src="/assets/${name}" defer></script>\n`);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Ledgerstone</title>
<link rel="icon" href="/assets/ledgerstone.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/pages.css">
${join(sources)}</head>
<body class="${wide ? "wide" : "narrow"}"${join(attributes)}>
<a class="skip" href="#main">To the content</a>
<header class="top"><span class="brand"><img src="/assets/ledgerstone.svg" alt="" width="28" height="28">Ledgerstone</span>${header}</header>
<main id="main">
${main}
</main>
</body></html>
`.markup;
}

export type Alert = { text: string; remedy?: string | undefined; correlation?: string };

/** What went wrong, read aloud when the page comes. */
export const alertBox = (alert: Alert | undefined): Html | undefined =>
  alert &&
  html`<div class="alert" role="alert" tabindex="-1"><p>${alert.text}${alert.remedy && html` <span class="remedy">${sentence(alert.remedy)}</span>`}</p>
${alert.correlation && html`<p class="correlation">For your administrator: <code>${alert.correlation}</code></p>`}</div>`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** An error's words as a sentence. */
export const sentence = (text: string): string => (/[.!?]$/.test(text) ? capital(text) : `${capital(text)}.`);

export type Field = {
  name: string;
  label: string;
  type?: "text" | "password" | "email";
  value?: string;
  hint?: string;
  error?: string | undefined;
  /** `autocomplete`, `inputmode`, `maxlength` and the like. */
  attributes?: Readonly<Record<string, string>>;
  autofocus?: boolean;
};

/** A labelled input with its hint, and its error next to it. */
export function textField({ name, label, type = "text", value, hint, error, attributes = {}, autofocus }: Field): Html {
  const described = [hint && `${name}-hint`, error && `${name}-error`].filter(Boolean).join(" ");
  const more = Object.entries(attributes).map(([key, each]) => html` ${key}="${each}"`);
  return html`<div class="field${error ? " wrong" : ""}"><label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="${type}" required${join(more)}${value !== undefined && html` value="${value}"`}${
    described !== "" && html` aria-describedby="${described}"`
  }${error && html` aria-invalid="true"`}${autofocus && html` autofocus`}>
${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}${error && html`<p class="error" id="${name}-error">${error}</p>`}</div>`;
}

export const hidden = (name: string, value: string): Html =>
  html`<input type="hidden" name="${name}" value="${value}">`;
