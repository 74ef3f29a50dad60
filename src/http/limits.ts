import type { Redis } from "ioredis";
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  type RateLimiterRes,
} from "rate-limiter-flexible";
import type { Config } from "../platform/config.ts";
import { AppError } from "../platform/errors.ts";
import type { RateClass } from "../platform/route.ts";

export interface Limiter {
  /** Takes one from `key`'s minute. @throws TooManyRequests. Returns the RateLimit headers. */
  take(rate: RateClass, key: string): Promise<Record<string, string>>;
}

/** Its headers tell when to come again. */
export class TooManyRequests extends AppError {
  readonly headers: Record<string, string>;

  constructor(limit: number, rate: RateClass, result: RateLimiterRes) {
    const waitSeconds = Math.max(1, Math.ceil(result.msBeforeNext / 1000));
    super("too-many", `over ${limit} ${rate} requests a minute`, {
      remedy: `wait ${waitSeconds} s, or ask an admin to raise limits.${rate}`,
    });
    this.headers = { ...headers(limit, result), "retry-after": String(waitSeconds) };
  }
}

/**
 * Requests per minute, per address before authentication and per tenant after it. Counted in Redis, so that replicas share it;
 * while Redis is away each process counts by itself.
 */
export function createLimiter(limits: Config["limits"], redis: Redis): Limiter {
  const limiters = new Map<RateClass, RateLimiterAbstract>();
  for (const [rate, points] of Object.entries(limits) as [RateClass, number][]) {
    const memory = new RateLimiterMemory({ points, duration: 60 });
    limiters.set(
      rate,
      new RateLimiterRedis({
        storeClient: redis,
        keyPrefix: `limit-${rate}`,
        points,
        duration: 60,
        insuranceLimiter: memory,
        rejectIfRedisNotReady: true,
      }),
    );
  }
  return {
    async take(rate, key) {
      const limiter = limiters.get(rate)!;
      try {
        return headers(limits[rate], await limiter.consume(key));
      } catch (result) {
        if (result instanceof Error) throw result;
        throw new TooManyRequests(limits[rate], rate, result as RateLimiterRes);
      }
    },
  };
}

function headers(limit: number, result: RateLimiterRes): Record<string, string> {
  return {
    "ratelimit-limit": String(limit),
    "ratelimit-remaining": String(result.remainingPoints),
    "ratelimit-reset": String(Math.ceil(result.msBeforeNext / 1000)),
  };
}
