import type { z } from "zod";
import type { PublicRoute } from "../platform/route.ts";

/** A list as a whole: which field of its answers holds the rows, and what a row has, in order. */
export type ListShape = {
  field: string;
  item: z.ZodType;
  columns: readonly Column[];
  /** Whether it goes page by page. */
  isPaged: boolean;
};
/** The names that lead from a row to a value. */
export type Column = readonly string[];

/** Undefined for a route that answers with no list: one array of objects, and `next` where it goes on. */
export function listShapeOf(
  route: Pick<PublicRoute, "method" | "query" | "response" | "media">,
): ListShape | undefined {
  const answer = route.response && shapeOf(route.response);
  if (route.method !== "get" || !answer || route.media) return undefined;
  const arrays = Object.entries(answer).flatMap(([field, schema]) => {
    const item = bare(schema);
    return item.type === "array" && columnsOf(item.element!).length > 0 ? [{ field, item: item.element! }] : [];
  });
  const [list] = arrays;
  const asks = (route.query && shapeOf(route.query)) ?? {};
  const isPaged = "next" in answer && "after" in asks && "limit" in asks;
  if (!list || arrays.length > 1 || (!isPaged && Object.keys(answer).length > 1)) return undefined;
  return { ...list, columns: columnsOf(list.item), isPaged };
}

type Def = {
  type: string;
  shape?: Record<string, z.ZodType>;
  element?: z.ZodType;
  innerType?: z.ZodType;
  out?: z.ZodType;
  options?: z.ZodType[];
};

const shapeOf = (schema: z.ZodType): Record<string, z.ZodType> | undefined => bare(schema).shape;

/** Without what says only that it may be missing. */
function bare(schema: z.ZodType): Def {
  const def = schema.def as unknown as Def;
  const inner = def.innerType ?? def.out;
  return inner ? bare(inner) : def;
}

/** Of an object, or of a choice of objects; none for anything else. */
function columnsOf(schema: z.ZodType): Column[] {
  const { type, shape, options = [] } = bare(schema);
  if (shape) {
    return Object.entries(shape).flatMap(([name, value]) => {
      const below = columnsOf(value);
      return below.length > 0 ? below.map((rest) => [name, ...rest]) : [[name]];
    });
  }
  const choices = type === "union" ? options.map(columnsOf) : [];
  if (choices.length === 0 || choices.some((columns) => columns.length === 0)) return [];
  return [...new Map(choices.flat().map((column) => [column.join("."), column])).values()];
}

/** What stands there in a row; undefined where it has no such thing. */
export const valueAt = (row: unknown, column: Column): unknown =>
  column.reduce<unknown>((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], row);
