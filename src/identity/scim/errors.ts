import { AppError } from "../../platform/errors.ts";

/** RFC 7644 table 9, as far as this server says them. */
export type ScimType =
  | "invalidFilter"
  | "invalidPath"
  | "invalidSyntax"
  | "invalidValue"
  | "mutability"
  | "noTarget"
  | "tooMany"
  | "uniqueness";

export const ERROR_URN = "urn:ietf:params:scim:api:messages:2.0:Error";

type Parts = { found?: string; expected?: string; remedy?: string; cause?: unknown };

/** An error that a SCIM client is told by its `scimType` too. */
export class ScimError extends AppError {
  readonly scimType: ScimType;

  constructor(scimType: ScimType, message: string, parts: Parts = {}) {
    super(scimType === "uniqueness" ? "conflict" : "invalid", message, parts);
    this.name = "ScimError";
    this.scimType = scimType;
  }
}

export const invalidValue = (message: string, parts?: Parts): ScimError =>
  new ScimError("invalidValue", message, parts);
export const invalidSyntax = (message: string, parts?: Parts): ScimError =>
  new ScimError("invalidSyntax", message, parts);

/** What was found, cut to what is safe to answer; never what is inside, which may be deeper than any stack. */
export function shownValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

type Told = { status: number; title: string; detail?: string; found?: string; expected?: string; remedy?: string };

/** The body of an error (RFC 7644 section 3.12), from what an RFC 9457 problem would say. */
export function scimErrorBody(problem: Told, error: unknown): object {
  const { status, title, detail = title, found, expected, remedy } = problem;
  const facts = [found && `found ${found}`, expected && `expected ${expected}`].filter(Boolean).join(", ");
  const scimType = error instanceof ScimError ? error.scimType : usualType(status, error);
  return {
    schemas: [ERROR_URN],
    status: String(status),
    ...(scimType && { scimType }),
    detail: `${detail}${facts && `: ${facts}`}${remedy ? `; ${remedy}` : ""}`,
  };
}

// Of other errors: a body that is no JSON; a name that another request took meanwhile, as the database says it.
function usualType(status: number, error: unknown): ScimType | undefined {
  if (status === 400) return "invalidSyntax";
  return status === 409 && !(error instanceof AppError) ? "uniqueness" : undefined;
}
