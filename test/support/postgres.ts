import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runner } from "node-pg-migrate";
import pg from "pg";
import { type PostgresServer, startPostgresServer } from "./postgres-server.ts";
import { removeDirectory, temporaryDirectory } from "./temporary.ts";

export type DatabaseRole = "app" | "executor" | "owner" | "ops" | "report";

/** The section `postgres` of an appliance's configuration. */
export type PostgresSection = {
  host: string;
  port: number;
  database: string;
  appPasswordFile: string;
  executorPasswordFile: string;
  ownerPasswordFile: string;
};

export type TestDatabase = {
  readonly name: string;
  readonly server: PostgresServer;
  /** What a program needs in its configuration file to use this database. */
  readonly section: PostgresSection;
  /** Connection settings of one role, for `new pg.Client(...)`. */
  config(role: DatabaseRole | "superuser"): pg.ClientConfig;
  /** The role's pool on this database, one each, ended by `stop`. */
  pool(role: DatabaseRole): pg.Pool;
  /** Bypasses every policy and trigger that can be bypassed: for planting, tampering and looking. */
  readonly superuser: pg.Pool;
  /** Ends the pools and drops the database. */
  stop(): Promise<void>;
};

const roles: DatabaseRole[] = ["app", "executor", "owner", "ops", "report"];
const migrations = join(import.meta.dirname, "../../migrations");

type Cluster = { server: PostgresServer; template: string; passwords: Record<DatabaseRole, string>; directory: string };

let cluster: Promise<Cluster> | undefined;
const open = new Map<string, TestDatabase>();
const cleanups: (() => Promise<void>)[] = [];

/**
 * A database of its own, cloned from the migrated template. The server starts with the first call and is stopped by the
 * root hook; each caller stops its own database (`after(() => database.stop())`), and one left over fails the run.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const next = last.then(cloneTemplate);
  last = next.catch(() => undefined);
  return next;
}

// One clone after the other: concurrent grants to the same role fail in Postgres.
let last: Promise<unknown> = Promise.resolve();

async function cloneTemplate(): Promise<TestDatabase> {
  cluster ??= startCluster();
  const running = await cluster;
  const name = `test_${open.size}_${randomBytes(4).toString("hex")}`;
  await asSuperuser(running.server, "postgres", async (client) => {
    await client.query(`create database ${name} template ${running.template}`);
  });
  await bootstrap(running.server, name);
  const database = describeDatabase(running, name);
  open.set(name, database);
  return database;
}

/** Stops the server. Returns the names of databases that nobody stopped. */
export async function stopPostgres(): Promise<string[]> {
  const left = [...open.keys()];
  for (const database of [...open.values()]) await database.stop();
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  return left;
}

/** Brings one database of a server to the newest schema and gives the roles passwords, written to files in `directory`. */
export async function prepareDatabase(
  server: PostgresServer,
  name: string,
  directory: string,
): Promise<Record<DatabaseRole, string>> {
  await asSuperuser(server, "postgres", (client) => client.query(`create database ${name}`));
  await bootstrap(server, name);
  const passwords = {} as Record<DatabaseRole, string>;
  await asSuperuser(server, name, async (client) => {
    for (const role of roles) {
      passwords[role] = randomBytes(18).toString("base64url");
      await client.query(`alter role ledgerstone_${role} password '${passwords[role]}'`);
      await writeFile(join(directory, `${role}-password`), passwords[role], { mode: 0o600 });
    }
  });
  const { host, port } = server;
  await runner({
    databaseUrl: { host, port, database: name, user: "ledgerstone_owner", password: passwords.owner },
    dir: migrations,
    ignorePattern: "bootstrap\\.sql|schema\\.sql|.*\\.md",
    migrationsTable: "migrations",
    direction: "up",
    log: () => {},
  });
  return passwords;
}

async function startCluster(): Promise<Cluster> {
  const server = await startPostgresServer();
  cleanups.push(() => server.stop());
  const directory = await temporaryDirectory("passwords");
  cleanups.push(() => removeDirectory(directory));
  const template = "ledgerstone_template";
  const passwords = await prepareDatabase(server, template, directory);
  return { server, template, passwords, directory };
}

/** Grants on the database itself are not cloned from a template, so each clone runs this too. */
async function bootstrap(server: PostgresServer, database: string): Promise<void> {
  const statements = await readFile(join(migrations, "bootstrap.sql"), "utf8");
  await asSuperuser(server, database, (client) => client.query(statements));
}

async function asSuperuser<T>(
  server: PostgresServer,
  database: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const { host, port, superuser, password } = server;
  const client = new pg.Client({ host, port, database, user: superuser, password });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function describeDatabase(running: Cluster, name: string): TestDatabase {
  const { server, passwords, directory } = running;
  const pools = new Map<string, pg.Pool>();
  const config = (role: DatabaseRole | "superuser"): pg.ClientConfig => ({
    host: server.host,
    port: server.port,
    database: name,
    user: role === "superuser" ? server.superuser : `ledgerstone_${role}`,
    password: role === "superuser" ? server.password : passwords[role],
  });
  const pool = (role: DatabaseRole | "superuser"): pg.Pool => {
    let made = pools.get(role);
    if (!made) {
      made = new pg.Pool({ ...config(role), max: 10 });
      made.on("error", () => {});
      pools.set(role, made);
    }
    return made;
  };
  return {
    name,
    server,
    section: {
      host: server.host,
      port: server.port,
      database: name,
      appPasswordFile: join(directory, "app-password"),
      executorPasswordFile: join(directory, "executor-password"),
      ownerPasswordFile: join(directory, "owner-password"),
    },
    config,
    pool,
    get superuser() {
      return pool("superuser");
    },
    async stop() {
      for (const each of pools.values()) await each.end();
      pools.clear();
      if (!open.delete(name)) return;
      await asSuperuser(server, "postgres", (client) => client.query(`drop database ${name} with (force)`));
    },
  };
}
