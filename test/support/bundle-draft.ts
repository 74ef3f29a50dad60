import type { Withheld } from "../../src/record/carried.ts";
import type { ScopeCounts } from "../../src/record/scope.ts";
import { erasuresHeader, eventsHeader, imagesHeader, rowsHeader } from "../../src/record/tables.ts";
import type { Files } from "./bundle-bag.ts";

/** A bundle while it is made. */
export type Draft = {
  rows: string[];
  openings: string;
  withheld: Withheld[];
  leaves: string;
  events: string[];
  places: string;
  eventOpenings: string;
  tables: { rows: string; events: string; images: string; erasures: string };
  images: Files;
  certificates: Files;
  counts: ScopeCounts;
};

export function emptyDraft(): Draft {
  return {
    rows: [],
    openings: "",
    withheld: [],
    leaves: "",
    events: [],
    places: "",
    eventOpenings: "",
    tables: { rows: rowsHeader, events: eventsHeader, images: imagesHeader, erasures: erasuresHeader },
    images: new Map(),
    certificates: new Map(),
    counts: {
      rows: 0,
      openings: 0,
      events: 0,
      eventOpenings: 0,
      images: 0,
      imageBytes: 0,
      certificates: 0,
      withheldUnits: 0,
      withheldEvents: 0,
      withheldImages: 0,
    },
  };
}
