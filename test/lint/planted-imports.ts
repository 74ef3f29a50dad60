export type Tree = Record<string, string>;

/** A small tree that keeps every rule, and uses each permission once. */
export const clean: Tree = {
  "bin/app.ts":
    'import { startApp } from "../http/app.ts";\nimport { Queue } from "bullmq";\nimport { Edge } from "../edge/index.ts";\n',
  "http/app.ts": 'import express from "express";\nimport { routes } from "../sites/routes.ts";\n',
  "jobs/queues.ts": 'import { Queue } from "bullmq";\nimport { jobs } from "../retention/jobs.ts";\n',
  "cli/main.ts": 'import { list } from "../sites/index.ts";\n',
  "controls/index.ts": 'import { due } from "../retention/index.ts";\n',
  "retention/index.ts": 'export { due } from "./due.ts";\n',
  "retention/due.ts": 'import { list } from "../sites/index.ts";\nimport { read } from "./store.ts";\n',
  "retention/store.ts": "export const read = `select site_id from sites`;\n",
  "retention/store-holds.ts": 'export const read = "delete from holds";\n',
  "retention/jobs.ts": 'import type { Job } from "bullmq";\n',
  "sites/index.ts": 'export { list } from "./list.ts";\n',
  "sites/list.ts":
    'import { append } from "../audit/index.ts";\nimport { pool } from "../platform/db.ts";\nimport type { Kind } from "./kind.ts";\n',
  "sites/kind.ts": 'import type { list } from "./list.ts";\nexport type Kind = typeof list;\n',
  "sites/routes.ts": 'import type { Router } from "express";\nimport { list } from "./index.ts";\n',
  "audit/index.ts": "export const append = 1; // select one of them from the list\n",
  "verifier/index.ts": 'import { hash } from "../record/row.ts";\n',
  "record/row.ts": "export const hash = 1;\n",
  "platform/db.ts": 'import pg from "pg";\n',
  "edge/index.ts": 'import { hash } from "../record/row.ts";\nimport { pool } from "../platform/db.ts";\n',
  "edge/outbox-rows.ts": 'export const next = "select seq from outbox";\n',
  "console/main.tsx": 'import type { list } from "../sites/index.ts";\n',
};

export type Planted = { name: string; rule: string; file: string; line?: number; plant: Tree };

