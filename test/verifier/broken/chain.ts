import { checkpointName, consistencyName, names } from "../../../src/record/bag.ts";
import { toBase64, toHex } from "../../../src/record/bytes.ts";
import { epochContent, keyContent } from "../../../src/record/control.ts";
import { rowHash, rowLines } from "../../../src/record/row.ts";
import type { TestChain } from "../../support/bundle-chain.ts";
import { type Story, siteA, tellStart, tellStory } from "../../support/bundle-scenario.ts";
import { type Given, type Lab, lines, put, putLines, swap, text } from "../../support/verifier-lab.ts";
import type { BrokenCase } from "./case.ts";

const rowsOf = (list: string[]): string => list.join("\n\n");

function editRows(lab: Lab, edit: (rows: string[]) => string[]): Promise<Given> {
  return lab.edited((files) => {
    const rows = text(files, names.rows).slice(0, -1).split("\n\n");
    put(files, names.rows, `${rowsOf(edit(rows))}\n`);
  });
}

/** Changes one row, and links and seals everything after it anew, with the appliance's own key: what a thief of keys can do. */
function rewrite(chain: TestChain, seq: number, change: (row: TestChain["rows"][number]["row"]) => void): void {
  for (const stored of chain.rows.slice(seq - 1)) {
    if (stored.row.seq === seq) change(stored.row);
    else stored.row.prev = chain.rows[stored.row.seq - 2]!.hash;
    stored.lines = rowLines(stored.row);
    stored.hash = rowHash(stored.lines);
  }
  chain.checkpoints = [];
}

async function rewritten(lab: Lab, change: (story: Story) => void): Promise<Given> {
  const story = tellStory();
  change(story);
  return lab.bundle(story.chain);
}

export const grammarCases: BrokenCase[] = [
  {
    name: "a newline in a field",
    check: 3,
    place: /rows\.txt entry 4/,
    make: (lab) =>
      editRows(lab, (rows) => rows.map((row, i) => (i === 3 ? row.replace("via web", "via web\nvia web") : row))),
  },
  {
    name: "rows with CRLF",
    check: 3,
    make: (lab) => editRows(lab, (rows) => rows.map((row) => row.replaceAll("\n", "\r\n"))),
  },
  {
    name: "a sequence number with a leading zero",
    check: 3,
    make: (lab) => editRows(lab, (rows) => rows.map((row) => row.replace("\nseq 5\n", "\nseq 05\n"))),
  },
  {
    name: "units in the wrong order",
    check: 3,
    make: (lab) =>
      editRows(lab, (rows) =>
        rows.map((row) => row.replace(/(unit change [0-9a-f]+)\n(unit context [0-9a-f]+)/, "$2\n$1")),
      ),
  },
  {
    name: "a leap second",
    check: 3,
    make: (lab) => editRows(lab, (rows) => rows.map((row) => row.replace("09:00:01", "09:00:60"))),
  },
  { name: "no rows at all", check: 3, make: (lab) => lab.edited((files) => put(files, names.rows, "")) },
  {
    name: "two empty lines between rows",
    check: 3,
    make: (lab) => lab.edited((files) => swap(files, names.rows, "\n\n", "\n\n\n")),
  },
];

export const linkCases: BrokenCase[] = [
  {
    name: "a changed header",
    check: 4,
    place: /^row 5$/,
    make: (lab) => editRows(lab, (rows) => rows.map((row) => row.replace(/(\nseq 4\n[\s\S]*)via web/, "$1via api"))),
  },
  {
    name: "two rows swapped",
    check: 4,
    make: (lab) => editRows(lab, (rows) => rows.with(4, rows[5]!).with(5, rows[4]!)),
  },
  {
    name: "a middle row left out",
    check: 4,
    place: /^row 6$/,
    make: (lab) => editRows(lab, (rows) => rows.toSpliced(5, 1)),
  },
  {
    name: "a control pointer that leaves a tombstone out",
    check: 4,
    place: /^row 12$/,
    make: (lab) =>
      rewritten(lab, ({ chain }) =>
        rewrite(chain, 12, (row) => {
          row.control = 3;
        }),
      ),
  },
  {
    name: "an epoch raised without its row",
    check: 4,
    place: /^row 15$/,
    make: (lab) =>
      rewritten(lab, ({ chain }) =>
        rewrite(chain, 15, (row) => {
          row.epoch = 2;
        }),
      ),
  },
  {
    name: "a clock that went back",
    check: 4,
    place: /^row 9$/,
    make: (lab) =>
      rewritten(lab, ({ chain }) =>
        rewrite(chain, 9, (row) => {
          row.at = "2026-11-01T09:30:00.000000Z";
        }),
      ),
  },
  {
    name: "another tenant's row",
    check: 4,
    place: /^row 4$/,
    make: (lab) =>
      rewritten(lab, ({ chain }) =>
        rewrite(chain, 4, (row) => {
          row.tenant = siteA;
        }),
      ),
  },
  {
    name: "a row after the chain was closed",
    check: 4,
    make: (lab) =>
      rewritten(lab, ({ chain }) => {
        chain.append({ action: "ledger.closed", entity: { type: "tenant", id: chain.tenant } });
        chain.append({ action: "site.changed", entity: { type: "site", id: siteA } });
      }),
  },
  {
    name: "a chain opened twice",
    check: 4,
    make: (lab) =>
      rewritten(
        lab,
        ({ chain }) => void chain.append({ action: "ledger.opened", entity: { type: "tenant", id: chain.tenant } }),
      ),
  },
  {
    name: "rows missing at the end",
    check: 4,
    place: /^row 18$/,
    make: (lab) => editRows(lab, (rows) => rows.slice(0, -1)),
  },
];

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
