import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { newPasswords, prepareDatabase } from "../test/support/postgres.ts";
import { type PostgresServer, postgresBinDirectory, startPostgresServer } from "../test/support/postgres-server.ts";
import { removeDirectory, temporaryDirectory } from "../test/support/temporary.ts";

const committed = join(import.meta.dirname, "../migrations/schema.sql");
const heading = "-- What the migrations make, for readers and reviewers. Written by: node appliance/schema-dump.ts\n\n";

/**
 * What differs between Postgres 15 and 18 without meaning anything: comments with version numbers, settings of the session
 * that restores, psql's \restrict keys, runs of empty lines, and two statements that 17 spells otherwise.
 */
export function normaliseDump(dump: string): string {
  const meaningless = /^(--.*|SET [a-z_]+ = .*;|SELECT pg_catalog\.set_config\('search_path'.*|\\(un)?restrict .*)$/;
  const lines = dump.split("\n").filter((line) => !meaningless.test(line));
  const text = lines
    .join("\n")
    .replace(/^ALTER TABLE (\S+_seq OWNER TO)/gm, "ALTER SEQUENCE $1")
    .replace(/^(ALTER DEFAULT PRIVILEGES .*) {2}FROM/gm, "$1 FROM")
    .replace(/\n{3,}/g, "\n\n");
  return `${text.trim()}\n`;
}

function dumpDatabase(server: PostgresServer, database: string): string {
  const address = ["-h", server.host, "-p", String(server.port), "-U", server.superuser, "-d", database];
  const env = { ...process.env, PGPASSWORD: server.password };
  return execFileSync(join(postgresBinDirectory(), "pg_dump"), ["--schema-only", "--no-comments", ...address], {
    env,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
}

async function currentSchema(): Promise<string> {
  const server = await startPostgresServer();
  const directory = await temporaryDirectory("schema");
  try {
    await prepareDatabase(server, { name: "ledgerstone", directory, passwords: newPasswords() });
    return heading + normaliseDump(dumpDatabase(server, "ledgerstone"));
  } finally {
    await server.stop();
    await removeDirectory(directory);
  }
}

async function check(current: string): Promise<boolean> {
  if (current === (await readFile(committed, "utf8").catch(() => ""))) return true;
  const directory = await temporaryDirectory("schema");
  await writeFile(join(directory, "schema.sql"), current);
  try {
    execFileSync("diff", ["-u", committed, join(directory, "schema.sql")], { stdio: "inherit" });
  } catch {
    console.error(
      "migrations/schema.sql is not what the migrations make: run node appliance/schema-dump.ts, commit it",
    );
  }
  await removeDirectory(directory);
  return false;
}

if (import.meta.main) {
  const current = await currentSchema();
  if (!process.argv.includes("--check")) await writeFile(committed, current);
  else if (!(await check(current))) process.exitCode = 1;
}
