import { z } from "zod";
import { invalid } from "./errors.ts";

// Lists that go newest first, by (time, id): rows that come or go meanwhile move no row from one page to another.

/** A place in such a list; what follows it is older. `at` has microseconds. */
export type Place = { at: string; id: string };
export type Page = { after?: Place | undefined; limit: number };

/** The query of a list: `after` is what the page before answered with as `next`. */
export const pageQuery = {
  after: z.string().max(200).optional().meta({ description: "`next` of the page before" }),
  limit: z.coerce.number().int().min(1).max(500).default(100),
};
export const nextPage = z
  .string()
  .nullable()
  .meta({ description: "For `after` of the next page; null: there is none" });

/** Opaque to clients; holds nothing secret. */
export const encodePlace = ({ at, id }: Place): string => Buffer.from(`${at} ${id}`).toString("base64url");

const form = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** @throws AppError `invalid`. */
export function readPage({ after, limit }: { after?: string | undefined; limit: number }): Page {
  if (after === undefined) return { limit };
  const [, at, id] = form.exec(Buffer.from(after, "base64url").toString("latin1")) ?? [];
  if (at && id && !Number.isNaN(Date.parse(at))) return { after: { at, id }, limit };
  throw invalid("the cursor is not one of ours", {
    expected: "the field next of an earlier answer",
    remedy: "begin anew without it",
  });
}

/** Parameters of `(<time>, <id>) < ($n::timestamptz, $m::uuid)`: both null on the first page. */
export const placeParameters = ({ after }: Page): [string | null, string | null] => [
  after?.at ?? null,
  after?.id ?? null,
];

/** Null when this page was not full. */
export function nextOf<Row>(rows: readonly Row[], { limit }: Page, place: (row: Row) => Place): string | null {
  return rows.length < limit ? null : encodePlace(place(rows.at(-1)!));
}
