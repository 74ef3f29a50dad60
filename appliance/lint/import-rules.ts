import { type Import, lineAt, type SourceFile } from "./source-files.ts";

export type Violation = { file: string; line: number; rule: string; message: string };

/** docs/architecture.md: imports go from a higher rank to a lower one, never between folders of one rank. */
const ranks: Record<string, number> = {
  bin: 5,
  http: 4,
  jobs: 4,
  cli: 4,
  controls: 3,
  ingest: 2,
  images: 2,
  ledger: 2,
  retention: 2,
  evidence: 2,
  health: 2,
  forwarding: 2,
  tenants: 1,
  sites: 1,
  devices: 1,
  events: 1,
  identity: 1,
  keys: 1,
  objects: 1,
  audit: 1,
  tasks: 1,
  verifier: 0,
  record: 0,
  platform: 0,
};

/** Folders that may import these folders and nothing else of src/. */
const confined: Record<string, string[]> = {
  edge: ["record", "platform"],
  verifier: ["record"],
  record: [],
  platform: [],
};

/** Folders without an index.ts of their own: any file may be imported by those who may import the folder. */
const open = new Set(["platform", "record", "http", "jobs", "cli"]);

const packagePlaces: Record<string, { where: string; allowed: (path: string) => boolean }> = {
  express: {
    where: "http/ and routes.ts",
    allowed: (path) => path.startsWith("http/") || path.endsWith("/routes.ts"),
  },
  pg: {
    where: "platform/db.ts (and platform/migrate.ts, which needs a superuser's single connection)",
    allowed: (path) => path === "platform/db.ts" || path === "platform/migrate.ts",
  },
  bullmq: {
    where: "jobs/, jobs.ts and bin/",
    allowed: (path) => path.startsWith("jobs/") || path.startsWith("bin/") || path.endsWith("/jobs.ts"),
  },
};

export function folderOf(path: string): string {
  return path.split("/")[0] ?? "";
}

/** Every rule that looks at one file alone. */
export function checkFile(file: SourceFile, files: ReadonlySet<string>): Violation[] {
  const at = (line: number, rule: string, message: string): Violation => ({ file: file.path, line, rule, message });
  const found: Violation[] = [];
  const folder = folderOf(file.path);
  if (!(folder in ranks) && folder !== "edge" && folder !== "console") {
    found.push(at(1, "folder", `src/${folder} has no rank: expected a folder of docs/architecture.md`));
  }
  for (const line of file.opaque) {
    found.push(at(line, "opaque", "found require or a computed import, expected an import of a literal name"));
  }
  for (const each of file.imports) {
    const broken = checkPackage(file, each) ?? checkTarget(file, each, files);
    if (broken) found.push(at(each.line, ...broken));
  }
  const sql = findSql(file);
  if (sql) found.push(at(sql, "sql", "found SQL, expected it in store.ts or store-*.ts: move the statement there"));
  return found;
}

type Broken = [rule: string, message: string];

function checkPackage(file: SourceFile, each: Import): Broken | undefined {
  if (each.target !== undefined) return undefined;
  const name = each.specifier.split("/")[0] ?? "";
  const place = packagePlaces[name];
  if (!place || place.allowed(file.path)) return undefined;
  return ["package", `found an import of ${name}, expected it only in ${place.where}`];
}

function checkTarget(file: SourceFile, each: Import, files: ReadonlySet<string>): Broken | undefined {
  const { target } = each;
  if (target === undefined) return undefined;
  if (target.startsWith("../")) return leavesSource(target);
  if (target.startsWith("console/") && target.endsWith(".css")) return undefined;
  if (!files.has(target)) return ["missing", `${each.specifier} does not exist: expected a file of src/, with .ts`];
  const name = target.split("/").at(-1) ?? "";
  const [from, to] = [folderOf(file.path), folderOf(target)];
  if (name === "routes.ts" && from !== "http")
    return ["wiring", `found an import of ${target}, expected it only in http/`];
  if (name === "jobs.ts" && to !== "jobs" && from !== "jobs") {
    return ["wiring", `found an import of ${target}, expected it only in jobs/`];
  }
  if (from === to) return undefined;
  const rank = checkRank(from, to, each);
  if (rank) return rank;
  // Types alone, checked above: of the API's schemas, wherever they stand.
  if (from === "console") return undefined;
  const wiring = name === "routes.ts" || name === "jobs.ts";
  if (!wiring && name !== "index.ts" && !open.has(to)) {
    return ["index", `found ${target}, expected ${to}/index.ts: other features see only what it exports`];
  }
  return undefined;
}

function leavesSource(target: string): Broken | undefined {
  if (target === "../package.json") return undefined;
  return ["outside", `found ${target}, expected nothing outside src/ but package.json`];
}

function checkRank(from: string, to: string, each: Import): Broken | undefined {
  if (from === "console") {
    return each.typeOnly
      ? undefined
      : ["console", `found ${to}, expected the console to import types only of the server`];
  }
  const only = confined[from];
  if (only) {
    if (only.includes(to)) return undefined;
    const expected = only.map((folder) => `${folder}/`).join(" and ") || "nothing else of src/";
    return ["rank", `found ${from}/ importing ${to}/, expected ${expected}`];
  }
  if (to === "edge" || to === "console") {
    return from === "bin" ? undefined : ["rank", `found ${from}/ importing ${to}/, expected only bin/ to do so`];
  }
  const [fromRank, toRank] = [ranks[from] ?? 0, ranks[to] ?? 0];
  if (toRank < fromRank || (fromRank === 1 && to === "audit")) return undefined;
  return ["rank", `found ${from}/ (rank ${fromRank}) importing ${to}/ (rank ${toRank}), expected a lower rank`];
}

const statement =
  /(["'`])\s*(?:select\s|insert into\s|update\s+[\w."]+(?:\s+\w+)?\s+set\s|delete from\s|merge into\s|truncate\s|lock table\s|with\s+(?:recursive\s+)?\w+(?:\s*\([^)]*\))?\s+as\s)/;

/** The line of the first SQL statement in a file that should have none. The edge's outbox is SQLite, in outbox*.ts. */
function findSql(file: SourceFile): number | undefined {
  const name = file.path.split("/").at(-1) ?? "";
  if (/^store(-[a-z-]+)?\.ts$/.test(name)) return undefined;
  if (folderOf(file.path) === "edge" && name.startsWith("outbox")) return undefined;
  if (file.path === "platform/db.ts" || file.path === "platform/migrate.ts") return undefined;
  const match = statement.exec(file.text);
  return match ? lineAt(file.text, match.index) : undefined;
}

/** One violation for each cycle of files. `import type` closes none: it is gone before anything runs. */
export function findCycles(files: SourceFile[]): Violation[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const found: Violation[] = [];
  const walk = (path: string, trail: string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      const cycle = [...trail.slice(start), path];
      found.push({ file: path, line: 1, rule: "cycle", message: `found ${cycle.join(" → ")}, expected no cycle` });
      return;
    }
    if (done.has(path)) return;
    const targets =
      byPath.get(path)?.imports.flatMap((each) => (each.target && !each.typeOnly ? [each.target] : [])) ?? [];
    for (const target of new Set(targets)) walk(target, [...trail, path]);
    done.add(path);
  };
  for (const file of files) walk(file.path, []);
  return found;
}
