import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "../../src/edge/scenes.ts";
import type { Appliance } from "../support/appliance.ts";
import type { Service } from "../support/service.ts";

export const strikeable = ["app", "worker", "redis", "broker", "postgres"] as const;
export type Name = (typeof strikeable)[number];

export type Strikes = {
  /** Kills of each. */
  kills: Record<Name, number>;
  /** Processes that ended although nobody had killed them. */
  endedByThemselves: string[];
};

/**
 * Kills one or two processes at a time, at moments that `seed` gives, each one `rounds` times, and starts them again: those that
 * others need first. Resolves when all run.
 */
export async function strike(
  appliance: Appliance,
  { seed, rounds }: { seed: string; rounds: number },
): Promise<Strikes> {
  const random = seededRandom(seed);
  const kills = { app: 0, worker: 0, redis: 0, broker: 0, postgres: 0 };
  const endedByThemselves: string[] = [];
  const order = Array.from({ length: rounds }, () => shuffle([...strikeable], random)).flat();
  while (order.length > 0) {
    await sleep(500 + random() * 2000);
    for (const name of strikeable) {
      if (appliance[name].isRunning()) continue;
      endedByThemselves.push(`${name} after ${JSON.stringify(kills)}: ${appliance[name].output().slice(-3000)}`);
      await revive(appliance[name]);
    }
    const victims = [...new Set(order.splice(0, random() < 0.3 ? 2 : 1))];
    await Promise.all(victims.map((name) => appliance[name].kill()));
    for (const name of victims) kills[name] += 1;
    await sleep(random() * 1500);
    for (const name of [...strikeable].reverse()) if (victims.includes(name)) await revive(appliance[name]);
  }
  return { kills, endedByThemselves };
}

/** As a supervisor does: a start that is refused is tried again, for half a minute. */
async function revive(service: Pick<Service, "start" | "kill">): Promise<void> {
  const until = performance.now() + 30_000;
  for (;;) {
    try {
      await service.start();
      return;
    } catch (error) {
      await service.kill();
      if (performance.now() > until) throw error;
      await sleep(250);
    }
  }
}

function shuffle<T>(list: T[], random: () => number): T[] {
  for (let n = list.length - 1; n > 0; n--) {
    const other = Math.floor(random() * (n + 1));
    [list[n], list[other]] = [list[other]!, list[n]!];
  }
  return list;
}
