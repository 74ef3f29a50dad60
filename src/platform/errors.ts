/**
 * An error a person can act on. `code` is stable and machine-readable; http/ maps it to a status, the CLI to an exit code.
 */
export class AppError extends Error {
  readonly code: string;
  readonly found: string | undefined;
  readonly expected: string | undefined;
  readonly remedy: string | undefined;

  constructor(
    code: string,
    message: string,
    parts: { found?: string; expected?: string; remedy?: string; cause?: unknown } = {},
  ) {
    super(message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = "AppError";
    this.code = code;
    this.found = parts.found;
    this.expected = parts.expected;
    this.remedy = parts.remedy;
  }
}

/** `message: found …, expected …; remedy`, for terminals and logs. */
export function describeError(error: unknown): string {
  if (!(error instanceof AppError)) return error instanceof Error ? error.message : String(error);
  const facts = [error.found && `found ${error.found}`, error.expected && `expected ${error.expected}`].filter(Boolean);
  return [error.message, facts.length > 0 ? `: ${facts.join(", ")}` : "", error.remedy ? `; ${error.remedy}` : ""].join(
    "",
  );
}

export const notFound = (what: string): AppError => new AppError("not-found", `${what} not found`);
export const forbidden = (what: string, parts: { found?: string; expected?: string; remedy?: string } = {}): AppError =>
  new AppError("forbidden", what, parts);
export const invalid = (
  message: string,
  parts: { found?: string; expected?: string; remedy?: string } = {},
): AppError => new AppError("invalid", message, parts);
export const conflict = (
  message: string,
  parts: { found?: string; expected?: string; remedy?: string } = {},
): AppError => new AppError("conflict", message, parts);
