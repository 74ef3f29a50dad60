import { Command } from "commander";
import { createTenantKeys } from "../keys/index.ts";
import { createTenant } from "../tenants/index.ts";
import { withContext } from "./context.ts";

export function tenantCommand(configPath: () => string): Command {
  const tenant = new Command("tenant").description("tenants of this appliance");
  tenant
    .command("create")
    .description("make a tenant, open its ledger and give it its keys")
    .requiredOption("--name <name>", "what people call it")
    .option("--json", "answer as JSON")
    .action(async (options: { name: string; json?: boolean }) => {
      await withContext(configPath(), async ({ pool, master }) => {
        const tenantId = await createTenant(pool, options.name, (tx) => createTenantKeys(tx, master));
        process.stdout.write(options.json ? `${JSON.stringify({ tenantId })}\n` : `${tenantId}\n`);
      });
    });
  return tenant;
}
