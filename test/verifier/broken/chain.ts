import { names } from "../../../src/record/bag.ts";
import { rewrite } from "../../support/bundle-rewrite.ts";
import { type Story, siteA, tellStory } from "../../support/bundle-scenario.ts";
import { type Given, type Lab, put, swap, text } from "../../support/verifier-lab.ts";
import type { BrokenCase } from "./case.ts";

const rowsOf = (list: string[]): string => list.join("\n\n");

function editRows(lab: Lab, edit: (rows: string[]) => string[]): Promise<Given> {
  return lab.edited((files) => {
    const rows = text(files, names.rows).slice(0, -1).split("\n\n");
    put(files, names.rows, `${rowsOf(edit(rows))}\n`);
  });
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
