import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { refusalReasons } from "../../../src/identity/saml/reasons.ts";

// The tables of docs/saml.md: written and compared by hostile.test.ts, so that the page says what was seen.

export type Row = { name: string; alone: string; here: string };

const file = join(import.meta.dirname, "../../../docs/saml.md");

const cases = (rows: readonly Row[]): string[] => [
  "| response | the library alone | Ledgerstone |",
  "|---|---|---|",
  ...rows.map(({ name, alone, here }) => `| ${name} | ${alone} | ${here} |`),
];
const reasons = (): string[] => [
  "| reason | meaning |",
  "|---|---|",
  ...Object.entries(refusalReasons).map(([reason, meaning]) => `| \`${reason}\` | ${meaning} |`),
];

/** Found and expected text of the page. With WRITE_SAML_TABLE=1 it is written first. */
export async function comparePage(rows: readonly Row[]): Promise<{ found: string; expected: string }> {
  const found = await readFile(file, "utf8");
  const first = between(found, "<!-- table of test/identity/saml -->", "<!-- end of table -->", cases(rows));
  const expected = between(first, "<!-- reasons -->", "<!-- end of reasons -->", reasons());
  if (process.env.WRITE_SAML_TABLE !== "1") return { found, expected };
  await writeFile(file, expected);
  return { found: expected, expected };
}

function between(text: string, begin: string, end: string, lines: string[]): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`docs/saml.md has no place for a table: found neither ${begin} nor ${end}`);
  return `${text.slice(0, from)}${[begin, ...lines].join("\n")}\n${text.slice(to)}`;
}
