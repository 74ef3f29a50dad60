import { ScimError, type ScimType } from "./errors.ts";

// Filters and paths of RFC 7644 (figures 1 and 7), as far as directories use them: eq, sw and co, joined by and.

export type Operator = "eq" | "sw" | "co";
/** An attribute as written; names are compared without case. `schema` is the URN before the name, if there was one. */
export type Path = { schema: string | null; name: string; sub: string | null; where: Condition[] | null };
export type Condition = { path: Path; op: Operator; value: string | boolean | number | null };

const MOST_TEXT = 4096;
const MOST_CONDITIONS = 20;
const MOST_DEPTH = 16;
const otherOperators = new Set(["ne", "ew", "gt", "ge", "lt", "le", "pr", "or", "not"]);

type Token = { kind: "string" | "mark" | "word" | "number"; text: string; at: number };

/** A conjunction: what parentheses group is flat in it. @throws ScimError `invalidFilter`. */
export function parseFilter(text: string): Condition[] {
  const reader = createReader(text, "invalidFilter");
  const conditions = readConjunction(reader, { nested: false, depth: 0 });
  reader.end();
  return conditions;
}

/** Where a PATCH operation goes: `name.givenName`, `emails[type eq "work"].value`, a URN. @throws ScimError `invalidPath`. */
export function parsePath(text: string): Path {
  const reader = createReader(text, "invalidPath");
  const path = readPath(reader, { nested: false, depth: 0 });
  reader.end();
  return path;
}

type Reader = ReturnType<typeof createReader>;
type Place = { nested: boolean; depth: number };

function createReader(text: string, scimType: ScimType) {
  const fail = (message: string): ScimError => new ScimError(scimType, message);
  if (text.length > MOST_TEXT) throw fail(`longer than ${MOST_TEXT} characters`);
  const tokens = tokenise(text, fail);
  let next = 0;
  let conditions = 0;
  return {
    fail,
    peek: (): Token | undefined => tokens[next],
    take: (): Token | undefined => tokens[next++],
    takeMark(mark: string): boolean {
      const token = tokens[next];
      if (token?.kind !== "mark" || token.text !== mark) return false;
      next++;
      return true;
    },
    expect(mark: string): void {
      if (!this.takeMark(mark)) throw fail(`expected ${mark} ${where(tokens[next])}`);
    },
    count(): void {
      if (++conditions > MOST_CONDITIONS) throw fail(`more than ${MOST_CONDITIONS} conditions`);
    },
    end(): void {
      if (next < tokens.length) throw fail(`expected nothing more ${where(tokens[next])}`);
    },
  };
}

const where = (token: Token | undefined): string =>
  token ? `at character ${token.at + 1}, found ${JSON.stringify(token.text.slice(0, 40))}` : "at the end";

function tokenise(text: string, fail: (message: string) => ScimError): Token[] {
  const form = /\s*(?:("(?:[^"\\]|\\.)*")|([()[\]])|(\.?[A-Za-z$][A-Za-z0-9_$:.-]*)|(-?\d[\d.eE+-]*))/y;
  const tokens: Token[] = [];
  while (form.lastIndex < text.trimEnd().length) {
    const at = form.lastIndex;
    const match = form.exec(text);
    if (!match) throw fail(`nothing readable from character ${at + 1} on`);
    const [, string, mark, word, number] = match;
    const kind = string !== undefined ? "string" : mark ? "mark" : word ? "word" : "number";
    const token = (string ?? mark ?? word ?? number)!;
    tokens.push({ kind, text: token, at: form.lastIndex - token.length });
  }
  return tokens;
}

function readConjunction(reader: Reader, place: Place): Condition[] {
  if (place.depth > MOST_DEPTH) throw reader.fail(`nested deeper than ${MOST_DEPTH}`);
  const conditions: Condition[] = [];
  for (;;) {
    if (reader.takeMark("(")) {
      conditions.push(...readConjunction(reader, { ...place, depth: place.depth + 1 }));
      reader.expect(")");
    } else {
      conditions.push(...readCondition(reader, place));
    }
    const joint = reader.peek();
    if (joint?.kind !== "word") return conditions;
    if (joint.text.toLowerCase() !== "and") throw reader.fail(unsupported(joint));
    reader.take();
  }
}

