import { names } from "../../../src/record/bag.ts";
import type { Reason } from "../../../src/record/control.ts";
import type { TombstoneLine } from "../../../src/record/tombstone.ts";
import { unitHash } from "../../../src/record/unit.ts";
import type { TestChain } from "../../support/bundle-chain.ts";
import { erase, eventLine, imageDayLine, openingLine, openingsLine, siteDayLine } from "../../support/bundle-erase.ts";
import { type Story, siteA, siteB, tellStory } from "../../support/bundle-scenario.ts";
import { type Given, type Lab, lines, put, putLines, swap, text } from "../../support/verifier-lab.ts";
import type { BrokenCase } from "./case.ts";

const policies = [
  { site: siteA, version: 1 },
  { site: siteB, version: 1 },
];
const retention: Reason = { basis: "retention", policies };

/** A tombstone more at the end of the story, which the chain and its checkpoint cover. */
async function told(lab: Lab, tell: (chain: TestChain, story: Story) => void): Promise<Given> {
  const story = tellStory();
  tell(story.chain, story);
  return lab.bundle(story.chain);
}

/** A tombstone whose list is not the truth: what it says, and what really goes. */
function lie(chain: TestChain, said: TombstoneLine[], gone: TombstoneLine[], reason: Reason = retention): void {
  erase(chain, reason, gone);
  const tombstone = chain.rows.pop()!;
  chain.at = tombstone.row.at;
  chain.entomb(reason, said);
}

