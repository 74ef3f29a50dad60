import type { DeadLetter, SiteRetention, Tombstone } from "../../api/types.ts";

export const policyWords = ({ imageDays, eventDays }: Pick<SiteRetention["inForce"], "imageDays" | "eventDays">) =>
  `images ${imageDays} ${imageDays === 1 ? "day" : "days"}, events ${eventDays}`;

const what: Readonly<Record<Tombstone["what"], (day: string, site: string) => string>> = {
  day: (day) => `All of ${day}, every site`,
  "site-day": (day, site) => `All of ${day}, ${site}`,
  "image-day": (day, site) => `Images of ${day}, ${site}`,
  events: () => "Single events",
  images: () => "Images of single events",
  openings: () => "Content of ledger rows",
};

/** What a tombstone took: `All of 2026-11-12, North gate`. */
export const erasedWords = (erased: Tombstone, nameOf: (siteId: string) => string): string =>
  what[erased.what](erased.day ?? "", erased.siteId ? nameOf(erased.siteId) : "every site");

export const reasonWords: Readonly<Record<DeadLetter["reason"], string>> = {
  schema: "Not as an event must be",
  oversize: "Too large",
  "too-old": "Too old when it came",
  future: "From the future: clock ahead",
  "id-invalid": "Its id is none that is allowed",
  "id-collision": "Its id is another sender's",
  "image-type": "An image type that is not taken",
  quota: "Over the day's quota",
  revoked: "The device is revoked",
  malformed: "Not readable at all",
};
/** What somebody can do about it. */
export const reasonRemedy: Readonly<Record<DeadLetter["reason"], string>> = {
  schema: "The device or its software has to send it otherwise. Discard it when it is of no use.",
  oversize: "Raise the limit of the appliance's configuration and retry, or have the device send less.",
  "too-old": "Widen the site's offline window and retry.",
  future: "Set the device's clock. Retry when that time has come.",
  "id-invalid": "The device's software has to send a UUIDv7 as the id.",
  "id-collision": "Two senders share ids: look at how they were set up.",
  "image-type": "Only JPEG, PNG and WebP images are taken.",
  quota: "Raise the quota in the organisation's settings.",
  revoked: "What a revoked device sends is not taken.",
  malformed: "The sender's software or the line is broken.",
};
