import { Dropdown, DropdownItem, DropdownList, MenuToggle } from "@patternfly/react-core";
import { useState } from "react";
import { get, type Query } from "../api/client.ts";
import type { Column } from "./data-table.tsx";
import { ProblemAlert } from "./problem.tsx";
import { saveFile } from "./save-file.ts";

type Download<Row> = { label: string; path: string; field: string; query: Query; columns: readonly Column<Row>[] };

const MOST = 50_000;

/** The whole list with its filters, page by page under the person's own rights, as CSV (RFC 4180) or JSON. */
export function ListDownload<Row>({ label, path, field, query, columns }: Download<Row>) {
  const [isOpen, setOpen] = useState(false);
  const [loaded, setLoaded] = useState<number | null>(null);
  const [error, setError] = useState<unknown>(null);

  async function download(kind: "csv" | "json"): Promise<void> {
    setOpen(false);
    setError(null);
    setLoaded(0);
    try {
      const rows = await readAll<Row>(path, field, query, setLoaded);
      const name = label.toLowerCase().replace(/\W+/g, "-");
      if (kind === "json") saveFile(`${name}.json`, "application/json", JSON.stringify(rows, null, 2));
      else saveFile(`${name}.csv`, "text/csv", toCsv(rows, columns));
    } catch (caught) {
      setError(caught);
    } finally {
      setLoaded(null);
    }
  }

  if (error) return <ProblemAlert error={error} onRetry={() => setError(null)} />;
  return (
    <Dropdown
      isOpen={isOpen}
      onOpenChange={setOpen}
      toggle={(ref) => (
        <MenuToggle ref={ref} isExpanded={isOpen} isDisabled={loaded !== null} onClick={() => setOpen(!isOpen)}>
          {loaded === null ? "Download" : `${loaded} read…`}
        </MenuToggle>
      )}
    >
      <DropdownList>
        <DropdownItem onClick={() => download("csv")}>CSV</DropdownItem>
        <DropdownItem onClick={() => download("json")}>JSON</DropdownItem>
      </DropdownList>
    </Dropdown>
  );
}

async function readAll<Row>(
  path: string,
  field: string,
  query: Query,
  onProgress: (rows: number) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  let after: string | number | null = null;
  do {
    const page: Record<string, unknown> = await get(path, { query: { ...query, after, limit: 100 } });
    rows.push(...(page[field] as Row[]));
    after = (page.next ?? null) as string | number | null;
    onProgress(rows.length);
  } while (after !== null && rows.length < MOST);
  return rows;
}

/** A cell that a spreadsheet would run as a formula gets an apostrophe before it. */
export function toCsv<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cell = (value: string | number | boolean | null): string => {
    if (value === null) return "";
    const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [
    columns.map(({ title }) => cell(title)),
    ...rows.map((row) => columns.map((each) => cell(each.text(row)))),
  ];
  return lines.map((line) => `${line.join(",")}\r\n`).join("");
}
