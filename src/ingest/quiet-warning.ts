import type { Logger } from "../platform/logger.ts";

const againMs = 60_000;
const mostNames = 10_000;

/** Warns of each name once a minute: a device that does the same wrong thing a thousand times a second fills no log. */
export function createQuietWarning(log: Logger, clock: () => number = Date.now) {
  const toldAt = new Map<string, number>();
  return (name: string, fields: Record<string, unknown>, message: string): void => {
    const now = clock();
    if (now - (toldAt.get(`${message} ${name}`) ?? 0) < againMs) return;
    if (toldAt.size > mostNames) toldAt.clear();
    toldAt.set(`${message} ${name}`, now);
    log.warn({ name, ...fields }, message);
  };
}
