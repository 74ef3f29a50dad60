import { type Logger, pino } from "pino";

export type { Logger } from "pino";

/** JSON lines on stderr. Messages are constant, variables are fields; secrets, payloads and personal data are never fields. */
export function createLogger(name: string, level: string): Logger {
  return pino(
    { name, level, base: { name, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: false }),
  );
}
