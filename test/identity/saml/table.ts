import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

// docs/saml.md "What is refused": written and compared by hostile.test.ts, so that the page says what was seen.

export type Row = { name: string; alone: string; here: string };

const file = join(import.meta.dirname, "../../../docs/saml.md");
const [begin, end] = ["<!-- table of test/identity/saml -->", "<!-- end of table -->"];

const rendered = (rows: readonly Row[]): string =>
  [
    begin,
    "| response | the library alone | Ledgerstone |",
    "|---|---|---|",
    ...rows.map(({ name, alone, here }) => `| ${name} | ${alone} | ${here} |`),
    end,
  ].join("\n");

/** Found and expected text of the table. With WRITE_SAML_TABLE=1 the page is written first. */
export async function compareTable(rows: readonly Row[]): Promise<{ found: string; expected: string }> {
  const text = await readFile(file, "utf8");
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`docs/saml.md has no place for the table: found neither ${begin} nor ${end}`);
  const expected = rendered(rows);
  if (process.env.WRITE_SAML_TABLE === "1") {
    await writeFile(file, text.slice(0, from) + expected + text.slice(to + end.length));
    return { found: expected, expected };
  }
  return { found: text.slice(from, to + end.length), expected };
}
