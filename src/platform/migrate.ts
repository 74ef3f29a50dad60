import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { runner } from "node-pg-migrate";
import pg from "pg";
import type { Config } from "./config.ts";
import { readSecret } from "./config.ts";
import type { Pool } from "./db.ts";
import type { Logger } from "./logger.ts";

const MIGRATIONS = fileURLToPath(new URL("../../migrations", import.meta.url));

export interface SuperuserConnection {
  host: string;
  port: number;
  database: string;
  user: string;
  password?: string;
}

/**
 * Prepares an empty database: roles, extension, revokes (migrations/bootstrap.sql), and the roles' passwords.
 * Needs a superuser, once. Safe to run again.
 */
export async function bootstrapDatabase(
  superuser: SuperuserConnection,
  passwords: { owner: string; app: string; executor: string; ops?: string; report?: string },
): Promise<void> {
  const client = new pg.Client(superuser);
  await client.connect();
  try {
    await client.query(await readFile(`${MIGRATIONS}/bootstrap.sql`, "utf8"));
    for (const [role, password] of Object.entries(passwords)) {
      if (password)
        await client.query(
          `alter role ${pg.escapeIdentifier(`ledgerstone_${role}`)} password ${pg.escapeLiteral(password)}`,
        );
    }
  } finally {
    await client.end();
  }
}

/** Makes the database unless it is there. `superuser.database` is one to connect to meanwhile. */
export async function createDatabase(superuser: SuperuserConnection, name: string): Promise<void> {
  const client = new pg.Client(superuser);
  await client.connect();
  try {
    const { rowCount } = await client.query("select from pg_database where datname = $1", [name]);
    if (rowCount === 0)
      await client.query(`create database ${pg.escapeIdentifier(name)} encoding 'UTF8' template template0`);
  } finally {
    await client.end();
  }
}

/** Brings the schema up to this version, as the owner. Returns the names of the migrations that ran. */
export async function migrate(
  config: Config["postgres"],
  log: (message: string) => void = () => {},
): Promise<string[]> {
  if (!config.ownerPasswordFile)
    throw new Error("postgres.ownerPasswordFile is not configured: migrations run as the owner");
  const ran = await runner({
    databaseUrl: {
      host: config.host,
      port: config.port,
      database: config.database,
      user: "ledgerstone_owner",
      password: await readSecret(config.ownerPasswordFile, "postgres.ownerPasswordFile"),
      ...(config.caFile ? { ssl: { ca: await readFile(config.caFile, "utf8") } } : {}),
    },
    dir: `${MIGRATIONS}/[0-9]*.sql`,
    useGlob: true,
    direction: "up",
    migrationsTable: "schema_migrations",
    migrationsSchema: "public",
    singleTransaction: true,
    log,
  });
  return ran.map((migration) => migration.name);
}

/** Name of this version's newest migration, as schema_migrations records it. */
export async function wantedSchema(): Promise<string> {
  const files = (await readdir(MIGRATIONS)).filter((name) => /^\d+_.*\.sql$/.test(name)).sort();
  return files.at(-1)!.replace(/\.sql$/, "");
}

/** Name of the newest migration that the database has had. Rejects when there is none, or the database does not answer. */
export async function foundSchema(pool: Pool): Promise<string | undefined> {
  const { rows } = await pool.query<{ name: string }>("select name from schema_migrations order by name desc limit 1");
  return rows[0]?.name;
}

/**
 * Waits until the database answers and has this version's schema: after a reboot nobody orders the starts.
 * A newer schema is accepted (migrations only expand until an upgrade is finalised). Rejects when `signal` aborts.
 */
export async function awaitSchema(pool: Pool, log: Logger, signal?: AbortSignal): Promise<void> {
  const wanted = await wantedSchema();
  for (let waited = 0; ; waited++) {
    signal?.throwIfAborted();
    try {
      const found = await foundSchema(pool);
      if (found !== undefined && found >= wanted) return;
      if (waited % 10 === 0) log.warn({ found, wanted }, "waiting for the schema: run 'ledgerstone migrate'");
    } catch (error) {
      if (waited % 10 === 0) log.warn({ err: error }, "waiting for the database");
    }
    await sleep(1000, undefined, signal ? { signal } : {});
  }
}
