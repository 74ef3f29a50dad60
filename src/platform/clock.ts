/** Milliseconds since the epoch. Injected wherever time decides something. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();

/** `2026-11-21T20:50:00.123000Z`: the ledger's timestamp form of a time in milliseconds. */
export function timestampText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}000Z`;
}
