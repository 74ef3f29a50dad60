import type { Answer, Content, Document, Operation } from "./document.ts";
import { type Html, html, join } from "./html.ts";
import { resolve, type Schema } from "./json-schema.ts";
import type { Parameter } from "./parameters.ts";
import { facts, schemaTable, typeText } from "./schema-tables.ts";

type Shown = { method: string; path: string; operation: Operation };

/** The document for people: one HTML page without script, styles from `/api/docs.css`. */
export function renderPage(document: Document): string {
  const shown = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  const groups = document.tags.map(({ name }) => ({
    name,
    routes: shown.filter(({ operation }) => operation.tags.includes(name)),
  }));
  const { title, version, description } = document.info;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} API</title><link rel="stylesheet" href="/api/docs.css"></head><body>
<a class="skip" href="#routes">To the routes</a>
<nav aria-label="Routes"><p class="brand">${title} <span>API ${version}</span></p>${join(groups.map(navigation))}</nav>
<main id="routes"><header><h1>${title} API</h1><p>${description}</p>${introduction()}</header>
${join(
  groups.map(
    ({ name, routes }) => html`<section aria-labelledby="tag-${name}"><h2 id="tag-${name}">${name}</h2>
${join(routes.map((route) => article(route, document)))}</section>`,
  ),
)}
${problemSection(document)}</main></body></html>
`.markup;
}

const introduction = (): Html => html`<dl class="facts">
<div><dt>Credential</dt><dd><code>Authorization: Bearer atc_…</code>, an API key; or a person's session with <code>X-CSRF-Token</code> on every change. Each route names the permission that it asks for.</dd></div>
<div><dt>Errors</dt><dd><a href="#problems"><code>application/problem+json</code></a> (RFC 9457), with what was found, what was expected and the remedy.</dd></div>
<div><dt>Correlation</dt><dd><code>X-Request-Id</code>: yours if you send a UUID; the same in the log and the ledger.</dd></div>
<div><dt>For programs</dt><dd><a href="/api/openapi.json"><code>/api/openapi.json</code></a>, OpenAPI 3.1.</dd></div></dl>`;

const navigation = ({
  name,
  routes,
}: {
  name: string;
  routes: Shown[];
}): Html => html`<h2><a href="#tag-${name}">${name}</a></h2>
<ul>${join(
  routes.map(
    ({
      method,
      path,
      operation,
    }) => html`<li><a href="#${operation.operationId}"><span class="method ${method}">${method}</span>
<span class="path">${breakable(path.replace("/api/v1", ""))}</span></a></li>`,
  ),
)}</ul>`;

/** A path may be broken before each slash. */
const breakable = (path: string): Html => join(path.split("/").map((part, n) => (n > 0 ? html`<wbr>/${part}` : part)));

function article({ method, path, operation }: Shown, document: Document): Html {
  const { operationId, summary, parameters, requestBody } = operation;
  const action = operation["x-ledger-action"];
  const asked = operation["x-permission"];
  const factor = operation["x-step-up"] && ", and of a person a second factor";
  const permission = asked ? html`<code>${asked}</code>${factor}` : "none: it asks for no credential";
  return html`<article id="${operationId}" aria-labelledby="title-${operationId}">
<h3 id="title-${operationId}"><span class="method ${method}">${method}</span> <a class="path" href="#${operationId}">${breakable(path)}</a></h3>
<p class="summary">${summary}</p>
<dl class="facts"><div><dt>Permission</dt><dd>${permission}</dd></div>
<div><dt>Rate class</dt><dd><code>${operation["x-rate-class"]}</code></dd></div>
${action ? html`<div><dt>Ledger action</dt><dd><code>${action}</code></dd></div>` : undefined}</dl>
<div class="sides"><div>${parameterTable(parameters)}${requestBody && html`<h4>Body</h4>${contents(requestBody.content, document)}`}
${parameters.length === 0 && !requestBody && html`<h4>Request</h4><p class="note">No parameters and no body.</p>`}</div>
<div>${join(Object.entries(operation.responses).map(([status, answer]) => success(status, answer, document)))}${problems(operation, document)}</div></div></article>
`;
}

function parameterTable(parameters: readonly Parameter[]): Html | undefined {
  if (parameters.length === 0) return undefined;
  const rows = parameters.map(({ name, required, schema, description, in: place }) => {
    const optional = !required && html` <span class="optional">optional</span>`;
    const meaning = facts({ ...schema, ...(description && { description }) });
    return html`<tr><th scope="row"><code>${name}</code>${optional}</th><td>${typeText(schema)}</td><td><span class="place">${place}</span> ${meaning}</td></tr>`;
  });
  return html`<h4>Parameters</h4><table><thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Where, meaning</th></tr></thead>
<tbody>${join(rows)}</tbody></table>`;
}

function contents(content: Content, document: Document): Html {
  return join(
    Object.entries(content).map(
      ([type, { schema }]) => html`<p class="media"><code>${type}</code></p>
${!isBytes(type) && schemaTable(schema, document.components.schemas)}${example(schema, document)}`,
    ),
  );
}

const isBytes = (type: string): boolean =>
  type.startsWith("image/") || type.endsWith("zip") || type.endsWith("octet-stream");

function example(schema: Schema, document: Document): Html | undefined {
  const [first] = resolve(schema, document.components.schemas).examples ?? [];
  if (first === undefined) return undefined;
  const text = typeof first === "string" ? first : JSON.stringify(first, null, 2);
  return html`<p class="media">Example</p><pre tabindex="0">${text}</pre>`;
}

function success(status: string, answer: Answer | { $ref: string }, document: Document): Html | undefined {
  if ("$ref" in answer) return undefined;
  const { description, content } = answer;
  return html`<h4>Answer <span class="status">${status}</span> <span class="note">${description}</span></h4>
${content ? contents(content, document) : html`<p class="note">No body.</p>`}`;
}

function problems({ responses }: Operation, { components }: Document): Html {
  const rows = Object.entries(responses).flatMap(([status, answer]) => {
    if (!("$ref" in answer)) return [];
    const { description } = components.responses[answer.$ref.split("/").at(-1)!]!;
    return [html`<tr><th scope="row"><span class="status bad">${status}</span></th><td>${description}</td></tr>`];
  });
  return html`<details class="problems"><summary>Problems</summary><table><tbody>${join(rows)}</tbody></table></details>`;
}

const problemSection = (
  document: Document,
): Html => html`<section aria-labelledby="problems"><h2 id="problems">problems</h2>
<article><p class="summary">Every error has this shape, as <code>application/problem+json</code>.</p><div class="sides"><div>
${schemaTable({ $ref: "#/components/schemas/Problem" }, document.components.schemas)}</div><div>
${example({ $ref: "#/components/schemas/Problem" }, document)}</div></div></article></section>`;
