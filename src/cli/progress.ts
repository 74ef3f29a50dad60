import cliProgress from "cli-progress";

/** A bar for each name on a terminal; nothing elsewhere, so that pipes and logs stay clean. */
export function progressBars(unit: string): { update(name: string, done: number, total: number): void; stop(): void } {
  if (!process.stderr.isTTY) return { update: () => {}, stop: () => {} };
  const bars = new cliProgress.MultiBar({
    format: `{name} {bar} {percentage}%  {value}/{total} ${unit}  {eta_formatted} left`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: true,
  });
  const running = new Map<string, cliProgress.SingleBar>();
  return {
    update(name, done, total) {
      const bar = running.get(name) ?? bars.create(total, 0, { name });
      running.set(name, bar);
      bar.setTotal(total);
      bar.update(done, { name });
    },
    stop: () => bars.stop(),
  };
}
