import { setTimeout as sleep } from "node:timers/promises";
import type { Api } from "./api.ts";
import { bytes, count, dim, expect, say, seen, several, table } from "./print.ts";
import type { Stack } from "./stack.ts";

interface PreviewDay {
  day: string;
  events: number;
  images: number;
  bytes: number;
  imageBytes: number;
  heldBy: string[];
}
interface Preview {
  effectiveAt: string;
  days: PreviewDay[];
}
interface Tombstone {
  erasureId: string;
  seq: number;
  basis: string;
  events: number;
  images: number;
  openings: number;
  filesPending: number;
  filesGoneAt: string | null;
}

interface Certificate {
  request: { state: string };
  complete: boolean;
  total: { events: number; images: number };
  tombstones: { seq: number }[];
}

/** The first tenant shortens both sites; its second site is under a hold, which wins. */
export async function chapterRetention(stack: Stack): Promise<void> {
  const tenant = stack.state.tenants[0]!;
  const api = stack.api(tenant);
  const [open, held] = tenant.sites as [{ name: string; siteId: string }, { name: string; siteId: string }];
  await answerClockQuestion(stack);
  await api.send("PATCH", "/api/v1/tenant", { coolingOffHours: 0 });
  say(dim("cooling-off is 24 hours; for this tour it is set to none"));
  await api.send("POST", "/api/v1/holds", {
    siteId: held.siteId,
    caseNumber: "2026-117",
    reason: "Insurance claim: container 4, water damage",
    owner: "Legal",
    reviewOn: inDays(90),
  });
  seen(`legal hold on ${held.name}: whatever falls due there stays`);
  for (const site of [open, held]) {
    const preview = await api.send<Preview>("POST", `/api/v1/sites/${site.siteId}/retention/preview`, {
      imageDays: 5,
      eventDays: 10,
    });
    expect(preview.days.length > 0, "an empty preview", "the days that a shorter retention erases");
    say(`${site.name}: images 30 → 5 days, events 90 → 10 would erase`);
    table([
      ["day", "events", "photographs", "size", ""],
      ...preview.days.map((day) => [
        day.day,
        count(day.events),
        count(day.images),
        bytes(day.bytes + day.imageBytes),
        day.heldBy.length > 0 ? "held" : "",
      ]),
    ]);
    await api.send("PUT", `/api/v1/sites/${site.siteId}/retention`, { imageDays: 5, eventDays: 10 });
  }
  const tombstones = await waitForTombstones(api, open.siteId);
  for (const { seq, events, images, basis } of tombstones.sort((one, other) => one.seq - other.seq)) {
    const gone = [events && several(events, "event"), images && several(images, "photograph")].filter(Boolean);
    say(`tombstone in row ${seq}: ${gone.join(", ")}, basis ${basis}`);
  }
  const left = await daysLeft(api, open.siteId);
  expect(
    left.every((day) => day.events === 0 || day.day === today()),
    JSON.stringify(left),
    "only today left",
  );
  seen(`${open.name}: all that was due is gone, files and keys too`);
  const kept = await daysLeft(api, held.siteId);
  expect(
    kept.some((day) => day.day !== today() && day.events > 0),
    JSON.stringify(kept),
    "the held days untouched",
  );
  seen(`${held.name}: held days untouched`);
}

/** The clock stands days past the last checkpoint: the executor erases nothing until a person says that this is right. */
async function answerClockQuestion(stack: Stack): Promise<void> {
  const asked: string[] = [];
  for (const tenant of stack.state.tenants) {
    const { stop } = await stack.api(tenant).send<{ stop: string | null }>("POST", "/api/v1/retention/confirm", {
      reason: "the appliance was in store until today; its clock is right",
    });
    if (stop) asked.push(stop);
  }
  if (asked.length === 0) return;
  // Times to the minute are enough here.
  const [why, found] = asked[0]!.replace(/T(\d\d:\d\d):[\d.]+Z/g, " $1").split(/: |, expected/);
  say(`erasing had stopped until a person looks: ${why}`);
  if (found) say(dim(found));
  seen("a person has checked the clock, and says so in the ledger of each customer");
}

async function waitForTombstones(api: Api, siteId: string): Promise<Tombstone[]> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const { erasures } = await api.get<{ erasures: Tombstone[] }>("/api/v1/erasures");
    const days = await daysLeft(api, siteId);
    const done =
      days.every((day) => day.events === 0 || day.day === today()) &&
      erasures.every((tombstone) => tombstone.filesPending === 0 || tombstone.filesGoneAt);
    if (done && erasures.length > 0) return erasures;
    expect(
      Date.now() < deadline,
      `after a minute: ${JSON.stringify(days)} with ${erasures.length} tombstones`,
      "the due days erased and their files collected",
    );
    await sleep(1000);
  }
}

async function daysLeft(api: Api, siteId: string): Promise<{ day: string; events: number }[]> {
  const { days } = await api.get<{ days: { day: string; events: number }[] }>(`/api/v1/sites/${siteId}/days`);
  return days;
}

const today = (): string => new Date().toISOString().slice(0, 10);
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** The second tenant erases one number plate by request; the certificate says what went and what stands in its place. */
export async function chapterErase(stack: Stack): Promise<void> {
  const tenant = stack.state.tenants[1]!;
  const api = stack.api(tenant);
  const subject = await someSubject(api, tenant.sites[0]!.siteId);
  const { requestId } = await api.send<{ requestId: string }>("POST", "/api/v1/erasure-requests", {
    subject,
    reason: "GDPR article 17, letter of today",
  });
  const deadline = Date.now() + 60_000;
  for (;;) {
    const { complete, request, total, tombstones } = await api.get<Certificate>(
      `/api/v1/erasure-requests/${requestId}`,
    );
    if (complete) {
      const { events, images } = total;
      expect(events > 0, `${events} events erased`, "at least one");
      seen(
        `${subject}: ${several(events, "event")} and ${several(images, "photograph")} erased under row ${tombstones.map(({ seq }) => seq).join(", ")}`,
      );
      break;
    }
    expect(Date.now() < deadline, `request ${request.state} after a minute`, "done");
    await sleep(500);
  }
  const { events } = await api.get<{ events: unknown[] }>(`/api/v1/events?subject=${encodeURIComponent(subject)}`);
  expect(events.length === 0, `${events.length} events about ${subject}`, "none");
  seen("nothing is found about it any more; the chain is as long as before, and a tombstone longer");
}

async function someSubject(api: Api, siteId: string): Promise<string> {
  const { events } = await api.get<{ events: { eventId: string; kind: string }[] }>(
    `/api/v1/events?site=${siteId}&kind=gate.passage&limit=1`,
  );
  expect(events[0], "no gate passage", "at least one");
  const { body } = await api.get<{ body: string }>(`/api/v1/events/${events[0].eventId}`);
  return `plate:${(JSON.parse(body) as { plate: string }).plate}`;
}
