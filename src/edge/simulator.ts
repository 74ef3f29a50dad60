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
  edges: (EdgeStats & { device: string; made: number; images: number })[];
};
export type Simulator = {
  stats(): SimulatorStats;
  finished: Promise<void>; // every edge has made its `most` events; rejects when an outbox refuses one
  edges: Edge[];
  stop(): Promise<void>;
};

type Site = { edge: Edge; made: number; images: number };

// N whole edge appliances in one process: each has its own outbox on disk, connection and uploads.
export async function runSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { dirs, log } = options;
  const photographs = await loadPhotographs(options.photographs);
  const stopped = new AbortController();
  const sites: Site[] = [];
  let playing: Promise<void>[] = [];
  const stop = async () => {
    stopped.abort();
    await Promise.allSettled(playing);
    await Promise.all(sites.map(({ edge }) => edge.stop()));
  };
  try {
    for (const dir of dirs) {
      sites.push({ edge: await startEdge({ ...options.edge, dir, log }), made: 0, images: 0 });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  playing = sites.map((site, index) => play(site, `${options.seed}/${index}`, photographs, options, stopped.signal));
  const finished = Promise.all(playing).then(() => {});
  finished.catch((error: Error) => log.error({ reason: error.message }, "a simulated edge stopped"));
  return { finished, edges: sites.map(({ edge }) => edge), stats: () => sumUp(sites), stop };
}

async function play(
  site: Site,
  seed: string,
  photographs: Buffer[],
  { perSecond, mix, most = Number.POSITIVE_INFINITY }: SimulatorOptions,
  signal: AbortSignal,
): Promise<void> {
  const scenes = makeScenes({ seed, photographs, ...(mix ? { mix } : {}) });
  const random = seededRandom(`${seed}/times`);
  let due = performance.now();
  while (site.made < most) {
    // Exponential distances: what happens at a gate does not keep time.
    due = Math.max(due, performance.now() - 1_000) - (Math.log(1 - random()) * 1_000) / perSecond;
    await pause(Math.max(0, due - performance.now()), signal);
    if (signal.aborted) return;
    const event = scenes.next().value;
    await site.edge.append(event);
    site.made += 1;
    site.images += event.images?.length ?? 0;
  }
}

function sumUp(sites: Site[]): SimulatorStats {
  const edges = sites.map(({ edge, made, images }) => ({ ...edge.stats(), device: edge.device, made, images }));
  const sum = (of: (site: (typeof edges)[number]) => number) => edges.reduce((total, site) => total + of(site), 0);
  return {
    made: sum(({ made }) => made),
    images: sum(({ images }) => images),
    pending: sum(({ pending }) => pending),
    openImages: sum(({ openImages }) => openImages),
    heldBytes: sum(({ heldBytes }) => heldBytes),
    connected: sum(({ connected }) => Number(connected)),
    edges,
  };
}
