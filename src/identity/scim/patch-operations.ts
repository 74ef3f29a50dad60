import { invalidSyntax, ScimError, shownValue } from "./errors.ts";
import { type Path, parsePath } from "./filter.ts";
import { requireObject, requireSchema, sameName } from "./values.ts";

export const PATCH_URN = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/** One change to one place. An operation without a path is one for each attribute of its value. */
export type Operation = { op: "add" | "replace" | "remove"; path: Path; value: unknown };

const MOST_OPERATIONS = 1000;

/** The operations of a PATCH body in order (RFC 7644 section 3.5.2). Entra writes "Add", "Replace", "Remove". @throws ScimError. */
export function readOperations(body: unknown): Operation[] {
  const object = requireObject(body, "the body");
  requireSchema(object, PATCH_URN);
  const fields = readFields(object, ["schemas", "Operations"], "the body");
  const list = fields.Operations;
  if (!Array.isArray(list) || list.length === 0 || list.length > MOST_OPERATIONS) {
    throw invalidSyntax("the body has no list of operations", {
      found: Array.isArray(list) ? `${list.length} operations` : shownValue(list),
      expected: `Operations, 1 to ${MOST_OPERATIONS}`,
    });
  }
  return list.flatMap((each, index) => readOperation(each, `operation ${index + 1}`));
}

function readOperation(each: unknown, where: string): Operation[] {
  const { op: named, path, value } = readFields(requireObject(each, where), ["op", "path", "value"], where);
  const op = typeof named === "string" ? named.toLowerCase() : undefined;
  if (op !== "add" && op !== "replace" && op !== "remove") {
    throw invalidSyntax(`${where} is unknown`, { found: shownValue(named), expected: "add, replace or remove" });
  }
  if (path !== undefined && path !== null && path !== "") {
    if (typeof path !== "string") throw new ScimError("invalidPath", `the path of ${where} is no text`);
    return [{ op, path: parsePath(path), value }];
  }
  if (op === "remove") throw new ScimError("noTarget", `${where} removes nothing: it has no path`);
  return Object.entries(requireObject(value, `the value of ${where}, which has no path,`))
    .filter(([key]) => !sameName(key, "schemas"))
    .map(([key, part]) => ({ op, path: parsePath(key), value: part }));
}

function readFields(object: Record<string, unknown>, names: readonly string[], where: string): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) {
    const name = names.find((each) => sameName(each, key));
    if (!name) throw invalidSyntax(`${where} has a field that it cannot have`, { found: shownValue(key) });
    if (Object.hasOwn(fields, name)) throw invalidSyntax(`${where} has ${name} twice`);
    fields[name] = value;
  }
  return fields;
}
