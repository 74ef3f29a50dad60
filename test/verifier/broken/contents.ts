import { createHash } from "node:crypto";
import { certificateName, imageName, names } from "../../../src/record/bag.ts";
import { encodeUtf8 } from "../../../src/record/bytes.ts";
import { tellOn, tellStory } from "../../support/bundle-scenario.ts";
import { lines, put, putLines, swap } from "../../support/verifier-lab.ts";
import type { BrokenCase } from "./case.ts";

const scopeName = names.scope;

function dropLine(list: string[], part: string): string[] {
  const kept = list.filter((line) => !line.includes(part));
  if (kept.length === list.length) throw new Error(`found no line with ${part}`);
  return kept;
}

export const openingCases: BrokenCase[] = [
  {
    name: "an opening with other content",
    check: 7,
    place: /^row 7$/,
    make: (lab) =>
      lab.edited((files) => swap(files, names.openings, /(?<="seq":7,"unit":"change".*?)Nordtor/, "Südtor")),
  },
  {
    name: "an opening with another salt",
    check: 7,
    place: /^row 7$/,
    make: (lab) =>
      lab.edited((files) => swap(files, names.openings, /(?<="seq":7,"unit":"context","salt":")[0-9a-f]{4}/, "0000")),
  },
  {
    name: "an opening twice",
    check: 7,
    make: (lab) =>
      lab.edited((files) => {
        const list = lines(files, names.openings);
        putLines(
          files,
          names.openings,
          list.flatMap((line) => (line.includes('"seq":7,"unit":"change"') ? [line, line] : [line])),
        );
      }),
  },
  {
    name: "an opening of a unit that the row never had",
    check: 7,
    make: (lab) =>
      lab.edited((files) => swap(files, names.openings, '"seq":7,"unit":"change"', '"seq":7,"unit":"chance"')),
  },
  {
    name: "an opening of a row that is not there",
    check: 7,
    make: (lab) =>
      lab.edited((files) =>
        putLines(files, names.openings, [
          ...lines(files, names.openings),
          `{"seq":99,"unit":"x","salt":"${"0".repeat(64)}","content":""}`,
        ]),
      ),
  },
  {
    name: "a structural unit left out",
    check: 7,
    place: /^row 2$/,
    make: (lab) =>
      lab.edited((files) => putLines(files, names.openings, dropLine(lines(files, names.openings), '"seq":2,'))),
  },
  {
    name: "a structural unit withheld",
    check: 7,
    place: /^row 2$/,
    make: (lab) => lab.edited((files) => put(files, names.withheld, "2 policy\n")),
  },
  {
    name: "an opening with a lone surrogate",
    check: 7,
    place: /openings\.jsonl line/,
    make: (lab) => lab.edited((files) => swap(files, names.openings, "Nordtor", "\\ud800")),
  },
  {
    name: "an opening with an unknown key",
    check: 7,
    place: /openings\.jsonl line/,
    make: (lab) => lab.edited((files) => swap(files, names.openings, '"unit":"change"', '"x":1,"unit":"change"')),
  },
  {
    name: "an event's body with other content",
    check: 7,
    place: /^event /,
    make: (lab) => lab.edited((files) => swap(files, names.eventOpenings, "AB6CDE", "AB9CDE")),
  },
];

export const imageCases: BrokenCase[] = [
  {
    name: "an image's bytes replaced, and all manifests made anew",
    check: 9,
    place: /^data\/images/,
    make: (lab) =>
      lab.edited((files) => {
        const name = [...files.keys()].find((key) => key.startsWith("data/images/"))!;
        files.set(
          name,
          files.get(name)!.map((byte) => byte ^ 1),
        );
      }),
  },
  {
    name: "an image that no event names",
    check: 9,
    place: /^data\/images/,
    make: (lab) =>
      lab.edited((files) => {
        const bytes = encodeUtf8("planted");
        files.set(imageName(createHash("sha256").update(bytes).digest("hex"), "jpg"), bytes);
      }),
  },
  {
    name: "an image under another type",
    check: 9,
    place: /^data\/images/,
    make: (lab) =>
      lab.edited((files) => {
        const name = [...files.keys()].find((key) => key.startsWith("data/images/"))!;
        files.set(name.replace(".jpg", ".png"), files.get(name)!);
        files.delete(name);
      }),
  },
  {
    name: "an image cut short, under the name of its old hash",
    check: 9,
    make: (lab) =>
      lab.edited((files) => {
        const name = [...files.keys()].find((key) => key.startsWith("data/images/"))!;
        files.set(name, files.get(name)!.slice(0, 10));
      }),
  },
];

export const tableCases: BrokenCase[] = [
  {
    name: "a cell changed in events.csv",
    check: 11,
    place: /events\.csv/,
    make: (lab) => lab.edited((files) => swap(files, names.eventsTable, "AB6CDE", "AB9CDE")),
  },
  {
    name: "a formula let loose in a table",
    check: 11,
    place: /events\.csv/,
    make: (lab) => lab.edited((files) => swap(files, names.eventsTable, "'=Südtor", "=Südtor")),
  },
  {
    name: "a row left out of rows.csv",
    check: 11,
    place: /rows\.csv/,
    make: (lab) => lab.edited((files) => swap(files, names.rowsTable, /\r\n5,.*(?=\r\n6,)/, "")),
  },
  {
    name: "a wrong count in scope.json",
    check: 11,
    place: /scope\.json/,
    make: (lab) => lab.edited((files) => swap(files, scopeName, /"events": \d+/, '"events": 7000')),
  },
  {
    name: "a certificate with other counts",
    check: 11,
    place: /data\/erasures/,
    make: (lab) => {
      const story = tellStory();
      const { row } = story.chain.rows[story.siteDay - 1]!;
      return lab.edited((files) => swap(files, certificateName(row.entity.id), /"events": 5/, '"events": 6'), story);
    },
  },
  {
    name: "a certificate left out",
    check: 11,
    place: /data\/erasures/,
    make: (lab) => {
      const story = tellOn(tellStory());
      const { row } = story.chain.rows[story.siteDay - 1]!;
      return lab.edited((files) => void files.delete(certificateName(row.entity.id)), story);
    },
  },
];