function readCondition(reader: Reader, place: Place): Condition[] {
  reader.count();
  const path = readPath(reader, place);
  const operator = reader.peek();
  if (path.where && !path.sub && operator?.kind !== "word") return [fromBrackets(path, path.where, reader)];
  reader.take();
  if (operator?.kind !== "word") throw reader.fail(`expected an operator ${where(operator)}`);
  const op = operator.text.toLowerCase();
  if (op !== "eq" && op !== "sw" && op !== "co") throw reader.fail(unsupported(operator));
  return [{ path, op, value: readValue(reader) }];
}

/** `emails[type eq "work" and value sw "a"]` asks the same as `emails[type eq "work"].value sw "a"`. */
function fromBrackets({ schema, name }: Path, conditions: Condition[], reader: Reader): Condition {
  const asked = conditions.find(({ path }) => path.name.toLowerCase() === "value") ?? conditions[0]!;
  const others = conditions.filter((condition) => condition !== asked);
  if (others.length > 0 && asked.path.name.toLowerCase() !== "value") {
    throw reader.fail("several conditions in brackets need one on value among them");
  }
  const where = others.length > 0 ? others : null;
  return { path: { schema, name, sub: asked.path.name, where }, op: asked.op, value: asked.value };
}

function unsupported({ text, at }: Token): string {
  const known = otherOperators.has(text.toLowerCase()) ? "is not supported" : "is unknown";
  return `${JSON.stringify(text.slice(0, 40))} at character ${at + 1} ${known}: expected eq, sw, co or and`;
}

function readPath(reader: Reader, { nested, depth }: Place): Path {
  const token = reader.take();
  if (token?.kind !== "word" || token.text.startsWith(".")) throw reader.fail(`expected an attribute ${where(token)}`);
  const path = splitName(token, reader);
  if (nested || !reader.takeMark("[")) return path;
  if (path.sub) throw reader.fail(`brackets stand behind an attribute, not behind ${path.name}.${path.sub}`);
  path.where = readConjunction(reader, { nested: true, depth: depth + 1 });
  reader.expect("]");
  const after = reader.peek();
  if (after?.kind === "word" && after.text.startsWith(".")) {
    reader.take();
    if (!/^\.[A-Za-z$][A-Za-z0-9_$-]*$/.test(after.text)) throw reader.fail(`expected a sub-attribute ${where(after)}`);
    path.sub = after.text.slice(1);
  }
  return path;
}

/** `urn:…:2.0:User:name.givenName` → its URN, name and sub-attribute. A URN alone is a path whose name is "". */
function splitName(token: Token, reader: Reader): Path {
  let schema: string | null = null;
  let rest = token.text;
  if (/^urn:/i.test(rest)) {
    const [, urn, name = ""] = /^(urn:.+:\d+\.\d+:[A-Za-z]+)(?::(.*))?$/i.exec(rest) ?? [];
    if (!urn) throw reader.fail(`expected a schema's URN ${where(token)}`);
    if (!name) return { schema: urn, name: "", sub: null, where: null };
    schema = urn;
    rest = name;
  }
  const [name, sub = null, more] = rest.split(".");
  if (!name || sub === "" || more !== undefined || rest.includes(":")) {
    throw reader.fail(`expected an attribute ${where(token)}`);
  }
  return { schema, name, sub, where: null };
}

function readValue(reader: Reader): Condition["value"] {
  const token = reader.take();
  const word = token?.kind === "word" ? token.text.toLowerCase() : undefined;
  if (word === "true" || word === "false") return word === "true";
  if (word === "null") return null;
  if (token?.kind === "string" || token?.kind === "number") {
    try {
      const value = JSON.parse(token.text) as string | number;
      if (typeof value === "number" || (value.isWellFormed() && !value.includes("\u0000"))) return value;
    } catch {
      // Said below, with its place.
    }
  }
  throw reader.fail(`expected a value as JSON writes it, such as "text" or true, ${where(token)}`);
}
