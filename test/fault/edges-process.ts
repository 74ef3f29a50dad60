import { join } from "node:path";
import { type RunningProcess, startProcess } from "../support/process.ts";

export type EdgesGiven = {
  dirs: string[];
  photographs: string;
  /** Events of each edge. */
  events: number;
  /** Every so many carries an image; 0 for none. */
  imageEvery: number;
  perSecond: number;
};

export type EdgesState = { made: number; pending: number; openImages: number; connected: number; losses: number };
export type EdgesProcess = { state(): EdgesState; process: RunningProcess; stop(): Promise<void> };

/** Real edges in a process of their own (edges-child.ts), that tells how far they are twice a second. */
export function startEdges(given: EdgesGiven): EdgesProcess {
  let state: EdgesState = { made: 0, pending: 0, openImages: 0, connected: 0, losses: 0 };
  const process_ = startProcess({
    name: "edges",
    command: process.execPath,
    args: [join(import.meta.dirname, "edges-child.ts")],
    env: { ...process.env, CHILD: JSON.stringify(given) },
    onLine(line) {
      if (line.startsWith('{"made"')) state = JSON.parse(line);
    },
  });
  return { state: () => state, process: process_, stop: () => process_.stop() };
}
