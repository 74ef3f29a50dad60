import { loadSigners, type Principal, type SealDeps, systemPrincipal } from "../audit/index.ts";
import { selectTenantBySlug } from "../identity/index.ts";
import { createKeyring, type Keyring, loadMasterKey, type MasterKey } from "../keys/index.ts";
import { createDirectoryStore, type ObjectStore } from "../objects/index.ts";
import { systemClock } from "../platform/clock.ts";
import { type Config, loadConfig } from "../platform/config.ts";
import { createPool, type Pool, sqlState } from "../platform/db.ts";
import { AppError } from "../platform/errors.ts";
import { createLogger } from "../platform/logger.ts";
import { foundSchema, wantedSchema } from "../platform/migrate.ts";
import { isUuid } from "../record/text.ts";

const UNDEFINED_TABLE = "42P01";

/** What a command on the box works with. */
export interface CliContext {
  config: Config;
  pool: Pool;
  master: MasterKey;
  keyring: Keyring;
  objects: ObjectStore;
  seal: SealDeps;
}

/** Opens what `work` needs from the configuration and closes it afterwards, whatever happens. */
export async function withContext<T>(configPath: string, work: (context: CliContext) => Promise<T>): Promise<T> {
  const config = await loadConfig(configPath);
  const pool = await createPool(config.postgres, "app", { max: 4, applicationName: "ledgerstone-cli" });
  try {
    await requireSchema(pool, config);
    const master = await loadMasterKey(config.keys.masterKeyFile);
    const seal: SealDeps = {
      pool,
      log: createLogger("cli", "error"),
      clock: systemClock,
      appliance: config.appliance.id,
      signers: await loadSigners(config.keys),
      witnessDirectories: config.witness.directories,
    };
    const objects = createDirectoryStore(config.objects.directory);
    return await work({ config, pool, master, keyring: createKeyring(master), objects, seal });
  } finally {
    await pool.end();
  }
}

/** Refuses a database that does not answer, or whose schema is not this version's. */
async function requireSchema(pool: Pool, { postgres: { host, port, database } }: Config): Promise<void> {
  const wanted = await wantedSchema();
  const found = await foundSchema(pool).catch((cause: NodeJS.ErrnoException & { errors?: Error[] }) => {
    if (sqlState(cause) === UNDEFINED_TABLE) return undefined;
    throw new AppError("unavailable", `the database ${database} at ${host}:${port} does not answer`, {
      found: cause.errors?.[0]?.message ?? cause.message,
      expected: "Postgres, and its password in postgres.appPasswordFile",
      remedy: "start it, or mend 'postgres' in the configuration",
      cause,
    });
  });
  if (found !== undefined && found >= wanted) return;
  throw new AppError("unavailable", "the database has not this version's schema", {
    found: found ?? "none",
    expected: wanted,
    remedy: "run 'ledgerstone migrate'",
  });
}

/** The appliance's own hand in a tenant, by what requireTenant takes. */
export async function tenantPrincipal(pool: Pool, given: string): Promise<Principal> {
  return systemPrincipal(await requireTenant(pool, given), "appliance", "cli");
}

/** A tenant by its id, or by its name in the addresses of its pages. */
export async function requireTenant(pool: Pool, given: string): Promise<string> {
  if (isUuid(given)) return given;
  const found = await selectTenantBySlug(pool, given);
  if (found) return found;
  throw new AppError("not-found", `no tenant ${given}`, { expected: "a tenant's id, or its name in addresses" });
}
