import { dirname, join } from "node:path";
import { Command } from "commander";
import { type Config, loadConfig, readSecret } from "../platform/config.ts";
import { bootstrapDatabase, createDatabase, migrate } from "../platform/migrate.ts";

/** Brings the schema up to this version. With a superuser's password it also makes database and roles. */
export function migrateCommand(configPath: () => string): Command {
  return new Command("migrate")
    .description("bring the database's schema up to this version")
    .option("--bootstrap-password-file <file>", "the superuser's password: make the database and its roles first")
    .option("--bootstrap-user <name>", "the superuser", "postgres")
    .action(async (options: { bootstrapPasswordFile?: string; bootstrapUser: string }) => {
      const config = await loadConfig(configPath());
      if (options.bootstrapPasswordFile) await bootstrap(config, options.bootstrapUser, options.bootstrapPasswordFile);
      const ran = await migrate(config.postgres);
      process.stdout.write(
        ran.length > 0 ? `${ran.map((name) => `applied ${name}`).join("\n")}\n` : "the schema is up to date\n",
      );
    });
}

async function bootstrap(config: Config, user: string, passwordFile: string): Promise<void> {
  const { host, port, database, appPasswordFile, executorPasswordFile, ownerPasswordFile } = config.postgres;
  const superuser = { host, port, user, password: await readSecret(passwordFile, "superuser password") };
  await createDatabase({ ...superuser, database: "postgres" }, database);
  const beside = (name: string): Promise<string> => readSecret(join(dirname(appPasswordFile), name), name);
  await bootstrapDatabase(
    { ...superuser, database },
    {
      owner: await readSecret(ownerPasswordFile!, "postgres.ownerPasswordFile"),
      app: await readSecret(appPasswordFile, "postgres.appPasswordFile"),
      executor: await readSecret(executorPasswordFile, "postgres.executorPasswordFile"),
      ops: await beside("postgres-ops"),
      report: await beside("postgres-report"),
    },
  );
}
