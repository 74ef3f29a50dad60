import { AppError } from "../platform/errors.ts";

/** What the command line ends with, besides 0: it is done. The numbers are those of sysexits.h where it has one. */
export const EXIT = {
  /** Refused, not found, or a check failed. */
  refused: 1,
  /** The command line itself cannot be used. */
  usage: 64,
  /** The database or another server does not answer. */
  unavailable: 69,
  /** Nothing is done yet: it waits for a second person. */
  waits: 75,
  /** The configuration cannot be used. */
  config: 78,
} as const;

export const EXIT_MEANINGS: Readonly<Record<number, string>> = {
  0: "done",
  [EXIT.refused]: "refused, not found, or what was checked does not hold",
  [EXIT.usage]: "the command line cannot be used as it is",
  [EXIT.unavailable]: "the database does not answer",
  [EXIT.waits]: "nothing is done yet: it waits for a second person",
  [EXIT.config]: "the configuration cannot be used",
};

export function exitCodeOf(error: unknown): number {
  if (!(error instanceof AppError)) return EXIT.refused;
  if (error.code === "config") return EXIT.config;
  if (error.code === "unavailable") return EXIT.unavailable;
  return error.code === "usage" || error.code === "invalid" ? EXIT.usage : EXIT.refused;
}
