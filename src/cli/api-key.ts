import { Command } from "commander";
import { withTenant } from "../audit/index.ts";
import { createApiKey, newApiKeySchema, PERMISSIONS } from "../identity/index.ts";
import { readSecret } from "../platform/config.ts";
import { AppError } from "../platform/errors.ts";
import { tenantPrincipal, withContext } from "./context.ts";
import { addTenant, addVerbs, type RouteCommand } from "./route-commands.ts";

interface CreateOptions {
  tenant: string;
  name: string;
  permission: string[];
  allPermissions?: boolean;
  site: string[];
  expires?: string;
  json?: boolean;
}

const collect = (value: string, earlier: string[]): string[] => [...earlier, value];

export const apiKeyCommand: RouteCommand = (configPath, api) => {
  const apiKey = new Command("api-key").description("API keys of a tenant");
  const making = apiKey.command("create").description("make a key; it is printed this once");
  addTenant(making);
  making
    .requiredOption("--name <name>", "what it is for")
    .option("--permission <permission>", `may be given several times: ${PERMISSIONS.join(", ")}`, collect, [])
    .option("--all-permissions", "every permission but scim:provision, which stands alone")
    .option("--site <uuid>", "limit it to a site; may be given several times", collect, [])
    .option("--expires <time>", "RFC 3339, UTC")
    .option("--json", "answer as JSON")
    .action((options: CreateOptions) => create(configPath(), options));
  addVerbs(
    apiKey,
    {
      list: "get /api/v1/api-keys",
      show: "get /api/v1/api-keys/:keyId",
      rotate: "post /api/v1/api-keys/:keyId/rotate",
      revoke: "delete /api/v1/api-keys/:keyId",
    },
    { configPath, api, scope: "tenant" },
  );
  return apiKey;
};

async function create(configPath: string, options: CreateOptions): Promise<void> {
  const unknown = options.permission.filter((permission) => !(PERMISSIONS as readonly string[]).includes(permission));
  if (unknown.length > 0)
    throw new AppError("invalid", "unknown permission", {
      found: unknown.join(", "),
      expected: PERMISSIONS.join(", "),
    });
  const wanted = newApiKeySchema.parse({
    name: options.name,
    permissions: options.allPermissions
      ? PERMISSIONS.filter((permission) => permission !== "scim:provision")
      : options.permission,
    siteIds: options.site.length > 0 ? options.site : null,
    expiresAt: options.expires ?? null,
  });
  await withContext(configPath, async ({ config, pool }) => {
    const pepper = await readSecret(config.apiKeys.pepperFile, "apiKeys.pepperFile");
    const principal = await tenantPrincipal(pool, options.tenant);
    const { key, apiKey } = await withTenant(pool, principal, (tx) => createApiKey(tx, pepper, wanted));
    process.stdout.write(options.json ? `${JSON.stringify({ key, apiKey })}\n` : `${key}\n`);
  });
}
