import type { Logger } from "../platform/logger.ts";
import { pause } from "./connection.ts";
import { type Edge, type EdgeOptions, type EdgeStats, startEdge } from "./edge.ts";
import { loadPhotographs } from "./photographs.ts";
import { type Mix, makeScenes, seededRandom } from "./scenes.ts";

export type SimulatorOptions = {
  dirs: string[]; // one enrolled edge each
  photographs: string; // a folder with JPEG files
  perSecond: number; // events of each edge
  seed: string;
  log: Logger;
  mix?: Mix;
  most?: number; // events of each edge, then it makes no more; without end when absent
  edge?: Omit<EdgeOptions, "dir" | "log">;
};
export type SimulatorStats = {
  made: number; // taken by the outboxes
  images: number;
  pending: number; // events without receipt
  openImages: number; // not uploaded yet
  heldBytes: number;
  connected: number;
  edges: (EdgeStats & { device: string; made: number })[];
};
export type Simulator = {
  stats(): SimulatorStats;
  finished: Promise<void>; // every edge has made its `most` events; rejects when an outbox refuses one
  edges: Edge[];
  stop(): Promise<void>;
};

// N whole edge appliances in one process: each has its own outbox on disk, connection and uploads.
export async function runSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { dirs, log, perSecond, seed, mix, most = Number.POSITIVE_INFINITY } = options;
  const photographs = await loadPhotographs(options.photographs);
  const stopped = new AbortController();
  const sites: { edge: Edge; made: number; images: number }[] = [];
  const stopAll = async () => {
    stopped.abort();
    await Promise.allSettled(playing);
    await Promise.all(sites.map(({ edge }) => edge.stop()));
  };
  const playing: Promise<void>[] = [];
  try {
    for (const dir of dirs) {
      sites.push({ edge: await startEdge({ ...options.edge, dir, log }), made: 0, images: 0 });
    }
  } catch (error) {
    await stopAll();
    throw error;
  }
  const play = async (site: (typeof sites)[number], index: number) => {
    const scenes = makeScenes({ seed: `${seed}/${index}`, photographs, ...(mix ? { mix } : {}) });
    const random = seededRandom(`${seed}/${index}/times`);
    let due = performance.now();
    while (site.made < most) {
      // Exponential distances: what happens at a gate does not keep time.
      due = Math.max(due, performance.now() - 1_000) - (Math.log(1 - random()) * 1_000) / perSecond;
      await pause(Math.max(0, due - performance.now()), stopped.signal);
      if (stopped.signal.aborted) return;
      const event = scenes.next().value;
      await site.edge.append(event);
      site.made += 1;
      site.images += event.images?.length ?? 0;
    }
  };
  playing.push(...sites.map(play));
  const finished = Promise.all(playing).then(() => {});
  finished.catch((error: Error) => log.error({ reason: error.message }, "a simulated edge stopped"));

  return {
    finished,
    edges: sites.map(({ edge }) => edge),
    stats() {
      const edges = sites.map(({ edge, made }) => ({ ...edge.stats(), device: edge.device, made }));
      const sum = (of: (site: (typeof edges)[number]) => number) => edges.reduce((total, site) => total + of(site), 0);
      return {
        made: sum(({ made }) => made),
        images: sites.reduce((total, { images }) => total + images, 0),
        pending: sum(({ pending }) => pending),
        openImages: sum(({ openImages }) => openImages),
        heldBytes: sum(({ heldBytes }) => heldBytes),
        connected: sum(({ connected }) => Number(connected)),
        edges,
      };
    },
    stop: stopAll,
  };
}
