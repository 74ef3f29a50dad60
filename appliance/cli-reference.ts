import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { EXIT_MEANINGS } from "../src/cli/exit-codes.ts";
import { createProgram, pathOf } from "../src/cli/program.ts";
import { routeTable } from "../src/http/api-routes.ts";

// Writes docs/cli.md from the commands themselves: node appliance/cli-reference.ts

const opening = `# The command line
Written by \`node appliance/cli-reference.ts\` from the commands themselves; \`ledgerstone <command> --help\` says the same.

\`ledgerstone\` runs on the box, as a user that can read the configuration and its secrets (\`node src/bin/cli.ts\` in a checkout). What an administrator does over the API it does by the same
schemas, handlers and rules, with the rights of whoever is on the box: the ledger's rows say \`system appliance\` via \`cli\`. It needs Postgres; Redis, the broker and the app may be down.

- **Tenant**: \`--tenant\` takes its id, or its name in the addresses of its pages.
- **Answers** are tables and fields for people; with \`--json\` they are the API's own, whole. A list goes on with \`--after\`.
- **Values**: \`null\` takes away what may be absent. Times are RFC 3339 in UTC, days are UTC days, ids are lower-case UUIDs. An option with \`...\` takes several values; put arguments before it.
- **Secrets and long texts** come from files (\`--…-file\`), never from the command line, which a list of processes shows. \`-\` is standard input.
- **A whole body** is \`--body\`: JSON, \`@file\` or \`-\`, in the place of the single options; \`/api/docs\` of a running appliance shows its shape.
- **A second person** is asked for here too (access.md): the command says which request waits, and ends with 75. Nobody on the box can decide on it.

| exit code | means |
|---|---|
`;

/** Told once, in the opening. */
const SHARED = ["--json", "--body", "--tenant"];

export function cliReference(program: Command): string {
  const codes = Object.entries(EXIT_MEANINGS).map(([code, meaning]) => `| ${code} | ${meaning} |\n`);
  const headings = new Map<string, Command[]>();
  for (const command of program.commands) {
    const heading = command.helpGroup().replace(/:$/, "");
    headings.set(heading, [...(headings.get(heading) ?? []), command]);
  }
  const sections = [...headings].map(([heading, commands]) => `\n## ${heading}\n${commands.map(section).join("")}`);
  return opening + codes.join("") + sections.join("");
}

function section(command: Command): string {
  if (command.commands.length === 0) return entry(command);
  return `\n### ${command.name()}\n${sentence(command.description())}\n${command.commands.map(entry).join("")}`;
}

function entry(command: Command): string {
  const ofTenant = command.options.some(({ long, mandatory }) => long === "--tenant" && mandatory);
  const args = command.registeredArguments.map((argument) => ` <${argument.name()}>`).join("");
  const options = command.options
    .filter(({ long }) => !SHARED.includes(long ?? "") || (long === "--tenant" && !ofTenant))
    .map(({ flags, description }) => `    ${`${flags}  `.padEnd(36)}${description}`.trimEnd())
    .join("\n");
  const level = command.parent?.parent ? "####" : "###";
  const title = pathOf(command).replace(/^ledgerstone /, "") + args + (ofTenant ? " --tenant <uuid|name>" : "");
  return `\n${level} ${title}\n${sentence(command.description())}\n${options && `\n${options}\n`}`;
}

const sentence = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}${/[.!]$/.test(text) ? "" : "."}`;

if (import.meta.main) {
  const call = () => Promise.reject(new Error("a document calls nothing"));
  const program = createProgram(() => "", { shapes: routeTable(), call });
  await writeFile(join(import.meta.dirname, "../docs/cli.md"), cliReference(program));
}
