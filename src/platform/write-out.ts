import type { Writable } from "node:stream";

const PATIENCE_MS = 60_000;

/** Resolves when there is room for more. @throws when aborted, or when the reader takes nothing for a minute. */
export async function writeOut(to: Writable, text: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (to.write(text)) return;
  const drained = Promise.withResolvers<void>();
  to.once("drain", drained.resolve);
  if (!(await within(PATIENCE_MS, drained.promise, signal))) throw new Error("the reader takes nothing");
}

/** True when it came to pass within so long, false when not. @throws when aborted meanwhile. */
export async function within(ms: number, event: Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const abort = (): void => reject(signal.reason);
  const timer = setTimeout(() => resolve(false), ms);
  event.then(() => resolve(true));
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  });
}
