import { AppError } from "../../platform/errors.ts";
import { etagOf } from "./present.ts";

/** Whether a list such as `W/"1", "2"` or `*` names the tag. SCIM's tags are weak, and are compared so (RFC 7644 section 3.14). */
export function namesTag(list: string, tag: string): boolean {
  const strong = (each: string): string => each.replace(/^W\//i, "");
  if (list.trim() === "*") return true;
  return (list.match(/(?:W\/)?"[\x21\x23-\x7e]*"/gi) ?? []).some((each) => strong(each) === strong(tag));
}

/** @throws AppError `precondition-failed` when If-Match names another version. The row must be held. */
export function requireMatch(ifMatch: string | undefined, row: { version: number }): void {
  if (ifMatch === undefined || namesTag(ifMatch, etagOf(row))) return;
  throw new AppError("precondition-failed", "this has changed since it was read", {
    found: `version ${etagOf(row)}`,
    expected: ifMatch.slice(0, 100),
    remedy: "read it again, and send the change with its new ETag",
  });
}
