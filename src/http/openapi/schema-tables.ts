import { type Html, html, join } from "./html.ts";
import { nameOf, resolve, type Schema, type Schemas } from "./json-schema.ts";

/** A schema for reading: what it is in a word, and, where it has fields, a table of them, tables within tables. */
export function schemaTable(schema: Schema, named: Schemas): Html {
  const found = resolve(schema, named);
  const fields = Object.entries(found.properties ?? {});
  if (fields.length === 0) {
    const inner = nestedTables(found, named);
    return html`<p class="type">${typeText(found)} ${facts(found)}</p>${inner}`;
  }
  const required = new Set(found.required);
  const rows = fields.map(([name, field]) => fieldRow(name, field, required.has(name), named));
  return html`${found.description && html`<p class="note">${found.description}</p>`}
<table><thead><tr><th scope="col">Field</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead><tbody>
${join(rows)}</tbody></table>`;
}

function fieldRow(name: string, field: Schema, isRequired: boolean, named: Schemas): Html {
  const optional = !isRequired && html` <span class="optional">optional</span>`;
  const nested = nestedTables(field, named);
  return html`<tr><th scope="row"><code>${name}</code>${optional}</th><td>${typeText(field)}</td><td>${facts(field)}</td></tr>
${nested.markup !== "" && html`<tr class="nested"><td colspan="3">${nested}</td></tr>`}`;
}

/** The objects inside: of a reference, of a list's items, of each alternative. */
function nestedTables(schema: Schema, named: Schemas): Html {
  return join(
    objectsIn(schema, named).map((each, n) => {
      const title = nameOf(each) ?? alternativeName(each) ?? (n > 0 ? `or, ${n + 1}` : "its fields");
      return html`<details><summary>${title}</summary>${schemaTable(each, named)}</details>`;
    }),
  );
}

/** `state: erased`: the field that tells an alternative from the others. */
function alternativeName({ properties = {} }: Schema): string | undefined {
  const told = Object.entries(properties).find(([, { const: value }]) => value !== undefined);
  return told && `${told[0]}: ${String(told[1].const)}`;
}

function objectsIn(schema: Schema, named: Schemas): Schema[] {
  if (schema.properties) return [schema];
  if (schema.$ref) return resolve(schema, named).properties ? [schema] : objectsIn(resolve(schema, named), named);
  if (schema.items) return objectsIn(schema.items, named);
  return (schema.anyOf ?? schema.oneOf ?? []).flatMap((each) => objectsIn(each, named));
}

export function typeText(schema: Schema): string {
  const name = nameOf(schema);
  if (name) return name;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return [...new Set(alternatives.map(typeText))].join(" or ");
  if (schema.items) return `list of ${typeText(schema.items)}`;
  if (schema.type === undefined) return "any JSON";
  const types = [schema.type].flat().map((type) => (type === "string" ? (schema.format ?? type) : type));
  return types.join(" or ");
}

/** Description, bounds, default. */
export function facts(schema: Schema): Html {
  const { description, minimum, maximum, minLength, maxLength, minItems, maxItems, pattern } = schema;
  const bounds = [
    range(minimum, maximum, ""),
    range(minLength, maxLength, " characters"),
    range(minItems ?? schema.items?.minItems, maxItems, " items"),
    schema.default !== undefined && `default ${JSON.stringify(schema.default)}`,
  ].filter(Boolean);
  return join(
    [
      description && html`<span>${description}</span>`,
      bounds.length > 0 && html`<span class="bounds">${bounds.join("; ")}</span>`,
      pattern && html`<code class="pattern">${pattern}</code>`,
    ].filter(Boolean),
    " ",
  );
}

function range(from: number | undefined, to: number | undefined, unit: string): string | undefined {
  if (to === undefined && !from) return undefined;
  if (to === undefined) return `at least ${from}${unit}`;
  return from === undefined ? `at most ${to}${unit}` : `${from} to ${to}${unit}`;
}