export const absenceCases: BrokenCase[] = [
  {
    name: "an opening dropped without a tombstone",
    check: 10,
    place: /^row 7$/,
    make: (lab) =>
      lab.edited((files) => {
        const kept = lines(files, names.openings).filter((line) => !line.includes('"seq":7,"unit":"context"'));
        putLines(files, names.openings, kept);
      }),
  },
  {
    name: "an event dropped without a tombstone",
    check: 10,
    place: /^row 17, site/,
    make: (lab) =>
      lab.edited((files) => {
        putLines(files, names.eventsIndex, lines(files, names.eventsIndex).slice(0, -1));
        put(files, names.events, `${text(files, names.events).slice(0, -1).split("\n\n").slice(0, -1).join("\n\n")}\n`);
        putLines(files, names.eventOpenings, lines(files, names.eventOpenings).slice(0, -2));
      }),
  },
  {
    name: "an image's file dropped in silence",
    check: 10,
    place: /^event /,
    make: (lab) =>
      lab.edited((files) => {
        const name = [...files.keys()].find((key) => key.startsWith("data/images/"))!;
        files.delete(name);
      }),
  },
  {
    name: "an image's opening dropped in silence",
    check: 10,
    place: /^event /,
    make: (lab) =>
      lab.edited((files) => putLines(files, names.eventOpenings, lines(files, names.eventOpenings).slice(0, -1))),
  },
  {
    name: "something erased listed as withheld",
    check: 10,
    place: /^row 4$/,
    make: (lab) => lab.edited((files) => put(files, names.withheld, "4 change\n")),
  },
  {
    name: "something shown listed as withheld",
    check: 10,
    place: /^row 7$/,
    make: (lab) => lab.edited((files) => put(files, names.withheld, "7 context\n")),
  },
  {
    name: "erased events listed as withheld",
    check: 10,
    make: (lab) => lab.edited((files) => put(files, names.withheld, `8 ${siteA} 0-2\n`)),
  },
  {
    name: "withheld events that never were",
    check: 10,
    make: (lab) => lab.edited((files) => put(files, names.withheld, `17 ${siteA} 1-9007199254740991\n`)),
  },
  {
    name: "anything withheld under --require-all",
    check: 10,
    make: async (lab) => {
      const { chain } = tellStory();
      const given = await lab.bundle(chain, { withholdUnit: (unit) => unit === "context" });
      return { ...given, requireAll: true };
    },
  },
  {
    name: "a tombstone for a day that is not due",
    check: 10,
    place: /^row 19$/,
    make: (lab) => told(lab, (chain) => void erase(chain, retention, [siteDayLine(chain, siteB, "2026-11-08")])),
  },
  {
    name: "images erased before they were due",
    check: 10,
    place: /^row 19$/,
    make: (lab) => told(lab, (chain) => void erase(chain, retention, [imageDayLine(chain, siteB, "2026-11-08")])),
  },
  {
    name: "a single event erased before it was due",
    check: 10,
    place: /^row 19$/,
    make: (lab) => told(lab, (chain) => void erase(chain, retention, [eventLine(chain, 17, siteA, 0)])),
  },
  {
    name: "openings of rows erased on basis retention",
    check: 10,
    place: /^row 19$/,
    make: (lab) => told(lab, (chain) => void erase(chain, retention, [openingLine(chain, 7, "context")])),
  },
  {
    name: "a tombstone that names an old policy version",
    check: 10,
    place: /^row 20$/,
    make: (lab) =>
      told(lab, (chain) => {
        chain.policy({ site: siteB, version: 2, imageDays: 2, eventDays: 4 });
        erase(chain, retention, [siteDayLine(chain, siteB, "2026-11-02")]);
      }),
  },
  {
    name: "a day erased under a legal hold",
    check: 10,
    place: /^row 20$/,
    make: (lab) =>
      told(lab, (chain) => {
        chain.placeHold({ site: siteB, narrowed: false });
        erase(chain, retention, [siteDayLine(chain, siteB, "2026-11-02")]);
      }),
  },
  {
    name: "an erasure without its request",
    check: 10,
    place: /^row 19$/,
    make: (lab) =>
      told(lab, (chain) => {
        const reason: Reason = { basis: "request", policies: [], request: chain.uuid() };
        erase(chain, reason, [eventLine(chain, 17, siteA, 0)]);
      }),
  },
  {
    name: "a tombstone that counts more events than there were",
    check: 10,
    place: /^row 19$/,
    make: (lab) =>
      told(lab, (chain) => {
        const line = siteDayLine(chain, siteA, "2026-11-02") as Extract<TombstoneLine, { kind: "site-day" }>;
        lie(chain, [{ ...line, events: line.events + 1 }], [line]);
      }),
  },
  {
    name: "a tombstone too wide: a day of a site whose events are still there",
    check: 10,
    make: (lab) =>
      told(lab, (chain) => lie(chain, [siteDayLine(chain, siteA, "2026-11-02")], [eventLine(chain, 10, siteA, 0)])),
  },
  {
    name: "openings listed beyond what there was",
    check: 10,
    make: (lab) =>
      told(lab, (chain) => {
        const request = chain.uuid();
        chain.append({ action: "erasure.requested", entity: { type: "request", id: request } });
        const line = openingsLine(chain, 4, 7, "attachment") as Extract<TombstoneLine, { kind: "openings" }>;
        lie(chain, [{ ...line, count: 5 }], [line], { basis: "request", policies: [], request });
      }),
  },
  {
    name: "a tombstone that names another leaf",
    check: 8,
    make: (lab) =>
      told(lab, (chain) => {
        const line = eventLine(chain, 10, siteA, 0) as Extract<TombstoneLine, { kind: "event" }>;
        lie(chain, [{ ...line, leaf: "0".repeat(64) }], [line]);
      }),
  },
  {
    name: "a batch whose opening vanished with no tombstone to explain it",
    check: 10,
    place: /^row 17$/,
    make: (lab) =>
      told(lab, (chain) => {
        chain.rows[16]!.openings = [];
        for (const { events } of chain.batch(17).sites) for (const event of events) event.erasedBy = 1;
      }),
  },
  {
    name: "a list that is not what its tombstone committed to",
    check: 10,
    place: /^row 11$/,
    make: (lab) =>
      told(lab, (chain, story) => {
        const stored = chain.rows[story.imageDay - 1]!;
        const list = stored.openings.find(({ unit }) => unit === "list")!;
        list.content = String(list.content)
          .replace("image-day", "site-day")
          .replace(/ (\d+) ([0-9a-f]{64})/, " 1 $1 $2");
        // The thief has the salt, so the unit is made to match; the commit in the hashed row cannot be.
        stored.row.units[0]!.hash = unitHash("list", list.salt, list.content);
      }),
  },
  {
    name: "a tombstone with a table that says otherwise",
    check: 11,
    make: (lab) => lab.edited((files) => swap(files, names.erasuresTable, ",retention,", ",request,")),
  },
];
