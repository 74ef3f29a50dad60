import { chapterPast, chapterToday } from "./chapter-deliveries.ts";
import { chapterEdges } from "./chapter-edges.ts";
import { chapterEstate } from "./chapter-estate.ts";
import { chapterEvidence, chapterTamper } from "./chapter-evidence.ts";
import { chapterPeople } from "./chapter-people.ts";
import { chapterErase, chapterRetention } from "./chapter-retention.ts";
import type { Stack } from "./stack.ts";

export interface Chapter {
  id: string;
  title: string;
  tell(stack: Stack): Promise<void>;
}

/** The main job from an empty folder to a bundle that an auditor accepts. Each chapter can be told once: a later run goes on behind it. */
export const chapters: readonly Chapter[] = [
  { id: "start", title: "The appliance starts, on a clock 40 days behind", tell: (stack) => stack.startAll(40) },
  { id: "estate", title: "Two customers, two sites each", tell: chapterEstate },
  { id: "edges", title: "Four edge appliances enrol with a one-time code", tell: chapterEdges },
  {
    id: "past-40",
    title: "40 days ago: photographs and events arrive over mutual TLS",
    tell: (stack) => chapterPast(stack, 40),
  },
  { id: "past-12", title: "12 days ago: more of them", tell: (stack) => chapterPast(stack, 12) },
  { id: "today", title: "Today: live", tell: chapterToday },
  { id: "retention", title: "A retention is shortened, a hold is placed, what is due goes", tell: chapterRetention },
  { id: "erase", title: "A person asks to be forgotten", tell: chapterErase },
  { id: "evidence", title: "An auditor's bundle, verified without this machine's help", tell: chapterEvidence },
  { id: "tamper", title: "Someone changes one byte of it", tell: chapterTamper },
  { id: "people", title: "The customers' first owners may sign in", tell: chapterPeople },
];
