import { parseCheckpoint, type SignedCheckpoint } from "../record/checkpoint.ts";
import { parseTrust, type Trust } from "../record/scope.ts";
import { FormatError } from "../record/text.ts";
import { CannotRun } from "./report.ts";

// What an auditor gives beside the bundle. A fault in it is no fault of the bundle.

function reading<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof FormatError) throw new CannotRun(`${what} cannot be read: ${error.message}`);
    throw error;
  }
}

export function readTrustInput(text: string): Trust {
  const trust = reading("trust.json", () => parseTrust(text));
  if (trust.ed25519.length === 0) throw new CannotRun("trust.json names no Ed25519 key, expected at least one");
  return trust;
}

/** Pasted text may lack its last LF, or have CRLF. */
export function readPreviousInput(text: string): SignedCheckpoint {
  const mended = `${text.replaceAll("\r\n", "\n").trimEnd()}\n`;
  return reading("the earlier checkpoint", () => parseCheckpoint(mended));
}

/** age identity files: one a line, `#` begins a comment. */
export function readIdentitiesInput(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}
