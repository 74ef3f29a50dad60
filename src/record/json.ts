import { decodeUtf8 } from "./bytes.ts";
import { type JsonOptions, JsonReader } from "./json-reader.ts";
import { FormatError } from "./text.ts";

export { type JsonOptions, JsonReader } from "./json-reader.ts";

/** Builds any value. Objects have no prototype, so that a key `__proto__` is a key like any other. */
export function readJsonValue(reader: JsonReader): unknown {
  const first = reader.peek();
  if (first === "{") {
    const object: Record<string, unknown> = Object.create(null);
    reader.object((key) => {
      object[key] = readJsonValue(reader);
    });
    return object;
  }
  if (first === "[") {
    const array: unknown[] = [];
    reader.array(() => void array.push(readJsonValue(reader)));
    return array;
  }
  if (first === '"') return reader.string();
  if (first === "-" || (first >= "0" && first <= "9")) return reader.number();
  const word = reader.raw();
  return word === "null" ? null : word === "true";
}

/** Reads a whole document. Bytes must be UTF-8 without byte order mark. */
export function parseStrictJson(source: string | Uint8Array, options: JsonOptions = {}): unknown {
  const reader = new JsonReader(typeof source === "string" ? source : decodeJsonBytes(source), options);
  const value = readJsonValue(reader);
  reader.end();
  return value;
}

/** Throws FormatError on bytes that are not UTF-8. A byte order mark is kept, and refused by the reader. */
export function decodeJsonBytes(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes);
  } catch {
    throw new FormatError("found bytes that are not UTF-8");
  }
}

/** The exact text of each top-level field of an object. */
export function topLevelTexts(text: string, options: JsonOptions = {}): Map<string, string> {
  const reader = new JsonReader(text, options);
  const fields = new Map<string, string>();
  reader.object((key) => void fields.set(key, reader.raw()));
  reader.end();
  return fields;
}
