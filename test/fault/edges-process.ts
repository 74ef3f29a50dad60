import { join } from "node:path";
import { startProcess } from "../support/process.ts";

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
export type EdgesProcess = {
  state(): EdgesState;
  /** What they wrote to their logs. */
  output(): string;
  /** Those of the processes that ended. */
  ended(): string[];
  stop(): Promise<void>;
};

const nothing: EdgesState = { made: 0, pending: 0, openImages: 0, connected: 0, losses: 0 };

/** Real edges, each in a process of its own (edges-child.ts), that tell how far they are twice a second. */
export function startEdges(given: EdgesGiven): EdgesProcess {
  const ended: string[] = [];
  const states = given.dirs.map(() => nothing);
  const processes = given.dirs.map((dir, index) => {
    const running = startProcess({
      name: `edge ${index}`,
      command: process.execPath,
      args: [join(import.meta.dirname, "edges-child.ts")],
      env: { ...process.env, CHILD: JSON.stringify({ ...given, dirs: [dir] }) },
      onLine(line) {
        if (line.startsWith('{"made"')) states[index] = JSON.parse(line);
      },
    });
    running.exited.then(({ code, signal }) => ended.push(`${running.name}: ${signal ?? code}`));
    return running;
  });
  const sum = (of: keyof EdgesState) => states.reduce((total, state) => total + state[of], 0);
  return {
    state: () => ({
      made: sum("made"),
      pending: sum("pending"),
      openImages: sum("openImages"),
      connected: sum("connected"),
      losses: sum("losses"),
    }),
    output: () => processes.map((each) => each.output().replace(/^\{"made".*\n/gm, "")).join(""),
    ended: () => ended,
    async stop() {
      await Promise.all(processes.map((each) => each.stop()));
    },
  };
}
