import { holdReleasedContent } from "../../src/record/control.ts";
import type { ScopeSite } from "../../src/record/scope.ts";
import { type NewEvent, TestChain } from "./bundle-chain.ts";
import { erase, eventLine, imageDayLine, imageLine, openingLine, openingsLine, siteDayLine } from "./bundle-erase.ts";

export const siteA = "7a1f9c1e-9d0e-4a37-8a0f-0a4f1f6d3c21";
export const siteB = "9b1f9c1e-9d0e-4a37-8a0f-0a4f1f6d3c22";

export const scopeSites: ScopeSite[] = [
  { id: siteA, name: "Nordtor, Halle 3", timeZone: "Europe/Berlin", offsets: [["-", 60]] },
  { id: siteB, name: "=Südtor", timeZone: "America/New_York", offsets: [["-", -300]] },
];

const jpeg = (mark: number): Uint8Array => {
  const bytes = new Uint8Array(5000 + mark).fill(mark);
  bytes.set([0xff, 0xd8, 0xff, 0xe0]);
  return bytes;
};

function gate(site: string, plate: string, marks: number[] = []): NewEvent {
  const images = marks.map((mark) => ({ bytes: jpeg(mark), type: "image/jpeg" as const }));
  return { site, kind: "gate.passage", body: `{"plate":"${plate}","note":"Zoë, \\"quoted\\""}`, images };
}

function configured(chain: TestChain, seconds: number): number {
  chain.at = `2026-11-01T09:00:${String(seconds).padStart(2, "0")}.000000Z`;
  const { row } = chain.append({
    action: "site.changed",
    entity: { type: "site", id: siteA },
    actor: { type: "user", id: chain.uuid() },
    via: "web",
    units: [
      { name: "change", content: '{"before":{"name":"Tor"},"after":{"name":"Nordtor"}}' },
      { name: "context", content: '{"ip":"192.0.2.7"}' },
      { name: "attachment", content: Uint8Array.of(0, 255, 254, 1) },
    ],
  });
  return row.seq;
}

/** seqs that tests speak of */
export type Story = {
  chain: TestChain;
  changes: number[];
  /** batches of 1 November (A and B; A alone), 2 November, 8 November */
  first: number;
  second: number;
  third: number;
  last: number;
  /** tombstones */
  imageDay: number;
  request: number;
  siteDay: number;
};

/** Configuration and three batches, nothing erased yet. */
export function tellStart(seed: string): Omit<Story, "imageDay" | "request" | "siteDay" | "last"> {
  const chain = new TestChain(seed);
  chain.policy({ site: siteA, version: 1, imageDays: 1, eventDays: 3 });
  chain.policy({ site: siteB, version: 1, imageDays: 2, eventDays: 5 });
  const changes = [1, 2, 3, 4].map((seconds) => configured(chain, seconds));
  chain.at = "2026-11-01T10:00:00.000000Z";
  const first = chain.record([
    gate(siteA, "AB1CDE", [1]),
    gate(siteA, "AB2CDE"),
    gate(siteA, "AB3CDE", [2, 3]),
    gate(siteB, "XY1", [4]),
    { site: siteB, kind: "temperature", body: "-5" },
  ]).seq;
  chain.at = "2026-11-01T11:00:00.500000Z";
  const second = chain.record([gate(siteA, "AB4CDE", [5]), gate(siteA, "AB5CDE")]).seq;
  chain.seal();
  chain.at = "2026-11-02T07:00:00.000000Z";
  const third = chain.record([
    gate(siteA, "AB6CDE", [6, 7]),
    gate(siteA, "AB7CDE"),
    gate(siteA, "AB8CDE", [8]),
    gate(siteB, "XY2", [9]),
    gate(siteB, "XY3"),
  ]).seq;
  return { chain, changes, first, second, third };
}

function holdAndRequest(chain: TestChain, { changes, third }: { changes: number[]; third: number }): number {
  chain.at = "2026-11-03T09:00:00.000000Z";
  const request = chain.uuid();
  chain.append({ action: "erasure.requested", entity: { type: "request", id: request }, via: "api" });
  chain.at = "2026-11-03T10:00:00.000000Z";
  const lines = [
    openingLine(chain, changes[0]!, "change"),
    openingsLine(chain, changes[1]!, changes[2]!, "context"),
    eventLine(chain, third, siteA, 1),
    imageLine(chain, { batch: third, site: siteA, index: 0, n: 1 }),
  ];
  const people = { requester: { type: "user", id: chain.uuid() }, approver: { type: "user", id: chain.uuid() } };
  return erase(chain, { basis: "request", policies: [], request, ...people }, lines).row.seq;
}

/**
 * Two sites over a week: configuration, three batches, images due after a day, a request, a hold that comes and goes, the first
 * day of site A due while site B keeps its share.
 */
export function tellStory(seed = "story"): Story {
  const story = tellStart(seed);
  const { chain } = story;
  chain.at = "2026-11-02T08:00:00.000000Z";
  const policyA = [{ site: siteA, version: 1 }];
  const imageDay = erase(chain, { basis: "retention", policies: policyA }, [imageDayLine(chain, siteA, "2026-11-01")])
    .row.seq;
  const hold = chain.placeHold({
    site: siteB,
    from: "2026-11-02T00:00:00.000000Z",
    to: "2026-11-03T00:00:00.000000Z",
    narrowed: false,
  });
  const request = holdAndRequest(chain, story);
  chain.seal();
  chain.at = "2026-11-04T00:10:00.000000Z";
  const reason = { basis: "retention" as const, policies: [...policyA, { site: siteB, version: 1 }] };
  const siteDay = erase(chain, reason, [
    siteDayLine(chain, siteA, "2026-11-01"),
    imageDayLine(chain, siteB, "2026-11-01"),
  ]).row.seq;
  chain.append({
    action: "ledger.hold.released",
    entity: { type: "hold", id: hold },
    units: [{ name: "hold", content: holdReleasedContent(hold) }],
  });
  chain.at = "2026-11-08T00:10:00.000000Z";
  const last = chain.record([gate(siteA, "CD1"), gate(siteB, "CD2", [10])]).seq;
  chain.at = "2026-11-08T00:11:00.000000Z";
  chain.append({ action: "export.requested", entity: { type: "export", id: chain.uuid() }, via: "api" });
  return { ...story, imageDay, request, siteDay, last };
}

/** A week later: what else is due goes, so that nothing of 1 November is left and its batches' openings are gone. */
export function tellOn(story: Story): Story {
  const { chain } = story;
  chain.at = "2026-11-08T00:20:00.000000Z";
  const policies = [
    { site: siteA, version: 1 },
    { site: siteB, version: 1 },
  ];
  const lines = [
    siteDayLine(chain, siteA, "2026-11-02"),
    siteDayLine(chain, siteB, "2026-11-01"),
    siteDayLine(chain, siteB, "2026-11-02"),
  ];
  erase(chain, { basis: "retention", policies }, lines);
  return story;
}
