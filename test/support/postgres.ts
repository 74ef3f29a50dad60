import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import type { Config } from "../../src/platform/config.ts";
import { createPool, type Pool } from "../../src/platform/db.ts";
import { bootstrapDatabase, migrate } from "../../src/platform/migrate.ts";
import { type PostgresServer, startPostgresServer } from "./postgres-server.ts";
import { removeDirectory, temporaryDirectory } from "./temporary.ts";

export type DatabaseRole = "app" | "executor" | "owner" | "ops" | "report";
type Passwords = Record<DatabaseRole, string>;

export type TestDatabase = {
  readonly name: string;
  readonly server: PostgresServer;
  /** The section `postgres` of an appliance's configuration. */
  readonly section: Config["postgres"] & { ownerPasswordFile: string };
  /** Connection settings of one role, for `new pg.Client(...)`. */
  config(role: DatabaseRole | "superuser"): pg.ClientConfig;
  /** The role's pool on this database, one each, ended by `stop`. */
  pool(role: DatabaseRole): Pool;
  /** Stopped by nothing that can be stopped for a role: for planting, tampering and looking. */
  readonly superuser: Pool;
  /** Ends the pools and drops the database. */
  stop(): Promise<void>;
};

type Cluster = { server: PostgresServer; template: string; passwords: Passwords; directory: string };

let cluster: Promise<Cluster> | undefined;
const open = new Map<string, TestDatabase>();
const cleanups: (() => Promise<void>)[] = [];
// One clone after the other: concurrent grants to the same role fail in Postgres.
let last: Promise<unknown> = Promise.resolve();

/**
 * A database of its own, cloned from the migrated template. The server starts with the first call and is stopped by the
 * root hook; each caller stops its own database (`after(() => database.stop())`), and one left over fails the run.
 */
export function testDatabase(): Promise<TestDatabase> {
  const next = last.then(cloneTemplate);
  last = next.catch(() => undefined);
  return next;
}

/** Stops the server. Returns the names of databases that nobody stopped. */
export async function stopPostgres(): Promise<string[]> {
  const left = [...open.keys()];
  for (const database of [...open.values()]) await database.stop();
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  return left;
}

export function newPasswords(): Passwords {
  const password = () => randomBytes(18).toString("base64url");
  return { app: password(), executor: password(), owner: password(), ops: password(), report: password() };
}

/** Creates a database, its roles and the whole schema. The password files are left in `directory`. */
export async function prepareDatabase(
  server: PostgresServer,
  { name, directory, passwords }: { name: string; directory: string; passwords: Passwords },
): Promise<void> {
  for (const [role, password] of Object.entries(passwords)) {
    await writeFile(passwordFile(directory, role), password, { mode: 0o600 });
  }
  await asSuperuser(server, "postgres", `create database ${name}`);
  await bootstrapDatabase(superuserOf(server, name), passwords);
  await migrate(databaseSection(server, name, directory));
}

export function databaseSection(server: PostgresServer, database: string, directory: string): TestDatabase["section"] {
  const { host, port } = server;
  return {
    host,
    port,
    database,
    appPasswordFile: passwordFile(directory, "app"),
    executorPasswordFile: passwordFile(directory, "executor"),
    ownerPasswordFile: passwordFile(directory, "owner"),
    poolSize: 10,
  };
}

export function superuserOf(server: PostgresServer, database: string) {
  return { host: server.host, port: server.port, database, user: server.superuser, password: server.password };
}

const passwordFile = (directory: string, role: string): string => join(directory, `${role}-password`);

async function startCluster(): Promise<Cluster> {
  const server = await startPostgresServer();
  cleanups.push(() => server.stop());
  const directory = await temporaryDirectory("passwords");
  cleanups.push(() => removeDirectory(directory));
  const template = "ledgerstone_template";
  const passwords = newPasswords();
  await prepareDatabase(server, { name: template, directory, passwords });
  return { server, template, passwords, directory };
}

async function cloneTemplate(): Promise<TestDatabase> {
  cluster ??= startCluster();
  const running = await cluster;
  const name = `test_${randomBytes(4).toString("hex")}`;
  await asSuperuser(running.server, "postgres", `create database ${name} template ${running.template}`);
  // Owner and grants of a database are not cloned from its template.
  await bootstrapDatabase(superuserOf(running.server, name), running.passwords);
  const database = await openDatabase(running, name);
  open.set(name, database);
  return database;
}

async function asSuperuser(server: PostgresServer, database: string, statement: string): Promise<void> {
  const client = new pg.Client(superuserOf(server, database));
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

async function openDatabase({ server, passwords, directory }: Cluster, name: string): Promise<TestDatabase> {
  const section = databaseSection(server, name, directory);
  const config = (role: DatabaseRole | "superuser"): pg.ClientConfig =>
    role === "superuser"
      ? superuserOf(server, name)
      : { ...superuserOf(server, name), user: `ledgerstone_${role}`, password: passwords[role] };
  const plainPool = (role: "ops" | "report" | "superuser") => {
    const pool = new pg.Pool({ ...config(role), max: 5, options: "-c TimeZone=UTC -c search_path=public,pg_catalog" });
    return pool.on("error", () => {});
  };
  const pools = {
    app: await createPool(section, "app"),
    executor: await createPool(section, "executor"),
    owner: await createPool(section, "owner"),
    ops: plainPool("ops"),
    report: plainPool("report"),
    superuser: plainPool("superuser"),
  };
  return {
    name,
    server,
    section,
    config,
    pool: (role) => pools[role],
    superuser: pools.superuser,
    async stop() {
      if (!open.delete(name)) return;
      await Promise.all(Object.values(pools).map((pool) => pool.end()));
      await asSuperuser(server, "postgres", `drop database ${name} with (force)`);
    },
  };
}
