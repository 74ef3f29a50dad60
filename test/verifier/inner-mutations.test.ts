import assert from "node:assert/strict";
import fc from "fast-check";
import { names } from "../../src/record/bag.ts";
import { type Files, finishBag } from "../support/bundle-bag.ts";
import { type Story, tellStory } from "../support/bundle-scenario.ts";
import { zipFiles } from "../support/bundle-zip.ts";
import { failedChecks, Lab, lines, putLines, verifyGiven } from "../support/verifier-lab.ts";

describe("payload mutated by someone who can sign the bag but not the chain", () => {
  let lab: Lab;
  let story: Story;
  let good: Files;

  before(async () => {
    lab = new Lab();
    story = tellStory();
    good = await lab.files(story.chain);
  });

  after(() => lab?.stop());

  /** Manifests made anew, no CMS signature: checks 3 to 11 alone must find the edit. */
  async function failures(files: Files): Promise<number[]> {
    const bytes = zipFiles(finishBag(files, story.chain.tenant));
    const verdict = await verifyGiven({ bytes, trust: lab.trustOf(story.chain) });
    return failedChecks(verdict).filter((check) => check !== 2);
  }

  const targets = [
    names.rows,
    names.openings,
    names.leaves,
    names.events,
    names.eventsIndex,
    names.eventOpenings,
    names.rowsTable,
    names.eventsTable,
    names.imagesTable,
    names.erasuresTable,
  ];
  const kinds = ["out", "double", "swap", "alter"] as const;
  const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

  function change(list: string[], kind: (typeof kinds)[number], a: number, b: number): string[] {
    const [i, j] = [Math.floor(a * list.length), Math.floor(b * list.length)];
    const line = list[i]!;
    const at = Math.floor(b * line.length);
    if (kind === "out") return list.toSpliced(i, 1);
    if (kind === "double") return list.toSpliced(i, 0, line);
    if (kind === "swap") return list.with(i, list[j]!).with(j, line);
    return list.with(i, `${line.slice(0, at)}${line[at] === "0" ? "1" : "0"}${line.slice(at + 1)}`);
  }

  it("the bundle itself passes all but the missing signature", async () => {
    assert.deepEqual(await failures(new Map(good)), []);
  });

  it("a line taken out, doubled, swapped or altered in any file of the ledger is found", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...targets),
        fc.constantFrom(...kinds),
        place,
        place,
        async (name, kind, a, b) => {
          const files = new Map(good);
          const list = lines(files, name);
          const next = change(list, kind, a, b);
          fc.pre(next.join("\n") !== list.join("\n"));
          putLines(files, name, next);
          assert.notDeepEqual(await failures(files), [], `${kind} in ${name}`);
        },
      ),
      { numRuns: 250 },
    );
  });
});
