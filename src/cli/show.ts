type Row = Record<string, unknown>;

/** An answer of the API for a person's eyes: a list as a table, a thing as its fields. */
export function showAnswer(body: unknown): string {
  if (body === undefined || body === null) return "done";
  if (typeof body !== "object") return String(body);
  const lists = Object.values(body).filter(isRows);
  const rest = Object.entries(body).filter(([, value]) => !isRows(value) && value !== null);
  const parts = [rest.length > 0 ? showFields(Object.fromEntries(rest)) : "", ...lists.map(showTable)];
  return parts.filter(Boolean).join("\n\n");
}

const isRows = (value: unknown): value is Row[] =>
  Array.isArray(value) && value.every((each) => typeof each === "object" && each !== null);

function showFields(fields: Row): string {
  const width = Math.max(...Object.keys(fields).map((name) => name.length));
  return Object.entries(fields)
    .map(([name, value]) => `${name.padEnd(width)}  ${cell(value)}`)
    .join("\n");
}

function showTable(rows: Row[]): string {
  if (rows.length === 0) return "none";
  const columns = [...new Set(rows.flatMap(Object.keys))].filter((name) => rows.some((row) => hasText(row[name])));
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

const hasText = (value: unknown): boolean => value !== null && value !== undefined && cell(value) !== "";

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value) && value.every((each) => typeof each !== "object")) return value.join(",");
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  // Nothing that a tenant named itself moves the cursor of a terminal.
  return text.replace(/[\p{Cc}\p{Cf}]/gu, "?");
}
