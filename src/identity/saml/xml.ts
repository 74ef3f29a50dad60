import type { XmlAttribute, XmlElement } from "./xml-tree.ts";

export type XmlLimits = {
  elements: number;
  attributes: number;
  depth: number;
  /** Whether comments may stand between elements; they are left out. One inside text is refused all the same. */
  comments: boolean;
};

/** Found, expected; the text itself is never in it. */
export class XmlError extends Error {
  override name = "XmlError";
}

type Open = { -readonly [K in keyof XmlElement]: XmlElement[K] } & {
  children: (XmlElement | string)[];
  qualified: string;
  prefixes: Map<string, string>;
};

const strictLimits: XmlLimits = { elements: 4_000, attributes: 64, depth: 64, comments: false };

const space = /[ \t\n]*/y;
const declaration =
  /<\?xml\s+version=["']1\.0["'](?:\s+encoding=["']utf-8["'])?(?:\s+standalone=["'](?:yes|no)["'])?\s*\?>/iy;
const startTag = /<((?:[A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*)/y;
const attribute = /[ \t\n]+((?:[A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*)[ \t\n]*=[ \t\n]*(?:"([^"<]*)"|'([^'<]*)')/y;
const tagEnd = /[ \t\n]*(\/?)>/y;
const endTag = /<\/((?:[A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*)[ \t\n]*>/y;
const characters = /[^<]+/y;
const comment = /<!--(?:(?!--)[\s\S])*-->/y;
const xmlNamespace = "http://www.w3.org/XML/1998/namespace";
const xmlnsNamespace = "http://www.w3.org/2000/xmlns/";

/**
 * A reader of the small XML that SAML needs: elements, attributes, namespaces, text. Anything else (DOCTYPE, CDATA, processing
 * instructions, names beyond ASCII, entities beyond the five and characters by number) is refused, not skipped, so that no other
 * parser can see something else in the same text. One pass, linear in the text's length.
 * @throws XmlError when the text is anything else.
 */
export function readXml(source: string, limits: XmlLimits = strictLimits): XmlElement {
  const text = source.replace(/\r\n?/g, "\n");
  let at = 0;
  let elements = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at = pattern.lastIndex;
    return match;
  };
  const fail = (expected: string): never => {
    throw new XmlError(`found ${what(text, at)} at character ${at}, expected ${expected}`);
  };
  const between = (): void => {
    do take(space);
    while (limits.comments && take(comment));
  };

  const open: Open[] = [];
  const start = (): XmlElement | undefined => {
    const tag = take(startTag) ?? fail("an element");
    elements += 1;
    if (elements > limits.elements) throw new XmlError(`found more than ${limits.elements} elements`);
    if (open.length >= limits.depth) throw new XmlError(`found elements nested deeper than ${limits.depth}`);
    const raw: [string, string][] = [];
    for (let match = take(attribute); match; match = take(attribute)) {
      raw.push([match[1]!, plain((match[2] ?? match[3])!.replace(/[\t\n]/g, " "))]);
    }
    if (raw.length > limits.attributes)
      throw new XmlError(`found more than ${limits.attributes} attributes in an element`);
    const end = take(tagEnd) ?? fail("an attribute in quotes, or the end of the tag");
    const element = resolve(tag[1]!, raw, open.at(-1)?.prefixes);
    open.at(-1)?.children.push(element);
    if (end[1] === "/") return open.length === 0 ? element : undefined;
    open.push(element);
    return undefined;
  };

  take(declaration);
  between();
  let root = start();
  while (!root) {
    const parent = open.at(-1)!;
    const run = take(characters);
    if (run) {
      addText(parent, plain(run[0]));
      continue;
    }
    if (limits.comments && take(comment)) continue;
    if (!text.startsWith("</", at)) {
      start();
      continue;
    }
    const end = take(endTag) ?? fail("an end tag");
    if (end[1] !== parent.qualified)
      throw new XmlError(`found an end tag that closes another element than the open one`);
    open.pop();
    if (open.length === 0) root = parent;
  }
  between();
  if (at < text.length) fail("the end of the document");
  return root;
}

// Text that a comment cut in two is refused: parsers disagree about what it says.
function addText(parent: Open, text: string): void {
  const before = parent.children.at(-1);
  if (typeof before !== "string") parent.children.push(text);
  else if ((before + text).trim() === "") parent.children[parent.children.length - 1] = before + text;
  else throw new XmlError("found a comment inside text");
}

function resolve(qualified: string, raw: [string, string][], outer = new Map([["xml", xmlNamespace]])): Open {
  const prefixes = raw.some(([name]) => isDeclaration(name)) ? new Map(outer) : outer;
  const seen = new Set<string>();
  for (const [name, value] of raw) {
    if (seen.has(name)) throw new XmlError("found the same attribute twice");
    seen.add(name);
    if (!isDeclaration(name)) continue;
    const prefix = name.slice("xmlns:".length);
    const reserved = prefix === "xml" || prefix === "xmlns" || value === xmlNamespace || value === xmlnsNamespace;
    if (reserved || (prefix && !value)) throw new XmlError("found a namespace declaration that XML does not allow");
    prefixes.set(prefix, value);
  }
  const attributes: XmlAttribute[] = [];
  const expanded = new Set<string>();
  for (const [name, value] of raw) {
    if (isDeclaration(name)) continue;
    const [prefix, local] = split(name);
    const namespace = prefix ? lookUp(prefixes, prefix) : "";
    if (expanded.has(`${namespace} ${local}`)) throw new XmlError("found the same attribute under two prefixes");
    expanded.add(`${namespace} ${local}`);
    attributes.push({ namespace, name: local, value });
  }
  const [prefix, name] = split(qualified);
  const namespace = prefix ? lookUp(prefixes, prefix) : (prefixes.get("") ?? "");
  return { namespace, name, attributes, children: [], qualified, prefixes };
}

const isDeclaration = (name: string): boolean => name === "xmlns" || name.startsWith("xmlns:");

function split(qualified: string): [prefix: string, name: string] {
  const colon = qualified.indexOf(":");
  return colon < 0 ? ["", qualified] : [qualified.slice(0, colon), qualified.slice(colon + 1)];
}

function lookUp(prefixes: ReadonlyMap<string, string>, prefix: string): string {
  const namespace = prefixes.get(prefix);
  if (namespace === undefined) throw new XmlError("found a prefix that no namespace declares");
  return namespace;
}

const named: Record<string, string> = { "&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"', "&apos;": "'" };

// Ends of CDATA stand for nothing here; XML refuses them in text as well.
function plain(raw: string): string {
  if (raw.includes("]]>")) throw new XmlError("found ']]>' in text");
  const text = raw.includes("&")
    ? raw.replace(/&(?:(?:lt|gt|amp|quot|apos);|#(\d{1,7});|#x([\dA-Fa-f]{1,6});|)/g, (match, decimal, hex) => {
        const character = named[match];
        if (character) return character;
        const code = decimal ? Number(decimal) : hex ? Number.parseInt(hex, 16) : Number.NaN;
        if (!(code <= 0x10ffff))
          throw new XmlError("found an entity, expected one of the five of XML or a character by number");
        return String.fromCodePoint(code);
      })
    : raw;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML forbids
  if (/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(text) || !text.isWellFormed()) {
    throw new XmlError("found a character that XML forbids");
  }
  return text;
}

function what(text: string, at: number): string {
  if (at >= text.length) return "the end of the text";
  const here = text.slice(at, at + 9);
  for (const [begin, name] of beginnings) if (here.startsWith(begin)) return name;
  return "something else";
}

const beginnings: [string, string][] = [
  ["<!DOCTYPE", "a DOCTYPE"],
  ["<![CDATA[", "CDATA"],
  ["<!--", "a comment"],
  ["<!", "a declaration"],
  ["<?", "a processing instruction"],
  ["</", "an end tag"],
  ["<", "an element"],
];