export const planted: Planted[] = [
  { name: "a folder nobody ranked", rule: "folder", file: "misc/a.ts", plant: { "misc/a.ts": "export {};\n" } },
  {
    name: "an import upward",
    rule: "rank",
    file: "sites/up.ts",
    line: 2,
    plant: { "sites/up.ts": '// why not\nimport { due } from "../retention/index.ts";\n' },
  },
  {
    name: "a type imported upward",
    rule: "rank",
    file: "sites/up.ts",
    plant: { "sites/up.ts": 'import type { due } from "../retention/index.ts";\n' },
  },
  {
    name: "an import between features of one rank",
    rule: "rank",
    file: "sites/aside.ts",
    plant: {
      "sites/aside.ts": 'import { a } from "../tenants/index.ts";\n',
      "tenants/index.ts": "export const a = 1;\n",
    },
  },
  {
    name: "audit importing a feature of its own rank",
    rule: "rank",
    file: "audit/back.ts",
    plant: { "audit/back.ts": 'export { list } from "../sites/index.ts";\n' },
  },
  {
    name: "http importing cli",
    rule: "rank",
    file: "http/b.ts",
    plant: { "http/b.ts": 'import "../cli/main.ts";\n' },
  },
  {
    name: "a feature importing the wiring",
    rule: "rank",
    file: "evidence/index.ts",
    plant: { "bin/app.ts": "", "evidence/index.ts": 'import "../bin/app.ts";\n' },
  },
  {
    name: "the verifier using platform",
    rule: "rank",
    file: "verifier/db.ts",
    plant: { "verifier/db.ts": 'import { pool } from "../platform/db.ts";\n' },
  },
  {
    name: "record importing platform",
    rule: "rank",
    file: "record/b.ts",
    plant: { "record/b.ts": 'import { pool } from "../platform/db.ts";\n' },
  },
  {
    name: "platform knowing the domain",
    rule: "rank",
    file: "platform/b.ts",
    plant: { "platform/b.ts": 'import { hash } from "../record/row.ts";\n' },
  },
  {
    name: "the edge using the server's features",
    rule: "rank",
    file: "edge/b.ts",
    plant: { "edge/b.ts": 'import { list } from "../sites/index.ts";\n' },
  },
  {
    name: "the server using the edge",
    rule: "rank",
    file: "retention/b.ts",
    plant: { "retention/b.ts": 'import { Edge } from "../edge/index.ts";\n' },
  },
  {
    name: "the console importing more than types",
    rule: "console",
    file: "console/b.ts",
    plant: { "console/b.ts": 'import { type list } from "../sites/index.ts";\n' },
  },
  {
    name: "a feature's inner file",
    rule: "index",
    file: "retention/b.ts",
    plant: { "retention/b.ts": 'import {\n  list,\n} from "../sites/list.ts";\n' },
  },
  {
    name: "an inner file through import()",
    rule: "index",
    file: "retention/b.ts",
    line: 1,
    plant: { "retention/b.ts": 'export const list = await import("../sites/list.ts");\n' },
  },
  {
    name: "routes.ts imported by its own feature",
    rule: "wiring",
    file: "sites/b.ts",
    plant: { "sites/b.ts": 'import { routes } from "./routes.ts";\n' },
  },
  {
    name: "routes.ts imported by bin",
    rule: "wiring",
    file: "bin/b.ts",
    plant: { "bin/b.ts": 'import { routes } from "../sites/routes.ts";\n' },
  },
  {
    name: "jobs.ts imported by http",
    rule: "wiring",
    file: "http/b.ts",
    plant: { "http/b.ts": 'import { jobs } from "../retention/jobs.ts";\n' },
  },
  {
    name: "express in a feature",
    rule: "package",
    file: "sites/b.ts",
    plant: { "sites/b.ts": 'import express from "express";\n' },
  },
  {
    name: "pg outside platform/db.ts",
    rule: "package",
    file: "sites/store.ts",
    plant: { "sites/store.ts": 'import type { Pool } from "pg";\n' },
  },
  {
    name: "a path inside pg",
    rule: "package",
    file: "sites/store.ts",
    plant: { "sites/store.ts": 'import { parse } from "pg/lib/utils.js";\n' },
  },
  {
    name: "bullmq in a feature",
    rule: "package",
    file: "retention/b.ts",
    plant: { "retention/b.ts": 'import { Queue } from "bullmq";\n' },
  },
  {
    name: "a file that is not there",
    rule: "missing",
    file: "sites/b.ts",
    plant: { "sites/b.ts": 'import { a } from "./nowhere.ts";\n' },
  },
  {
    name: "a file outside src/",
    rule: "outside",
    file: "sites/b.ts",
    plant: { "sites/b.ts": 'import { testDatabase } from "../../test/support/postgres.ts";\n' },
  },
  {
    name: "a computed import",
    rule: "opaque",
    file: "sites/b.ts",
    plant: { "sites/b.ts": "export const load = (name: string) => import(name);\n" },
  },
  {
    name: "createRequire",
    rule: "opaque",
    file: "sites/b.ts",
    plant: { "sites/b.ts": "const load = createRequire(import.meta.url);\n" },
  },
  ...[
    "select id from sites",
    "insert into sites values (1)",
    "update public.sites s set a = 1",
    "delete from sites",
  ].map((statement) => ({
    name: `SQL outside store.ts: ${statement}`,
    rule: "sql",
    file: "sites/b.ts",
    line: 2,
    plant: { "sites/b.ts": `export const rows = (tx: Tx) =>\n  tx.query(\`\n    ${statement}\`);\n` },
  })),
  {
    name: "a common table expression outside store.ts",
    rule: "sql",
    file: "sites/b.ts",
    plant: { "sites/b.ts": 'export const rows = "with gone as (delete from a returning b) select b from gone";\n' },
  },
  {
    name: "two files that import each other",
    rule: "cycle",
    file: "sites/a.ts",
    plant: { "sites/a.ts": 'import "./b.ts";\n', "sites/b.ts": 'import "./a.ts";\n' },
  },
  {
    name: "three files in a ring, one link through export",
    rule: "cycle",
    file: "sites/a.ts",
    plant: {
      "sites/a.ts": 'import "./b.ts";\n',
      "sites/b.ts": 'export * from "./c.ts";\n',
      "sites/c.ts": 'import { a } from "./a.ts";\n',
    },
  },
];
