import { imageName } from "../record/bag.ts";
import type { EventOpening, EventPlace, Withheld } from "../record/carried.ts";
import { type ImageContent, imageTypes, parseImageContent } from "../record/event.ts";
import type { NamedHash, Row } from "../record/row.ts";
import { eventsLine, type ImageState, imagesLine, type PlacedEvent } from "../record/tables.ts";
import { FormatError } from "../record/text.ts";
import { dayOf } from "../record/time.ts";
import { unitHash } from "../record/unit.ts";
import { placeOf, type Tombstone } from "./erasures.ts";
import type { CarriedEvent, Walk } from "./walk.ts";

type Here = { row: Row; place: EventPlace; carried: CarriedEvent; label: string; withheld: Withheld[] };

/** The opening of a unit, when it stands at the cursor; its hash is checked (7). Only text is content of an event. */
async function takeOpening(walk: Walk, here: Here, unit: NamedHash): Promise<string | undefined> {
  const { eventOpenings } = walk.cursors;
  const opening: EventOpening | undefined = eventOpenings.current;
  if (opening?.event !== here.carried.event.event || opening.unit !== unit.name) return undefined;
  const { report } = walk.run;
  if (unitHash(unit.name, opening.salt, opening.content) !== unit.hash) {
    report.fail(7, here.label, `found an opening that does not match unit ${unit.name}`);
  }
  if (typeof opening.content !== "string") report.fail(7, here.label, `found unit ${unit.name} not as text`);
  walk.counts.eventOpenings++;
  await eventOpenings.advance();
  return typeof opening.content === "string" ? opening.content : "";
}

/** Tombstones that list this image, and whether they name the right hash (10). */
function erasedBy(walk: Walk, here: Here, unit: NamedHash): Tombstone[] {
  const { row, place } = here;
  const day = walk.erasures.imageDay(place.site, dayOf(row.at), row.seq);
  const by = day ? [day.by] : [];
  for (const { line, by: tombstone } of walk.erasures.imagesOf(row.seq, place.site, place.index)) {
    if (line.unit !== unit.name || tombstone.row.seq <= row.seq) continue;
    if (line.hash !== unit.hash)
      walk.run.report.fail(10, placeOf(tombstone), `found another hash for ${unit.name} of ${here.label}`);
    by.push(tombstone);
  }
  return by;
}

function parseImage(walk: Walk, here: Here, content: string): ImageContent | undefined {
  try {
    return parseImageContent(content);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    walk.run.report.fail(9, here.label, error.message);
    return undefined;
  }
}

/** An image whose opening is there: its file is there and is what the opening says (9), or is listed as withheld (10). */
function judgeFile(walk: Walk, here: Here, unit: NamedHash, image: ImageContent): ImageState {
  const { report, bag } = walk.run;
  const file = imageName(image.sha256, imageTypes[image.type]);
  const hash = bag.hashes.get(file);
  const withheldAt = here.withheld.findIndex(
    (entry) => entry.kind === "image" && entry.index === here.place.index && entry.unit === unit.name,
  );
  if (withheldAt >= 0) {
    here.withheld.splice(withheldAt, 1);
    walk.counts.withheldImages++;
    return { state: "absent", image };
  }
  if (hash === undefined)
    report.fail(10, here.label, `found no file of ${unit.name}, and it is neither erased nor withheld`);
  else {
    if (hash !== image.sha256) report.fail(9, file, `found SHA-256 ${hash}, expected ${image.sha256} by ${here.label}`);
    const size = bag.source.sizeOf(file);
    if (size !== image.bytes) report.fail(9, file, `found ${size} bytes, expected ${image.bytes} by ${here.label}`);
    walk.imageFiles.add(file);
  }
  return { state: "present", image, file };
}

async function walkImage(walk: Walk, here: Here, placed: PlacedEvent, unit: NamedHash): Promise<void> {
  const { report } = walk.run;
  const content = await takeOpening(walk, here, unit);
  const by = erasedBy(walk, here, unit);
  for (const tombstone of by) walk.rules.judgeVisible(tombstone, here.carried.event);
  let state: ImageState = { state: "erased" };
  if (content !== undefined) {
    if (by[0]) report.fail(10, here.label, `found ${unit.name} open, although ${placeOf(by[0])} erased it`);
    const image = parseImage(walk, here, content);
    if (!image) return;
    state = judgeFile(walk, here, unit, image);
  } else if (by.length === 0)
    report.fail(10, here.label, `found no opening of ${unit.name}, and no tombstone that erased it`);
  walk.tables.images.add(imagesLine(placed, unit.name, state));
}

function checkImageMarks(walk: Walk, here: Here): void {
  const { row, place, carried } = here;
  for (const { line, by } of walk.erasures.imagesOf(row.seq, place.site, place.index)) {
    if (!carried.event.units.some(({ name }) => name === line.unit)) {
      walk.run.report.fail(10, placeOf(by), `found ${line.unit} of ${here.label} listed, which the event never had`);
    }
  }
}

/** The units of one visible event, and its lines in the tables. `withheld`: the site's images that are withheld; used up here. */
export async function walkEvent(
  walk: Walk,
  row: Row,
  carried: CarriedEvent,
  place: EventPlace,
  withheld: Withheld[],
): Promise<void> {
  const { report } = walk.run;
  const { event } = carried;
  const label = `event ${event.event} (row ${place.seq}, index ${place.index})`;
  const here = { row, place, carried, label, withheld };
  if (!walk.seenEvents.add(event.event)) report.fail(8, label, "found this event twice in the bundle");
  const site = walk.sites.get(place.site);
  if (!site) report.fail(11, label, `found site ${place.site}, which scope.json does not describe`);
  const described = site ?? { id: place.site, name: "", timeZone: "UTC", offsets: [] };
  const placed: PlacedEvent = { seq: place.seq, index: place.index, site: described, event };
  const [bodyUnit, ...images] = event.units;
  const body = await takeOpening(walk, here, bodyUnit!);
  if (body === undefined)
    report.fail(10, label, "found no opening of its body: an event is shown with its body or not at all");
  walk.tables.events.add(eventsLine(placed, body ?? ""));
  walk.days.images(row, place.site, images);
  for (const unit of images) await walkImage(walk, here, placed, unit);
  checkImageMarks(walk, here);
  const { eventOpenings } = walk.cursors;
  if (eventOpenings.current?.event === event.event)
    eventOpenings.fail(`found an opening that ${label} has no place for`);
  walk.counts.events++;
}
