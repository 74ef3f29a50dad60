import { type Config, loadConfig } from "../platform/config.ts";
import { describeError } from "../platform/errors.ts";
import { createLogger, type Logger } from "../platform/logger.ts";

/** Where the configuration is: `--config`, LEDGERSTONE_CONFIG, or the packaged place. */
export function configPath(argv: readonly string[] = process.argv): string {
  const at = argv.indexOf("--config");
  return (at > 0 ? argv[at + 1] : undefined) ?? process.env.LEDGERSTONE_CONFIG ?? "/etc/ledgerstone/ledgerstone.yaml";
}

export interface Running {
  stop(): Promise<void>;
}

/**
 * Runs a service: configuration, then `start`, until SIGTERM or SIGINT; then `stop`, 25 s at most.
 * A refused start exits 78 (configuration) or 1 with found, expected and remedy on stderr.
 */
export async function runService(
  name: string,
  start: (config: Config, log: Logger, signal: AbortSignal) => Promise<Running>,
): Promise<void> {
  const stopping = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stopping.abort(new Error(signal)));
  let log = createLogger(name, "info");
  try {
    const config = await loadConfig(configPath());
    log = createLogger(name, config.logLevel);
    const running = await start(config, log, stopping.signal);
    log.info("started");
    await aborted(stopping.signal);
    log.info("stopping");
    const late = setTimeout(() => {
      log.error("not stopped within 25 s: leaving");
      process.exit(1);
    }, 25_000);
    late.unref();
    await running.stop();
    log.info("stopped");
    process.exit(0);
  } catch (error) {
    if (stopping.signal.aborted) process.exit(0);
    log.fatal({ err: error }, "start refused");
    process.stderr.write(`${name}: ${describeError(error)}\n`);
    process.exit((error as { code?: string }).code === "config" ? 78 : 1);
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** Stops in reverse order of starting; one that fails does not keep the others from stopping. */
export function stopInReverse(parts: readonly Running[], log: Logger): Running {
  return {
    async stop() {
      for (const part of [...parts].reverse()) {
        await part.stop().catch((error: unknown) => log.error({ err: error }, "a part did not stop cleanly"));
      }
    },
  };
}
