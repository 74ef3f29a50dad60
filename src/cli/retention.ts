import { Command } from "commander";
import { createPool } from "../platform/db.ts";
import { confirmErasing, reconcileObjects } from "../retention/index.ts";
import { tenantPrincipal, withContext } from "./context.ts";
import { addTenant, addVerbs, type RouteCommand } from "./route-commands.ts";

export const retentionCommand: RouteCommand = (configPath, api) => {
  const retention = new Command("retention").description("erasing what is due");
  addVerbs(
    retention,
    {
      policies: "get /api/v1/retention/policies",
      upcoming: "get /api/v1/retention/upcoming",
      "upcoming-sites": "get /api/v1/retention/upcoming/sites",
      state: "get /api/v1/retention/state",
      "retry-files": "post /api/v1/retention/files/retry",
    },
    { configPath, api, scope: "tenant" },
  );
  addConfirm(retention, configPath);
  addOrphans(retention, configPath);
  return retention;
};

function addConfirm(retention: Command, configPath: () => string): void {
  const confirm = retention
    .command("confirm")
    .description("clock and policies are right: let a stopped executor go on");
  addTenant(confirm);
  confirm
    .requiredOption("--reason <text>", "why; it goes into the ledger")
    .action(async ({ tenant, reason }: { tenant: string; reason: string }) => {
      await withContext(configPath(), async ({ pool }) => {
        const principal = await tenantPrincipal(pool, tenant);
        const { events, stop } = await confirmErasing(pool, principal, reason);
        process.stdout.write(
          stop ? `confirmed: ${events} events are due; it had stopped because ${stop}\n` : "nothing had stopped\n",
        );
      });
    });
}

function addOrphans(retention: Command, configPath: () => string): void {
  retention
    .command("orphans")
    .description("files in the object store that no image knows; lists them unless --remove")
    .option("--remove", "remove them")
    .option("--force", "also when that is more than half of all files")
    .action(async ({ remove, force }: { remove?: boolean; force?: boolean }) => {
      await withContext(configPath(), async ({ config, objects }) => {
        const executor = await createPool(config.postgres, "executor", { max: 2 });
        try {
          const found = await reconcileObjects({ executor, objects }, { dryRun: !remove, force: force ?? false });
          for (const orphan of found.orphans) process.stdout.write(`${orphan.path}  ${orphan.fileBytes} bytes\n`);
          for (const stranger of found.strangers) process.stdout.write(`${stranger}  not ours, left alone\n`);
          process.stdout.write(`${found.files} files, ${found.orphans.length} orphans, ${found.removed} removed\n`);
        } finally {
          await executor.end();
        }
      });
    });
}
