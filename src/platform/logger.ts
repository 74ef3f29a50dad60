import { type Logger, pino, stdSerializers } from "pino";

export type { Logger } from "pino";

/** JSON lines on stderr. Messages are constant, variables are fields; secrets, payloads and personal data are never fields. */
export function createLogger(name: string, level: string): Logger {
  return pino(
    {
      name,
      level,
      serializers: { err: withoutRows },
      base: { name, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    pino.destination({ fd: 2, sync: false }),
  );
}

// What Postgres says beside its message quotes the row that it refused.
function withoutRows(error: Error): object {
  const { detail: _, where: _where, ...told } = stdSerializers.err(error) as { detail?: unknown; where?: unknown };
  return told;
}
