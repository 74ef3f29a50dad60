export { applianceCounts, ensureApplianceTenant } from "./appliance.ts";
export { createTenant } from "./create.ts";
export { changeTenant, getTenant, requireTenant, type TenantChange, tenantUsage } from "./settings.ts";
export type { Tenant, Usage } from "./store.ts";
