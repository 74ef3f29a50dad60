/** One attribute of a relative distinguished name: `cn=Anna`. */
type Attribute = { type: string; value: string };

const attributeType = /^(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)$/;
const mostLength = 4096;

/**
 * Reads a distinguished name (RFC 4514 section 3), first name first, with the spaces around separators that some servers
 * send. Null when it is none. A value in hex (`#04…`) stays as it is written.
 */
export function parseDn(text: string): Attribute[][] | null {
  if (text.length > mostLength || !text.isWellFormed()) return null;
  if (text.trim() === "") return [];
  const names: Attribute[][] = [[]];
  let rest = text;
  for (;;) {
    const equals = rest.indexOf("=");
    const type = rest.slice(0, Math.max(equals, 0)).trim();
    if (!attributeType.test(type)) return null;
    const read = readValue(rest.slice(equals + 1));
    if (!read) return null;
    names.at(-1)!.push({ type, value: read.value });
    if (read.separator === "") return names;
    if (read.separator === ",") names.push([]);
    rest = read.rest;
  }
}

/** One value and the separator behind it. Null when it breaks the grammar. */
function readValue(text: string): { value: string; separator: "" | "," | "+"; rest: string } | null {
  const bytes: Buffer[] = [];
  // Where the value ends once unescaped spaces behind it are cut off.
  let kept = 0;
  let at = text.length - text.trimStart().length;
  for (; at < text.length && text[at] !== "," && text[at] !== "+"; at++) {
    const character = String.fromCodePoint(text.codePointAt(at)!);
    if (character === "\\") {
      const escaped = /^\\([0-9A-Fa-f]{2}|[ "#+,;<=>\\])/.exec(text.slice(at, at + 3));
      if (!escaped) return null;
      const code = escaped[1]!;
      bytes.push(code.length === 2 ? Buffer.from(code, "hex") : Buffer.from(code));
      kept = bytes.length;
      at += code.length;
      continue;
    }
    if ('";<>\0'.includes(character)) return null;
    bytes.push(Buffer.from(character));
    if (character !== " ") kept = bytes.length;
    at += character.length - 1;
  }
  const raw = Buffer.concat(bytes.slice(0, kept));
  const value = raw.toString("utf8");
  if (!Buffer.from(value).equals(raw)) return null;
  return { value, separator: (text[at] ?? "") as "" | "," | "+", rest: text.slice(at + 1) };
}

/** Writes one value so that it reads back as it was (RFC 4514 section 2.4). */
export function escapeDnValue(value: string): string {
  return value
    .replace(/["+,;<>\\=]/g, "\\$&")
    .replace(/^[ #]/, "\\$&")
    .replace(/ $/, "\\ ")
    .replace(/\p{Cc}/gu, (control) => `\\${control.codePointAt(0)!.toString(16).padStart(2, "0")}`);
}

/**
 * The form in which two spellings of a name are equal: types and values in lower case, NFKC, single spaces, the parts of a
 * name with several sorted. Directories compare names so (RFC 4518) but for attributes that somebody made case-sensitive.
 * Null when it is no distinguished name.
 */
export function canonicalDn(text: string): string | null {
  const names = parseDn(text);
  if (!names || names.length === 0) return null;
  return names
    .map((parts) =>
      parts
        .map(({ type, value }) => `${type.toLowerCase()}=${escapeDnValue(foldValue(value))}`)
        .sort()
        .join("+"),
    )
    .join(",");
}

function foldValue(value: string): string {
  return value.normalize("NFKC").toLowerCase().trim().replace(/\s+/gu, " ");
}
