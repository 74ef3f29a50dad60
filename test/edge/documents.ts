import { readdir, readFile } from "node:fs/promises";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

export const devicesDocs = new URL("../../docs/devices/", import.meta.url);

// The published schemas, compiled, by name.
export async function deviceSchemas(): Promise<Map<string, ValidateFunction>> {
  const folder = new URL("schemas/", devicesDocs);
  const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
  const names = (await readdir(folder)).map((file) => file.replace(/\.json$/, ""));
  for (const name of names) ajv.addSchema(JSON.parse(await readFile(new URL(`${name}.json`, folder), "utf8")));
  return new Map(names.map((name) => [name, ajv.getSchema(`${name}.json`) as ValidateFunction]));
}
