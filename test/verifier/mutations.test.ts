import assert from "node:assert/strict";
import fc from "fast-check";
import { openFolder } from "../../src/verifier/browser/browser-source.ts";
import { verifyBundle } from "../../src/verifier/verify.ts";
import type { Files } from "../support/bundle-bag.ts";
import { tellOn, tellStory } from "../support/bundle-scenario.ts";
import { zipFiles } from "../support/bundle-zip.ts";
import { type Given, Lab, optionsOf, verifyGiven } from "../support/verifier-lab.ts";

describe("random mutations of a bundle", () => {
  let lab: Lab;
  let files: Files;
  let given: Given;

  before(async () => {
    lab = new Lab();
    const { chain } = tellOn(tellStory("mutations"));
    files = lab.cms.sign(await lab.files(chain), lab.key);
    given = { bytes: zipFiles(files), trust: lab.trustOf(chain) };
    assert.equal((await verifyGiven(given)).result, "passed");
  });

  after(() => lab?.stop());

  /** Where bytes change, and how: never to what they were. */
  const flips = fc.array(
    fc.tuple(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.integer({ min: 1, max: 255 })),
    {
      minLength: 1,
      maxLength: 3,
    },
  );

  function mutate(bytes: Uint8Array, changes: [number, number][]): Uint8Array {
    // Not slice(): a Buffer's shares its memory.
    const mutated = Uint8Array.from(bytes);
    for (const [at, xor] of changes) mutated[Math.floor(at * bytes.length)]! ^= xor;
    return mutated;
  }

  it("no changed byte of the ZIP passes under trusted keys", async () => {
    await fc.assert(
      fc.asyncProperty(flips, async (changes) => {
        const bytes = mutate(given.bytes, changes);
        fc.pre(!Buffer.from(bytes).equals(Buffer.from(given.bytes)));
        assert.equal((await verifyGiven({ ...given, bytes })).result, "failed");
      }),
      { numRuns: 150 },
    );
  });

  it("no ZIP with bytes taken out or put in passes", async () => {
    const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    await fc.assert(
      fc.asyncProperty(
        place,
        fc.integer({ min: 0, max: 40 }),
        fc.uint8Array({ maxLength: 40 }),
        async (at, taken, put) => {
          const from = Math.floor(at * given.bytes.length);
          const bytes = Buffer.concat([given.bytes.subarray(0, from), put, given.bytes.subarray(from + taken)]);
          fc.pre(!bytes.equals(Buffer.from(given.bytes)));
          assert.equal((await verifyGiven({ ...given, bytes })).result, "failed");
        },
      ),
      { numRuns: 60 },
    );
  });

  it("no changed byte of any file of a folder passes", async () => {
    const names = [...files.keys()].filter((name) => files.get(name)!.length > 0);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), flips, async (name, changes) => {
        const bytes = mutate(files.get(name)!, changes);
        fc.pre(!Buffer.from(bytes).equals(Buffer.from(files.get(name)!)));
        const folder = [...files].map(([file, content]) => ({
          name: file,
          file: new Blob([new Uint8Array(file === name ? bytes : content)]),
        }));
        const verdict = await verifyBundle(openFolder(folder, "bundle"), optionsOf(given));
        assert.equal(verdict.result, "failed", name);
      }),
      { numRuns: 100 },
    );
  });

  it("arbitrary bytes are refused with a verdict, never an exception", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        assert.equal((await verifyGiven({ ...given, bytes })).result, "failed");
      }),
      { numRuns: 100 },
    );
  });
});
