import { z } from "zod";
import { appendRow, type Principal, withTenant } from "../audit/index.ts";
import { csvLine } from "../platform/csv.ts";
import { invalid } from "../platform/errors.ts";
import type { Caller, Route, RouteContext } from "../platform/route.ts";
import type { Seats } from "../platform/seats.ts";
import { writeOut } from "../platform/write-out.ts";
import type { AppDeps } from "./context.ts";
import { runRoute } from "./high-stakes.ts";
import { type ListShape, valueAt } from "./list-shape.ts";
import { parse } from "./read-request.ts";

export const DOWNLOAD_KINDS = ["csv", "json"] as const;
type Kind = (typeof DOWNLOAD_KINDS)[number];
export const mediaTypes: Readonly<Record<Kind, string>> = { csv: "text/csv; charset=utf-8", json: "application/json" };

/** Rows of a page: what is in memory of a list of any length. */
const PAGE_ROWS = 500;

type Asked = { route: Route<Principal>; list: ListShape; query: Readonly<Record<string, unknown>>; seats: Seats };

/**
 * Sends a whole list as a file, page by page: each page by the route's own handler in its own short transaction, under the rights that
 * the caller has by then. When those end, or the reader takes nothing for a minute, it breaks off, so that no part passes for the
 * whole. Who takes which list stands in the ledger before the first row goes out.
 */
export async function sendList(deps: AppDeps, asked: Asked, context: RouteContext<Principal>): Promise<void> {
  const { as, ...query } = asked.query;
  const kind = parse(z.enum(DOWNLOAD_KINDS), as, "query.as") as Kind;
  if (query.after !== undefined || query.limit !== undefined) {
    throw invalid("a list is downloaded whole", { remedy: "leave out after and limit" });
  }
  const { actor, tenantId } = context.principal;
  const leave = asked.seats.take(`${tenantId} ${actor.type} ${actor.id}`);
  try {
    await send(deps, { ...asked, query }, { context, kind });
  } finally {
    leave();
  }
}

async function send(
  deps: AppDeps,
  asked: Asked,
  { context, kind }: { context: RouteContext<Principal>; kind: Kind },
): Promise<void> {
  const { res, signal } = context;
  // An error of the first page is still an answer.
  let page = await readPage(deps, asked, { context, after: undefined });
  await tellLedger(deps, asked, { context, kind });
  res.writeHead(200, {
    "content-type": mediaTypes[kind],
    "content-disposition": `attachment; filename="${nameOf(asked.route)}-${today()}.${kind}"`,
    "cache-control": "no-store",
  });
  try {
    const { columns } = asked.list;
    let text = kind === "csv" ? csvLine(columns.map((column) => column.join("."))) : "[";
    let between = "\n";
    for (;;) {
      for (const row of page.rows) {
        text += kind === "csv" ? csvLine(columns.map((column) => valueAt(row, column))) : between + JSON.stringify(row);
        between = ",\n";
      }
      if (text !== "") await writeOut(res, text, signal);
      if (page.next === null) break;
      text = "";
      const caller = await context.renewed();
      page = await readPage(deps, asked, { context: { ...context, ...caller }, after: page.next });
    }
    res.end(kind === "csv" ? "" : "\n]\n");
  } catch (error) {
    deps.log.info({ err: error, route: asked.route.path, correlation: context.correlation }, "download broken off");
    res.destroy();
  }
}

async function readPage(
  deps: AppDeps,
  { route, list, query }: Asked,
  { context, after }: { context: RouteContext<Principal>; after: string | undefined },
): Promise<{ rows: readonly unknown[]; next: string | null }> {
  const paged = list.isPaged ? { ...query, limit: PAGE_ROWS, ...(after !== undefined && { after }) } : query;
  const result = await runRoute(
    deps,
    route,
    { ...context, query: route.query && parse(route.query, paged, "query") },
    { query: paged, body: undefined },
  );
  const body = result?.body as Record<string, unknown>;
  const next = (list.isPaged ? body.next : null) as string | number | null;
  return { rows: body[list.field] as unknown[], next: next === null ? null : String(next) };
}

/** The filters by name; of their values those that say nothing about anybody: ids and times. */
async function tellLedger(
  { pool }: AppDeps,
  { route, query }: Asked,
  { context, kind }: { context: Caller<Principal>; kind: Kind },
): Promise<void> {
  const filters = Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, PLAIN.test(String(value)) ? value : "…"]),
  );
  await withTenant(pool, context.principal, (tx) =>
    appendRow(tx, {
      action: "list.downloaded",
      entity: { type: "list", id: nameOf(route) },
      units: [{ name: "detail", content: JSON.stringify({ path: route.path, kind, filters }) }],
    }),
  );
}

const PLAIN = /^(?:[0-9a-f-]{36}|\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?|true|false|-?\w+At)$/;

/** `/api/v1/sites/:siteId/days` → `days`. */
const nameOf = ({ path }: Pick<Route<Principal>, "path">): string =>
  path
    .split("/")
    .filter((part) => !part.startsWith(":"))
    .at(-1)!;

const today = (): string => new Date().toISOString().slice(0, 10);
