import { Command } from "commander";
import { systemPrincipal, withTenant } from "../audit/index.ts";
import { createLink, createUser, grantRole, OPERATOR_ROLE } from "../identity/index.ts";
import { createTenantKeys, subjectHasher } from "../keys/index.ts";
import { ensureApplianceTenant } from "../tenants/index.ts";
import { withContext } from "./context.ts";
import { addVerbs, type RouteCommand } from "./route-commands.ts";

type Options = { userName: string; name: string; email?: string; json?: boolean };

/** The appliance's operators: they make tenants and see how the appliance is, and no tenant's content. */
export const operatorCommand: RouteCommand = (configPath, api) => {
  const operator = new Command("operator").description("who runs the appliance, without seeing tenants' content");
  operator
    .command("create")
    .description("make an operator, and print the one-time link by which the person sets a password")
    .requiredOption("--user-name <name>", "what the person signs in with")
    .requiredOption("--name <name>", "what people call them")
    .option("--email <address>", "where codes and notices go")
    .option("--json", "answer as JSON")
    .action((options: Options) => create(configPath(), options));
  addVerbs(operator, { health: "get /api/v1/appliance/health" }, { configPath, api, scope: "appliance" });
  return operator;
};

async function create(configPath: string, { userName, name, email, json }: Options): Promise<void> {
  await withContext(configPath, async ({ config, pool, master, keyring }) => {
    const tenantId = await ensureApplianceTenant(pool, (tx) => createTenantKeys(tx, master));
    const deps = {
      hashSubject: subjectHasher(keyring),
      publicUrl: config.http.publicUrl,
    };
    const made = await withTenant(pool, systemPrincipal(tenantId, "appliance", "cli"), async (tx) => {
      const wanted = { userName: userName.trim(), displayName: name.trim(), email: email ?? null };
      const user = await createUser(deps, tx, { ...wanted, source: "local", externalId: null });
      const { userId } = user;
      await grantRole(tx, null, { to: { userId }, role: { builtin: OPERATOR_ROLE }, siteIds: null, expiresAt: null });
      return { tenantId, userId, ...(await createLink(deps, tx, user, "setup")) };
    });
    process.stdout.write(json ? `${JSON.stringify(made)}\n` : `${made.url}\n(once, until ${made.expiresAt})\n`);
  });
}
