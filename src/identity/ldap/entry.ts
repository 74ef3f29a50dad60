import type { Entry } from "ldapts";
import type { LdapSettings } from "./schema.ts";

/** The text values of an attribute, whose name directories spell in any case. */
export function textsOf(entry: Entry, attribute: string): string[] {
  return valuesOf(entry, attribute).filter((value) => typeof value === "string");
}

/** The one value of an attribute; null when there is none, or several, or it is no text. */
export function textOf(entry: Entry, attribute: string): string | null {
  const values = textsOf(entry, attribute);
  return values.length === 1 && values[0] !== "" ? values[0]! : null;
}

function valuesOf(entry: Entry, attribute: string): (string | Buffer)[] {
  const key = Object.keys(entry).find((name) => name.toLowerCase() === attribute.toLowerCase());
  const value = key === undefined ? [] : entry[key]!;
  return Array.isArray(value) ? value : [value];
}

/**
 * What names the person for good. objectGUID has 16 bytes, which as text would lose those that are no UTF-8, so that two
 * people became one: it counts as bytes alone. Null when the directory does not show it.
 */
export function subjectOf(entry: Entry, attribute: LdapSettings["subjectAttribute"]): string | null {
  if (attribute !== "objectGUID") return textOf(entry, attribute)?.toLowerCase() ?? null;
  const [value, ...more] = valuesOf(entry, attribute);
  return Buffer.isBuffer(value) && value.length === 16 && more.length === 0 ? guid(value) : null;
}

/** As Windows prints it: the first three parts are little-endian ([MS-DTYP] section 2.3.4). */
function guid(bytes: Buffer): string {
  const part = (from: number, to: number) => bytes.subarray(from, to);
  return [part(0, 4).reverse(), part(4, 6).reverse(), part(6, 8).reverse(), part(8, 10), part(10, 16)]
    .map((each) => each.toString("hex"))
    .join("-");
}

const disabledFlag = 0x2;

/** Disabled in Active Directory (userAccountControl), 389 or FreeIPA (nsAccountLock). */
export function isDisabled(entry: Entry): boolean {
  const control = Number(textOf(entry, "userAccountControl") ?? 0);
  return (control & disabledFlag) !== 0 || textOf(entry, "nsAccountLock")?.toLowerCase() === "true";
}
