import type { TenantTx } from "../audit/index.ts";

/** The first steps, in their order. */
export const SETUP_STEPS = ["second-factor", "second-owner", "certificate", "saml", "site", "device"] as const;
export type SetupStep = (typeof SETUP_STEPS)[number];

export interface Tenant {
  tenantId: string;
  name: string;
  /** Part of the addresses of the tenant's public pages. */
  slug: string;
  createdAt: string;
  coolingOffHours: number;
  plainMqtt: boolean;
  eventQuotaPerDay: number;
  byteQuotaPerDay: number;
  exportQuotaPerDay: number;
  sessionIdleMinutes: number;
  sessionHours: number;
  sessionRetentionDays: number;
  mfaRequired: boolean;
  erasurePage: boolean;
  erasurePauses: boolean;
  erasureCaseDays: number;
  setupSkipped: SetupStep[];
  setupDismissed: boolean;
}

export interface Usage {
  day: string;
  events: number;
  bytes: number;
  exports: number;
  rejected: number;
}

const COLUMNS = `tenant_id as "tenantId", name, slug, ledger.timestamp_text(created_at) as "createdAt", cooling_off_hours as "coolingOffHours", plain_mqtt as "plainMqtt",
  event_quota_per_day as "eventQuotaPerDay", byte_quota_per_day as "byteQuotaPerDay", export_quota_per_day as "exportQuotaPerDay",
  session_idle_minutes as "sessionIdleMinutes", session_hours as "sessionHours", session_retention_days as "sessionRetentionDays",
  mfa_required as "mfaRequired", erasure_page as "erasurePage", erasure_pauses as "erasurePauses",
  erasure_case_days as "erasureCaseDays", setup_skipped as "setupSkipped", setup_dismissed as "setupDismissed"`;

export async function selectTenant(tx: TenantTx): Promise<Tenant | undefined> {
  const { rows } = await tx.query<Tenant>(
    `select ${COLUMNS} from tenants where tenant_id = app.tenant()`,
    [],
    "tenant",
  );
  return rows[0];
}

export async function updateTenant(tx: TenantTx, tenant: Tenant): Promise<void> {
  await tx.query(
    `update tenants
        set name = $1::text, cooling_off_hours = $2::int, plain_mqtt = $3::boolean,
            event_quota_per_day = $4::bigint, byte_quota_per_day = $5::bigint, export_quota_per_day = $6::int,
            session_idle_minutes = $7::int, session_hours = $8::int, session_retention_days = $9::int, mfa_required = $10::boolean,
            erasure_page = $11::boolean, erasure_pauses = $12::boolean, erasure_case_days = $13::int, setup_skipped = $14::text[], setup_dismissed = $15::boolean
      where tenant_id = app.tenant()`,
    [
      tenant.name,
      tenant.coolingOffHours,
      tenant.plainMqtt,
      tenant.eventQuotaPerDay,
      tenant.byteQuotaPerDay,
      tenant.exportQuotaPerDay,
      tenant.sessionIdleMinutes,
      tenant.sessionHours,
      tenant.sessionRetentionDays,
      tenant.mfaRequired,
      tenant.erasurePage,
      tenant.erasurePauses,
      tenant.erasureCaseDays,
      tenant.setupSkipped,
      tenant.setupDismissed,
    ],
  );
}

export async function selectUsage(tx: TenantTx, days: number): Promise<Usage[]> {
  const { rows } = await tx.query<Usage>(
    `select day::text as day, events, bytes, exports, rejected
       from tenant_usage
      where tenant_id = app.tenant() and day > (clock_timestamp() at time zone 'UTC')::date - $1::int
      order by day desc`,
    [days],
  );
  return rows;
}
