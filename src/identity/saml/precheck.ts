import { algorithms, cbcCiphers, gcmCiphers, keyCipher, ns, oaepDigest } from "./names.ts";
import { SamlRefusal } from "./reasons.ts";
import { readXml, XmlError } from "./xml.ts";
import { attributeOf, everyElement, type XmlElement } from "./xml-tree.ts";

export const mostTags = 4_000;

/** Strict base64 (RFC 4648 section 4; line ends are allowed, as some providers fold) of strict UTF-8. */
export function decodeResponse(text: string): string {
  const joined = text.replace(/\r?\n/g, "");
  const bytes = Buffer.from(joined, "base64");
  if (joined === "" || bytes.toString("base64") !== joined) throw new SamlRefusal("base64");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new SamlRefusal("utf8");
  }
}

/**
 * What a text must be before any parser of the library sees it; also of a decrypted assertion. Looks at the text alone, since
 * what two parsers read differently is what attacks are made of.
 */
export function checkText(xml: string): void {
  if (xml.includes("<!")) throw new SamlRefusal("declaration");
  if (xml.includes("<?", xml.startsWith("<?xml ") ? 2 : 0)) throw new SamlRefusal("processing-instruction");
  let tags = 0;
  for (let at = xml.indexOf("<"); at >= 0; at = xml.indexOf("<", at + 1)) tags += 1;
  if (tags > mostTags) throw new SamlRefusal("too-many-elements", `${tags} tags`);
  for (const [, quoted] of xml.matchAll(/\bAlgorithm\s*=\s*("[^"]*"|'[^']*')/g)) {
    const found = quoted!.slice(1, -1);
    if (!everyAlgorithm.has(found)) throw new SamlRefusal("algorithm", found);
  }
}

const everyAlgorithm = new Set([
  ...Object.values(algorithms).flat(),
  ...gcmCiphers,
  ...cbcCiphers,
  keyCipher,
  oaepDigest,
]);

/** The text as our own reader sees it. */
export function readStrictly(xml: string): XmlElement {
  try {
    return readXml(xml);
  } catch (error) {
    if (error instanceof XmlError) throw new SamlRefusal("xml", error.message);
    throw error;
  }
}

/**
 * The shape that leaves nothing to wrap: one assertion, encrypted or not, in its place; every id once, under whatever spelling;
 * signatures only as children of what they sign, with nothing in them but a signature; each algorithm in its place.
 */
export function checkShape(root: XmlElement, expected: "Response" | "Assertion"): void {
  const ids = new Set<string>();
  let assertions = 0;
  for (const element of everyElement(root)) {
    for (const { name, value } of element.attributes) {
      if (name.toLowerCase() !== "id") continue;
      if (ids.has(value)) throw new SamlRefusal("duplicate-id", value);
      ids.add(value);
    }
    if (element.name === "Assertion" || element.name === "EncryptedAssertion") assertions += 1;
    if (element.name === "Response" && element !== root)
      throw new SamlRefusal("structure", "a response inside another");
    if (element.namespace === ns.signature) checkSignatureParts(element);
    checkSignaturePlace(element);
    for (const child of element.children) if (typeof child !== "string") checkAlgorithm(element, child);
  }
  const [namespace, name] = expected === "Response" ? [ns.protocol, expected] : [ns.assertion, expected];
  if (root.namespace !== namespace || root.name !== name)
    throw new SamlRefusal("structure", `no ${expected} at the top`);
  if (assertions > 1) throw new SamlRefusal("structure", `${assertions} assertions`);
}

const signed = new Set([`${ns.protocol} Response`, `${ns.assertion} Assertion`]);
const isSignature = (element: XmlElement) => element.namespace === ns.signature && element.name === "Signature";

function checkSignaturePlace(parent: XmlElement): void {
  let signatures = 0;
  for (const child of parent.children) if (typeof child !== "string" && isSignature(child)) signatures += 1;
  if (signatures === 0) return;
  if (!signed.has(`${parent.namespace} ${parent.name}`))
    throw new SamlRefusal("structure", `a signature in ${parent.name}`);
  if (signatures > 1) throw new SamlRefusal("structure", `${signatures} signatures in ${parent.name}`);
}

const signatureParts: Readonly<Record<string, readonly string[]>> = {
  Signature: ["SignedInfo", "SignatureValue", "KeyInfo"],
  SignedInfo: ["CanonicalizationMethod", "SignatureMethod", "Reference"],
  Reference: ["Transforms", "DigestMethod", "DigestValue"],
  Transforms: ["Transform"],
};

// KeyInfo is not looked into: nothing in it decides anything but in an encrypted assertion (decrypt.ts).
function checkSignatureParts(element: XmlElement): void {
  const allowed = signatureParts[element.name];
  if (!allowed) return;
  const seen = new Set<string>();
  for (const child of element.children) {
    if (typeof child === "string") {
      if (child.trim() !== "") throw new SamlRefusal("structure", `text in ${element.name}`);
      continue;
    }
    if (
      child.namespace !== ns.signature ||
      !allowed.includes(child.name) ||
      (seen.has(child.name) && child.name !== "Transform")
    ) {
      throw new SamlRefusal("structure", `${child.name} in ${element.name}`);
    }
    seen.add(child.name);
  }
}

function checkAlgorithm(parent: XmlElement, element: XmlElement): void {
  const found = attributeOf(element, "Algorithm");
  if (found === undefined) return;
  if (!allowedIn(parent, element).includes(found)) throw new SamlRefusal("algorithm", `${element.name} ${found}`);
}

function allowedIn(parent: XmlElement, { namespace, name }: XmlElement): readonly string[] {
  if (name === "EncryptionMethod") return namespace === ns.encryption ? [...gcmCiphers, ...cbcCiphers, keyCipher] : [];
  if (parent.name === "EncryptionMethod") return [oaepDigest];
  return algorithms[name] ?? [];
}
