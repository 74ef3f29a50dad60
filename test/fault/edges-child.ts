import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Edge, loadPhotographs, stampPhotograph, startEdge } from "../../src/edge/index.ts";
import { createLogger } from "../../src/platform/logger.ts";

// Real edges in one process. Each writes the ids of what its outbox took to made.txt, and every event gets its
// number and its edge into the body, so that each can be found again.
type Given = {
  dirs: string[];
  photographs: string;
  /** Events of each edge. */
  events: number;
  /** Every so many carries an image; 0 for none. */
  imageEvery: number;
  perSecond: number;
};

const given = JSON.parse(process.env.CHILD ?? "{}") as Given;
const log = createLogger("edges", "error");
const photographs = await loadPhotographs(given.photographs);
const edges: { edge: Edge; made: number }[] = [];
for (const dir of given.dirs) {
  const edge = await startEdge({
    dir,
    log,
    backoff: { firstBackoffMs: 100, longestBackoffMs: 2000 },
    sender: { resendMs: 5000 },
    outbox: { keepBytes: 2 ** 30 },
  });
  edges.push({ edge, made: 0 });
}

let stopping = false;
const playing = Promise.all(
  edges.map(async (site, index) => {
    const journal = join(given.dirs[index]!, "made.txt");
    const began = performance.now();
    while (site.made < given.events && !stopping) {
      const some = Math.min(20, given.events - site.made);
      const ids: string[] = [];
      for (let n = 1; n <= some; n++) ids.push(await site.edge.append(eventOf(index, site.made + n)));
      appendFileSync(journal, `${ids.join("\n")}\n`);
      site.made += some;
      await sleep(Math.max(0, began + (site.made * 1000) / given.perSecond - performance.now()));
    }
  }),
);

function eventOf(edge: number, n: number) {
  const withImage = given.imageEvery > 0 && n % given.imageEvery === 0;
  const image = withImage
    ? stampPhotograph(photographs[n % photographs.length]!, `edge ${edge} event ${n}`)
    : undefined;
  return {
    kind: "gate.passage",
    body: { edge, n },
    subjects: [`plate:T${n % 50}`],
    images: image ? [{ data: image }] : [],
  };
}

const report = setInterval(() => {
  const states = edges.map(({ edge, made }) => ({ made, ...edge.stats() }));
  process.stdout.write(
    `${JSON.stringify({
      made: states.reduce((sum, each) => sum + each.made, 0),
      pending: states.reduce((sum, each) => sum + each.pending, 0),
      openImages: states.reduce((sum, each) => sum + each.openImages, 0),
      connected: states.filter((each) => each.connected).length,
      losses: edges.reduce((sum, { edge }) => sum + edge.losses(100).length, 0),
    })}\n`,
  );
}, 500);
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, async () => {
    stopping = true;
    await playing;
    clearInterval(report);
    for (const { edge } of edges) await edge.stop();
    process.exit(0);
  });
}
