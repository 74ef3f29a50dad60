import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { count, seen } from "./print.ts";
import type { Stack } from "./stack.ts";

const PLAN = [
  {
    name: "Alpenblick Logistik AG",
    sites: [
      { name: "Chur depot", timeZone: "Europe/Zurich" },
      { name: "Brig yard", timeZone: "Europe/Zurich" },
    ],
  },
  {
    name: "Harbour Cold Stores Ltd",
    sites: [
      { name: "Nagasaki pier 4", timeZone: "Asia/Tokyo" },
      { name: "Felixstowe gate", timeZone: "Europe/London" },
    ],
  },
];

/** Tenants and their first API keys come from the command line on the box; all else goes through the API. */
export async function chapterEstate(stack: Stack): Promise<void> {
  for (const plan of PLAN) {
    if (stack.state.tenants.some((tenant) => tenant.name === plan.name)) continue;
    const { tenantId } = await stack.cli<{ tenantId: string }>(["tenant", "create", "--name", plan.name, "--json"]);
    const { key } = await stack.cli<{ key: string }>([
      "api-key",
      "create",
      "--tenant",
      tenantId,
      "--name",
      "quickstart",
      "--all-permissions",
      "--json",
    ]);
    const keyFile = join(stack.dir, "secrets", `${tenantId}.key`);
    writeFileSync(keyFile, `${key}\n`, { mode: 0o600 });
    const tenant = { name: plan.name, tenantId, keyFile, sites: [] as { name: string; siteId: string }[] };
    const api = stack.api(tenant);
    for (const site of plan.sites) {
      const { siteId } = await api.send<{ siteId: string }>("POST", "/api/v1/sites", {
        ...site,
        imageDays: 30,
        eventDays: 90,
      });
      tenant.sites.push({ name: site.name, siteId });
    }
    stack.state.tenants.push(tenant);
    stack.save();
    seen(`${plan.name}: ${plan.sites.map((site) => site.name).join(", ")}; images 30 days, events 90`);
  }
  const sites = stack.state.tenants.reduce((sum, tenant) => sum + tenant.sites.length, 0);
  seen(`${count(stack.state.tenants.length)} ledgers opened, ${count(sites)} policies written into them`);
}
