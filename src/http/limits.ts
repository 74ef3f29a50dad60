import type { Redis } from "ioredis";
import ipaddr from "ipaddr.js";
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

  constructor(limit: number, rate: RateClass, msBeforeNext: number) {
    const waitSeconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
    super("too-many", `over ${limit} ${rate} requests a minute`, {
      remedy: `wait ${waitSeconds} s, or ask an admin to raise limits.${rate}`,
    });
    this.headers = { ...headers(limit, 0, msBeforeNext), "retry-after": String(waitSeconds) };
  }
}

/** Who counts as one address: an IPv6 client has a whole /64 to choose from. */
export function addressKey(address: string): string {
  if (!ipaddr.isValid(address)) return `address-${address}`;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return `address-${parsed}`;
  const network = parsed.toByteArray().slice(0, 8);
  return `address-${Buffer.from(network).toString("hex")}`;
}

/** Requests of a key's minute that this process has taken out of the common count and not yet used. */
type Block = { left: number /** Not taken out by anybody. */; rest: number; endsAt: number };

const mostBlocks = 50_000;

/**
 * Requests per minute, per address before authentication and per tenant after it. Counted in Redis, so that replicas share it;
 * while Redis is away each process counts by itself. A process takes a fiftieth of a limit out at a time: most requests ask
 * nobody, no minute has more than its limit, and what replicas have not used of their blocks at its end is lost.
 */
export function createLimiter(limits: Config["limits"], redis: Redis): Limiter {
  const limiters = new Map(Object.entries(limits).map(([rate, points]) => [rate, counter(rate, points, redis)]));
  const blocks = new Map<string, Block>();
  const onTheWay = new Map<string, Promise<void>>();

  const takeBlock = async (rate: RateClass, key: string, name: string): Promise<void> => {
    const limit = limits[rate];
    const size = Math.min(1000, Math.ceil(limit / 50));
    const result = await limiters
      .get(rate)!
      .consume(key, size)
      .catch((refused: RateLimiterRes | Error) => {
        if (refused instanceof Error) throw refused;
        return refused;
      });
    // Of the last block of a minute only what is below the limit counts.
    const left = Math.max(0, size - Math.max(0, result.consumedPoints - limit));
    const block = { left, rest: result.remainingPoints, endsAt: Date.now() + result.msBeforeNext };
    blocks.delete(name);
    blocks.set(name, block);
    const [oldest] = blocks.keys();
    if (blocks.size > mostBlocks && oldest !== undefined) blocks.delete(oldest);
  };
  const nextBlock = (rate: RateClass, key: string, name: string): Promise<void> => {
    const taking = takeBlock(rate, key, name).finally(() => onTheWay.delete(name));
    onTheWay.set(name, taking);
    return taking;
  };
  return {
    async take(rate, key) {
      const name = `${rate} ${key}`;
      for (;;) {
        const block = blocks.get(name);
        const now = Date.now();
        if (block && block.endsAt > now) {
          if (block.left > 0) {
            block.left--;
            return headers(limits[rate], block.rest + block.left, block.endsAt - now);
          }
          if (block.rest === 0) throw new TooManyRequests(limits[rate], rate, block.endsAt - now);
        }
        await (onTheWay.get(name) ?? nextBlock(rate, key, name));
      }
    },
  };
}

function counter(rate: string, points: number, redis: Redis): RateLimiterAbstract {
  return new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: `limit-${rate}`,
    points,
    duration: 60,
    insuranceLimiter: new RateLimiterMemory({ points, duration: 60 }),
    rejectIfRedisNotReady: true,
  });
}

function headers(limit: number, remaining: number, msBeforeNext: number): Record<string, string> {
  return {
    "ratelimit-limit": String(limit),
    "ratelimit-remaining": String(remaining),
    "ratelimit-reset": String(Math.max(0, Math.ceil(msBeforeNext / 1000))),
  };
}
