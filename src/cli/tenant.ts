import { Command } from "commander";
import { createTenantKeys } from "../keys/index.ts";
import { createTenant } from "../tenants/index.ts";
import { withContext } from "./context.ts";
import { addVerbs, type RouteCommand } from "./route-commands.ts";

export const tenantCommand: RouteCommand = (configPath, api) => {
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
  addVerbs(
    tenant,
    {
      settings: "get /api/v1/tenant",
      set: "patch /api/v1/tenant",
      usage: "get /api/v1/tenant/usage",
      health: "get /api/v1/health",
      provisioning: "get /api/v1/provisioning",
    },
    { configPath, api, scope: "tenant" },
  );
  const tenants = "/api/v1/appliance/tenants";
  addVerbs(
    tenant,
    {
      list: `get ${tenants}`,
      show: `get ${tenants}/:tenantId`,
      rename: `patch ${tenants}/:tenantId`,
      close: `post ${tenants}/:tenantId/close`,
      open: `post ${tenants}/:tenantId/open`,
    },
    { configPath, api, scope: "appliance" },
  );
  return tenant;
};
