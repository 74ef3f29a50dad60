import { checkpointName, consistencyName, names } from "../../../src/record/bag.ts";
import { toBase64, toHex } from "../../../src/record/bytes.ts";
import { epochContent, keyContent } from "../../../src/record/control.ts";
import type { TestChain } from "../../support/bundle-chain.ts";
import { rewrite } from "../../support/bundle-rewrite.ts";
import { siteA, tellStart, tellStory } from "../../support/bundle-scenario.ts";
import { lines, put, putLines, swap } from "../../support/verifier-lab.ts";
import type { BrokenCase } from "./case.ts";
export const checkpointCases: BrokenCase[] = [
  {
    name: "all rows sealed again by a stranger",
    check: 5,
    place: /checkpoints/,
    make: async (lab) => {
      const story = tellStory();
      const trust = lab.trustOf(story.chain);
      story.chain.signer = lab.strangerSigner;
      story.chain.checkpoints = [];
      return { ...(await lab.bundle(story.chain)), trust };
    },
  },
  {
    name: "a checkpoint with another root",
    check: 5,
    make: (lab) =>
      lab.edited((files) =>
        swap(files, checkpointName(1, 18), /\n[A-Za-z0-9+/]{43}=\n/, `\n${toBase64(new Uint8Array(32))}\n`),
      ),
  },
  {
    name: "a hash too many in outside.txt",
    check: 5,
    place: /outside\.txt/,
    make: (lab) => lab.edited((files) => put(files, names.outside, `${"a".repeat(64)}\n`)),
  },
  {
    name: "a hash missing from outside.txt",
    check: 5,
    place: /outside\.txt/,
    make: (lab) =>
      lab.edited((files) => putLines(files, names.outside, lines(files, names.outside).slice(1)), tellStory(), {
        range: { from: 9, to: 11 },
      }),
  },
  {
    name: "two hashes of outside.txt swapped",
    check: 5,
    make: (lab) =>
      lab.edited((files) => putLines(files, names.outside, lines(files, names.outside).reverse()), tellStory(), {
        range: { from: 9, to: 11 },
      }),
  },
  {
    name: "another appliance's checkpoint",
    check: 5,
    make: async (lab) => {
      const { chain } = tellStory();
      const given = await lab.bundle(chain);
      return { ...given, trust: { ...given.trust!, appliance: chain.tenant } };
    },
  },
  {
    name: "an earlier checkpoint without its proof",
    check: 5,
    place: /1-9/,
    make: (lab) => {
      const story = tellStory();
      const early = story.chain.checkpoints[0]!;
      return lab.edited((files) => {
        put(files, checkpointName(1, early.checkpoint.size), early.text);
        files.delete(consistencyName(early.checkpoint.size, 18));
      }, story);
    },
  },
  {
    name: "a key changed without a checkpoint of the old key over the change",
    check: 5,
    make: async (lab) => {
      const { chain } = tellStory();
      const trust = lab.trustOf(chain);
      const content = keyContent({ oldKey: chain.signer.publicKey, newKey: lab.strangerSigner.publicKey });
      chain.append({
        action: "ledger.key.rotated",
        entity: { type: "key", id: "00000000" },
        units: [{ name: "key", content }],
      });
      chain.signer = lab.strangerSigner;
      return { ...(await lab.bundle(chain)), trust };
    },
  },
];

/** A restore: the chain forgets everything after `kept`, and says so. */
function restore(chain: TestChain, kept: number): void {
  const last = chain.seal();
  chain.rows = chain.rows.slice(0, kept);
  chain.batches = chain.batches.filter(({ seq }) => seq <= kept);
  chain.epoch = 2;
  const oldRoot = toHex(last.checkpoint.root);
  chain.append({
    action: "ledger.epoch",
    entity: { type: "epoch", id: "2" },
    commits: [{ name: "lost", hash: oldRoot }],
    units: [
      {
        name: "epoch",
        content: epochContent({ oldSize: last.checkpoint.size, oldRoot, keptSize: kept, reason: "restore" }),
      },
    ],
  });
}

export function restored(): { chain: TestChain; before: string } {
  const { chain } = tellStart("restored");
  const kept = chain.rows.length;
  for (let i = 0; i < 2; i++) chain.append({ action: "site.changed", entity: { type: "site", id: siteA } });
  const before = chain.seal().text;
  restore(chain, kept);
  return { chain, before };
}

export const previousCases: BrokenCase[] = [
  {
    name: "a chain rewritten before the auditor's checkpoint, sealed with the true key",
    check: 6,
    place: /checkpoint 1-9/,
    make: (lab) => {
      const story = tellStory();
      const previous = story.chain.checkpoints[0]!.text;
      rewrite(story.chain, 5, (row) => {
        row.via = "api";
      });
      return lab.bundle(story.chain).then((given) => ({ ...given, previous }));
    },
  },
  {
    name: "a chain shorter than the auditor's checkpoint",
    check: 6,
    make: async (lab) => {
      const { chain } = tellStory();
      const previous = chain.seal().text;
      chain.rows = chain.rows.slice(0, -2);
      chain.batches = chain.batches.slice(0, -1);
      chain.checkpoints = [];
      return { ...(await lab.bundle(chain)), previous };
    },
  },
  {
    name: "rows lost in a restore that the auditor did not accept",
    check: 6,
    make: async (lab) => {
      const { chain, before } = restored();
      return { ...(await lab.bundle(chain)), previous: before };
    },
  },
  {
    name: "no proof for the auditor's checkpoint",
    check: 6,
    make: (lab) => {
      const story = tellStory();
      const { checkpoint, text: previous } = story.chain.checkpoints[0]!;
      const edit = lab.edited((files) => void files.delete(consistencyName(checkpoint.size, 18)), story);
      return edit.then((given) => ({ ...given, previous }));
    },
  },
  {
    name: "an auditor's checkpoint of another tenant",
    check: 6,
    make: async (lab) => {
      const given = await lab.bundle(tellStory().chain);
      return { ...given, previous: tellStory("another").chain.seal().text };
    },
  },
];
