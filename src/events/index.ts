export { type EventDetail, type EventProof, eventDetail } from "./detail.ts";
export type { EventPage, EventQuery } from "./page.ts";
export { type Received, whatCameIn } from "./received.ts";
export { type EventsDeps, searchEvents } from "./search.ts";
export type { EventSummary } from "./store.ts";
