import { invalid } from "../../platform/errors.ts";

/** Where a list by name goes on: the name, not readable at a glance, since addresses stand in logs. */
export const writeCursor = (name: string | null): string | null =>
  name === null ? null : Buffer.from(name).toString("base64url");

/** @throws AppError `invalid`. */
export function readCursor(after: string | undefined): string | null {
  if (after === undefined) return null;
  const name = Buffer.from(after, "base64url").toString();
  if (writeCursor(name) !== after) throw invalid("this cursor is none", { expected: "`next` of the page before" });
  return name;
}
