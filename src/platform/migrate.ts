import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { runner } from "node-pg-migrate";
import pg from "pg";
import type { Config } from "./config.ts";
import { readSecret } from "./config.ts";

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

/** The newest migration of this version, for processes that wait for the schema. */
export async function schemaVersion(client: {
  query(sql: string): Promise<{ rows: { name: string }[] }>;
}): Promise<string | undefined> {
  const { rows } = await client.query("select name from schema_migrations order by id desc limit 1");
  return rows[0]?.name;
}
