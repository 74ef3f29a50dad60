import { z } from "zod";

/** As much of JSON Schema (draft 2020-12) as zod writes. */
export type Schema = {
  $ref?: string;
  type?: string | string[];
  format?: string;
  pattern?: string;
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  examples?: unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  propertyNames?: Schema;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
};

export type Schemas = Record<string, Schema>;

/** Formats that say all that zod's pattern for them says. */
const formats = new Set(["uuid", "date", "date-time"]);

/**
 * What may be sent, or read, of `schema`: the input side, since a client meets no transforms and no defaults filled in.
 * Refinements that JSON Schema cannot say are left out. Schemas with an id go into `named`, and are referred to.
 * @throws Error when two different schemas have one id.
 */
export function toJsonSchema(schema: z.ZodType, named: Schemas): Schema {
  const {
    $schema: _,
    $defs,
    ...root
  } = z.toJSONSchema(schema, {
    target: "draft-2020-12",
    io: "input",
    unrepresentable: "any",
    override: ({ jsonSchema }) => shorten(jsonSchema as Schema),
  });
  for (const [id, found] of Object.entries($defs ?? {})) {
    const made = refer(found as Schema, id);
    if (named[id] && JSON.stringify(named[id]) !== JSON.stringify(made)) {
      throw new Error(`two schemas of the API are named ${id}: give one of them another id`);
    }
    named[id] = made;
  }
  // zod leaves them out where something inside is transformed; here they are of what is sent.
  const examples = schema.meta()?.examples as unknown[] | undefined;
  return refer({ ...(root as Schema), ...(examples && !root.$ref && { examples }) }, "root");
}

function shorten(schema: Schema): void {
  if (schema.format && formats.has(schema.format)) delete schema.pattern;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}

function refer(schema: Schema, name: string): Schema {
  const text = JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/');
  if (text.includes("/__schema")) throw new Error(`the schema ${name} refers to itself without an id: give it one`);
  return JSON.parse(text) as Schema;
}

/** The name that a reference means; undefined when it is none. */
export const nameOf = (schema: Schema): string | undefined => schema.$ref?.slice("#/components/schemas/".length);

/** Follows a reference. */
export function resolve(schema: Schema, named: Schemas): Schema {
  const name = nameOf(schema);
  return name ? { ...named[name], ...(schema.description && { description: schema.description }) } : schema;
}
