type Row = Record<string, unknown>;

/** An answer of the API for a person's eyes: a list as a table, a thing as its fields. */
export function showAnswer(body: unknown): string {
  if (body === undefined || body === null) return "done";
  if (typeof body !== "object") return cell(body);
  const { next, ...shown } = body as Row;
  const lists = Object.entries(shown).filter(([, value]) => isRows(value)) as [string, Row[]][];
  const rest = Object.entries(shown).filter(([, value]) => !isRows(value));
  const isListAlone = rest.length === 0 && lists.length === 1;
  const parts = [
    rest.length > 0 ? showFields(rest.flatMap(([name, value]) => flat(name, value))) : "",
    ...lists.map(([name, rows]) => (isListAlone ? showTable(rows) : `${name}:\n${indented(showTable(rows))}`)),
    typeof next === "string" || typeof next === "number" ? `more: the same with --after ${cell(next)}` : "",
  ];
  return parts.filter(Boolean).join("\n\n") || "none";
}

const isRows = (value: unknown): value is Row[] =>
  Array.isArray(value) && value.every((each) => typeof each === "object" && each !== null && !Array.isArray(each));

/** A thing in a thing by a name for each of its parts: `idp.entityId`. */
function flat(name: string, value: unknown): [string, string[]][] {
  if (typeof value === "string") return [[name, value.trimEnd().split(/\r?\n/).map(cell)]];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [[name, [cell(value)]]];
  return Object.entries(value).flatMap(([inner, part]) => flat(`${name}.${inner}`, part));
}

function showFields(fields: [string, string[]][]): string {
  const said = fields.filter(([, lines]) => lines.join("") !== "");
  const width = Math.max(0, ...said.map(([name]) => name.length));
  const under = `\n${" ".repeat(width + 2)}`;
  return said.map(([name, lines]) => `${name.padEnd(width)}  ${lines.join(under)}`).join("\n");
}

function showTable(rows: Row[]): string {
  if (rows.length === 0) return "none";
  const columns = [...new Set(rows.flatMap(Object.keys))].filter((name) => rows.some((row) => cell(row[name]) !== ""));
  const lines = [columns, ...rows.map((row) => columns.map((name) => cell(row[name])))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  return lines
    .map((line) =>
      line
        .map((text, at) => text.padEnd(widths[at]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const indented = (text: string): string => text.replace(/^/gm, "  ");

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value) && value.every((each) => typeof each !== "object")) return value.map(cell).join(",");
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  // To the second: --json has all of it.
  const time = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d+Z$/.exec(text);
  // Nothing that a tenant named itself moves the cursor of a terminal.
  return time ? `${time[1]}Z` : text.replace(/[\p{Cc}\p{Cf}]/gu, "?");
}
