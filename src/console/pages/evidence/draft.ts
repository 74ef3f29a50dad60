import type { Site } from "../../api/types.ts";

/** What is filled in, as it stands in the fields. Times are UTC, as `datetime-local` has them. */
export type Draft = {
  kind: "range" | "incident";
  from: string;
  to: string;
  /** Null: all that one may export. */
  sites: string[] | null;
  events: string;
  kinds: string;
  subjects: string;
  /** Of ledger rows: all of their content, all but addresses and browsers, or none. */
  contents: "all" | "no-context" | "none";
  images: boolean;
  previous: string;
  protection: "passphrase" | "recipient" | "none";
  passphrase: string;
  isStored: boolean;
  recipient: string;
};

const DAY_MS = 86_400_000;
const minute = (at: number): string => new Date(at).toISOString().slice(0, 16);

/** The last seven UTC days up to now, or the events that led here. */
export function newDraft(events: readonly string[], sites: string[] | null): Draft {
  const now = Date.now();
  const midnight = Math.floor(now / DAY_MS) * DAY_MS;
  return {
    kind: events.length > 0 ? "incident" : "range",
    from: minute(midnight - 6 * DAY_MS),
    to: minute(now + 60_000),
    sites,
    events: events.join("\n"),
    kinds: "",
    subjects: "",
    contents: sites === null ? "all" : "none",
    images: true,
    previous: "",
    protection: "passphrase",
    passphrase: newPassphrase(),
    isStored: false,
    recipient: "",
  };
}

const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";

/** 25 letters, about 124 bits, in groups that can be read out. */
export function newPassphrase(): string {
  const letters: string[] = [];
  while (letters.length < 25) {
    // Bytes above the last whole multiple would favour the first letters.
    for (const byte of crypto.getRandomValues(new Uint8Array(32))) {
      if (byte < 248 && letters.length < 25) letters.push(LETTERS[byte % LETTERS.length]!);
    }
  }
  return [0, 5, 10, 15, 20].map((at) => letters.slice(at, at + 5).join("")).join("-");
}

const words = (text: string): string[] => [...new Set(text.split(/[\s,]+/).filter(Boolean))];
const lines = (text: string): string[] => [
  ...new Set(
    text
      .split(/[\n,]+/)
      .map((each) => each.trim())
      .filter(Boolean),
  ),
];
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const eventsOf = ({ events }: Draft): string[] => words(events.toLowerCase());
export const kindsOf = ({ kinds }: Draft): string[] => words(kinds);
export const subjectsOf = ({ subjects }: Draft): string[] => lines(subjects);
export const previousOf = ({ previous }: Draft): number[] => words(previous).map(Number);

/** What the estimate is asked for; undefined while the scope is not whole. */
export function scopeBody(draft: Draft): Record<string, unknown> | undefined {
  if (scopeFault(draft)) return undefined;
  const kinds = kindsOf(draft);
  return {
    ...(draft.kind === "range" ? { from: `${draft.from}:00Z`, to: `${draft.to}:00Z` } : { events: eventsOf(draft) }),
    ...(draft.sites && draft.kind === "range" && { sites: draft.sites }),
    ...(kinds.length > 0 && { kinds }),
  };
}

/** What is asked for in the end. */
export function exportBody(draft: Draft): Record<string, unknown> {
  const { contents, images, protection, passphrase, recipient } = draft;
  const subjects = subjectsOf(draft);
  const previous = previousOf(draft);
  return {
    ...scopeBody(draft),
    ...(subjects.length > 0 && { subjects }),
    ...(contents !== "all" && { withholdUnits: contents === "none" ? "all" : ["context"] }),
    ...(!images && { withholdImages: true }),
    ...(previous.length > 0 && { previous }),
    ...(protection === "passphrase" && { passphrase }),
    ...(protection === "recipient" && { recipient: recipient.trim() }),
  };
}

/** What is missing or wrong in a step; null: nothing. */
export function scopeFault(draft: Draft): string | null {
  const { kind, from, to, sites } = draft;
  if (kind === "incident") {
    const ids = eventsOf(draft);
    if (ids.length === 0) return "Name at least one event.";
    const wrong = ids.find((id) => !UUID.test(id));
    return wrong === undefined ? null : `${wrong} is not the id of an event.`;
  }
  if (from === "" || to === "" || from >= to) return "The range must end after it begins.";
  return sites?.length === 0 ? "Choose at least one site." : null;
}

export function disclosureFault(draft: Draft): string | null {
  const isWhole = previousOf(draft).every((size) => Number.isSafeInteger(size) && size > 0);
  return isWhole ? null : "A checkpoint's size is a number of rows.";
}

export function protectionFault({ protection, passphrase, isStored, recipient }: Draft): string | null {
  if (protection === "passphrase" && passphrase.length < 16) return "A passphrase has at least 16 characters.";
  if (protection === "passphrase" && !isStored) return "Store the passphrase first: nobody can show it again.";
  if (protection === "recipient" && !/^age1[a-z0-9]{20,4000}$/.test(recipient.trim())) {
    return "A recipient's key begins with age1.";
  }
  return null;
}

export const siteNames = (sites: readonly string[] | null, named: ReadonlyMap<string, Site>): string =>
  sites === null ? "all sites" : sites.map((siteId) => named.get(siteId)?.name ?? siteId).join(", ");
