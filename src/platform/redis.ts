import { readFile } from "node:fs/promises";
import { Redis } from "ioredis";
import type { Config } from "./config.ts";
import { readSecret } from "./config.ts";

/** How to reach Redis. It is tried again for ever, at most every two seconds: an outage delays, and ends by itself. */
export async function redisOptions(config: Config["redis"]) {
  return {
    host: config.host,
    port: config.port,
    ...(config.passwordFile ? { password: await readSecret(config.passwordFile, "redis.passwordFile") } : {}),
    ...(config.caFile ? { tls: { ca: await readFile(config.caFile, "utf8") } } : {}),
    retryStrategy: (attempt: number): number | null => Math.min(attempt * 100, 2000),
    reconnectOnError: (error: Error) => /READONLY|LOADING|MASTERDOWN/.test(error.message),
    connectTimeout: 5000,
    keepAlive: 10_000,
  };
}

export type RedisConnection = Awaited<ReturnType<typeof redisOptions>>;

/** A client that fails fast: for callers that can do without Redis, such as a readiness check or a rate limit. */
export async function createRedis(config: Config["redis"], onError: (error: Error) => void = () => {}): Promise<Redis> {
  const redis = new Redis({
    ...(await redisOptions(config)),
    maxRetriesPerRequest: 1,
    enableOfflineQueue: true,
    commandTimeout: 5000,
  });
  redis.on("error", onError);
  return redis;
}
