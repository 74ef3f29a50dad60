import { z } from "zod";
import { invalid } from "./errors.ts";

// Lists go page by page, by (value, id): rows that come or go meanwhile move no row from one page to another.

type KeyType = "text" | "timestamptz" | "date" | "bigint" | "boolean" | "uuid";
/** `sql` is never null and reads back from its text as the same value. */
export type SortKey = { sql: string; type: KeyType };

/**
 * By what a list may be sorted: names of the API, each with its SQL, which is the store's own text. `id` is unique in the list.
 * `first` is the order unless asked otherwise: a name, with `-` before it from the greatest down.
 */
export type ListOrder = { id: SortKey; keys: Readonly<Record<string, SortKey>>; first: string };

/** What a request said: `after` is `next` of the page before. */
export type Page = { limit: number; sort?: string | undefined; after?: string | undefined };

/** Without case: how people look for names. What is missing comes before everything. */
export const byText = (column: string): SortKey => ({ sql: `coalesce(lower(${column}), '')`, type: "text" });
export const byTime = (column: string): SortKey => ({ sql: column, type: "timestamptz" });
/** As byTime, of a column that may be null: never comes before everything. */
export const byTimeOrNever = (column: string): SortKey => byTime(`coalesce(${column}, '-infinity'::timestamptz)`);
export const byDay = (column: string): SortKey => ({ sql: column, type: "date" });
export const byCount = (column: string): SortKey => ({ sql: `coalesce(${column}, -1)`, type: "bigint" });
export const byYesNo = (column: string): SortKey => ({ sql: column, type: "boolean" });
export const byId = (column: string): SortKey => ({ sql: column, type: "uuid" });

export const pageLimit = z.coerce.number().int().min(1).max(500).default(100);
export const nextPage = z
  .string()
  .nullable()
  .meta({ description: "For `after` of the next page; null: there is none" });

/** Fields of a list's query. */
export function sortedQuery({ keys, first }: ListOrder) {
  const names = Object.keys(keys).flatMap((name) => [name, `-${name}`]);
  return {
    sort: z.enum(names).default(first).meta({ description: "With - before it: the greatest or newest first" }),
    after: z.string().max(3000).optional().meta({ description: "`next` of the page before, of the same `sort`" }),
    limit: pageLimit,
  };
}

export type Placed = { placeValue: string; placeId: string };

/** Parts of a statement whose parameters from $`n` on are `values`. */
export type Keyset = {
  /** Columns for `cut`. */
  place: string;
  /** Condition: behind the page before. */
  after: string;
  /** All that follows `order by`. */
  order: string;
  values: [string | null, string | null, number];
  /** The page as `{ [field]: rows, next }`, of rows that were read with `place`. `next` is null when there is no more. */
  cut<Row extends object, Field extends string>(
    field: Field,
    found: readonly (Row & Placed)[],
  ): Record<Field, Row[]> & { next: string | null };
};

/** @throws AppError `invalid` for a cursor that is none of this list in this order. */
export function keyset(list: ListOrder, page: Page, n: number): Keyset {
  const { id } = list;
  const { key, descending, sort } = readSort(list, page);
  const [value, lastId] = page.after === undefined ? [null, null] : readPlace(page.after, { sort, key, id });
  const direction = descending ? "desc" : "asc";
  return {
    place: `(${key.sql})::text as "placeValue", (${id.sql})::text as "placeId"`,
    after: `($${n}::${key.type} is null or (${key.sql}, ${id.sql}) ${descending ? "<" : ">"} ($${n}::${key.type}, $${n + 1}::${id.type}))`,
    order: `${key.sql} ${direction}, ${id.sql} ${direction} limit $${n + 2}::int`,
    // One more than is shown tells whether there is a next page.
    values: [value, lastId, page.limit + 1],
    cut<Row extends object, Field extends string>(field: Field, found: readonly (Row & Placed)[]) {
      const kept = found.slice(0, page.limit);
      const last = found.length > page.limit ? kept.at(-1) : undefined;
      const rows = kept.map(({ placeValue: _, placeId: __, ...row }) => row as unknown as Row);
      return { [field]: rows, next: last ? writePlace(sort, last) : null } as Record<Field, Row[]> & {
        next: string | null;
      };
    },
  };
}

function readSort(list: ListOrder, { sort = list.first }: Page): { sort: string; key: SortKey; descending: boolean } {
  const descending = sort.startsWith("-");
  const name = descending ? sort.slice(1) : sort;
  const key = Object.hasOwn(list.keys, name) ? list.keys[name] : undefined;
  if (key) return { sort, key, descending };
  const names = Object.keys(list.keys).join(", ");
  throw invalid("the list has no such order", { expected: `one of ${names}, with - before it for the reverse` });
}

/** Opaque to clients. */
const writePlace = (sort: string, { placeValue, placeId }: Placed): string =>
  Buffer.from(JSON.stringify([sort, placeValue, placeId])).toString("base64url");

const places = z.tuple([z.string(), z.string(), z.string()]);

function readPlace(text: string, wanted: { sort: string; key: SortKey; id: SortKey }): [string, string] {
  const { data } = places.safeParse(fromJson(Buffer.from(text, "base64url").toString()));
  if (data && data[0] === wanted.sort && isOf(wanted.key, data[1]) && isOf(wanted.id, data[2])) {
    return [data[1], data[2]];
  }
  throw invalid("the cursor is not one of this list in this order", {
    expected: "the field next of an earlier answer",
    remedy: "begin anew without it",
  });
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const forms: Readonly<Record<Exclude<KeyType, "text" | "timestamptz">, RegExp>> = {
  date: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/,
  bigint: /^-?\d{1,15}$/,
  boolean: /^(?:true|false)$/,
  uuid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
};
const time = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d{1,6})?\+00$/;

/** Whether Postgres will read it as this type: a cursor is what anybody may send. */
function isOf({ type }: SortKey, value: string): boolean {
  if (type === "text") return !value.includes("\0");
  if (type === "timestamptz") {
    if (value === "-infinity" || value === "infinity") return true;
    const [, day, hour] = time.exec(value) ?? [];
    return isDay(day) && !Number.isNaN(Date.parse(`${day}T${hour}Z`));
  }
  return forms[type].test(value) && (type !== "date" || isDay(value));
}

/** JavaScript reads the 31st of February as a day in March; Postgres refuses it. */
function isDay(text: string | undefined): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text!);
}
