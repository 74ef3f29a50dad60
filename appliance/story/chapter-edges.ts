import { seen } from "./print.ts";
import type { Stack } from "./stack.ts";

/** Each edge makes its own key, checks our CA against the code, and gets a certificate. */
export async function chapterEdges(stack: Stack): Promise<void> {
  let number = 0;
  for (const tenant of stack.state.tenants) {
    const api = stack.api(tenant);
    for (const site of tenant.sites) {
      number++;
      if (site.device) continue;
      const { deviceId, code } = await api.send<{ deviceId: string; code: string }>(
        "POST",
        `/api/v1/sites/${site.siteId}/devices`,
        { name: `${site.name} edge 1` },
      );
      await stack.edge(["enrol", "--code", code, "--server", stack.deviceUrl, "--dir", stack.edgeDir(number)]);
      site.device = deviceId;
      stack.save();
      seen(`${site.name}: device ${deviceId} enrolled, its key never left it`);
    }
  }
}
