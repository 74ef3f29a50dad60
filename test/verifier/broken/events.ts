import { names } from "../../../src/record/bag.ts";
import { toBase64 } from "../../../src/record/bytes.ts";
import { nodeHash } from "../../../src/record/tree.ts";
import { siteA, siteB } from "../../support/bundle-scenario.ts";
import { lines, put, putLines, swap, text } from "../../support/verifier-lab.ts";
import type { BrokenCase } from "./case.ts";

/** Two entries of events.txt and events.index. */
function entries(all: string): string[] {
  return all.slice(0, -1).split("\n\n");
}

export const eventCases: BrokenCase[] = [
  {
    name: "an event twice",
    check: 8,
    make: (lab) =>
      lab.edited((files) => {
        const list = entries(text(files, names.events));
        put(files, names.events, `${[list[0], ...list].join("\n\n")}\n`);
        const index = lines(files, names.eventsIndex);
        putLines(files, names.eventsIndex, [index[0]!, ...index]);
      }),
  },
  {
    name: "two events swapped",
    check: 8,
    make: (lab) =>
      lab.edited((files) => {
        const list = entries(text(files, names.events));
        put(files, names.events, `${[list[1], list[0], ...list.slice(2)].join("\n\n")}\n`);
      }),
  },
  {
    name: "an event of another kind than was recorded",
    check: 8,
    make: (lab) => lab.edited((files) => swap(files, names.events, "kind gate.passage", "kind door.passage")),
  },
  {
    name: "interior nodes shown as leaves",
    check: 8,
    place: /^row 10, site/,
    make: (lab) =>
      lab.edited((files) => {
        const line = lines(files, names.leaves).find((entry) => entry.includes('"seq":10'))!;
        const leaves = Buffer.from(JSON.parse(line).leaves, "base64");
        const [a, b, c] = [0, 32, 64].map((at) => leaves.subarray(at, at + 32));
        const nodes = Buffer.concat([nodeHash(a!, b!), c!]);
        swap(files, names.leaves, JSON.parse(line).leaves, toBase64(nodes));
      }),
  },
  {
    name: "no leaves for a site whose events are partly there",
    check: 8,
    make: (lab) => lab.edited((files) => put(files, names.leaves, "")),
  },
  {
    name: "an index beyond the site's count",
    check: 8,
    make: (lab) =>
      lab.edited((files) =>
        putLines(
          files,
          names.eventsIndex,
          lines(files, names.eventsIndex).map((line) => line.replace(/^10 (\S+) 2$/, "10 $1 3")),
        ),
      ),
  },
  {
    name: "an event claimed for another site",
    check: 8,
    make: (lab) => lab.edited((files) => swap(files, names.eventsIndex, `17 ${siteB} 0`, `17 ${siteA} 1`)),
  },
  {
    name: "more events than places",
    check: 8,
    make: (lab) =>
      lab.edited((files) => putLines(files, names.eventsIndex, lines(files, names.eventsIndex).slice(0, -1))),
  },
];
