import { createHash } from "node:crypto";
import type { BrokerAccess } from "../devices/index.ts";
import { createHealthSource, type HealthSource } from "../health/index.ts";
import { createQueueInspector, type QueueInspector } from "../jobs/index.ts";
import type { Config } from "../platform/config.ts";
import { createRedis } from "../platform/redis.ts";
import { applianceVersion } from "../platform/version.ts";
import type { Base } from "./parts.ts";

type Redis = Awaited<ReturnType<typeof createRedis>>;

/** How the appliance is. Connects to Redis with the first question, so that who never asks has nothing open. */
export function openHealth(
  config: Config,
  { pool, master, seal, objects }: Pick<Base, "pool" | "master" | "seal" | "objects">,
  broker: BrokerAccess,
): HealthSource & { stop(): Promise<void> } {
  let opened: Promise<[Redis, QueueInspector]> | undefined;
  const open = () => {
    // Away is what the answer says: no line in the log for each try.
    opened ??= Promise.all([createRedis(config.redis, () => {}), createQueueInspector(config.redis)]);
    return opened;
  };
  const [signing, next] = seal.signers.map(({ publicKey }) => fingerprint(publicKey));
  const source = createHealthSource({
    pool,
    redisInfo: async () => (await open())[0].info("server"),
    queues: async () => (await open())[1].inspect(),
    broker,
    freeBytes: () => objects.freeBytes(),
    witnessDirectories: config.witness.directories,
    version: applianceVersion(),
    keys: { master: master.fingerprint, signing: signing!, nextSigning: next ?? null },
  });
  return {
    ...source,
    async stop() {
      if (!opened) return;
      const [redis, queues] = await opened;
      redis.disconnect();
      await queues.stop();
    },
  };
}

const fingerprint = (publicKey: Uint8Array): string =>
  createHash("sha256").update(publicKey).digest("hex").slice(0, 16);
