import type { TenantTx } from "../audit/index.ts";
import {
  byId,
  byText,
  byTime,
  byTimeOrNever,
  keyset,
  type ListOrder,
  type Page,
  type Placed,
} from "../platform/sorted-list.ts";

/** A device says something at least every few minutes: past this nobody knows whether it is well. */
export const silentMinutes = 15;

export type DeviceState = "revoked" | "not-enrolled" | "never-heard" | "silent" | "heard";

/** Of `devices d` with its `device_status s`. */
export const deviceState = `case when d.revoked_at is not null then 'revoked'
       when d.access = 'mtls' and not exists (
         select from device_certificates c
          where c.tenant_id = d.tenant_id and c.device_id = d.device_id and c.revoked_at is null) then 'not-enrolled'
       when s.last_seen_at is null then 'never-heard'
       when s.last_seen_at < clock_timestamp() - make_interval(mins => ${silentMinutes}) then 'silent'
       else 'heard' end`;

export type Device = {
  deviceId: string;
  siteId: string;
  name: string;
  state: DeviceState;
  /** plain: username and password, best effort. */
  access: "mtls" | "plain";
  createdAt: string;
  revokedAt: string | null;
  lastSeenAt: string | null;
  certificateNotAfter: string | null;
};

const certificateNotAfter = `(select max(c.not_after) from device_certificates c
    where c.tenant_id = d.tenant_id and c.device_id = d.device_id and c.revoked_at is null)`;

const deviceColumns = `
  d.device_id as "deviceId", d.site_id as "siteId", d.name, d.access, ${deviceState} as state,
  ledger.timestamp_text(d.created_at) as "createdAt", ledger.timestamp_text(d.revoked_at) as "revokedAt",
  ledger.timestamp_text(s.last_seen_at) as "lastSeenAt",
  ledger.timestamp_text(${certificateNotAfter}) as "certificateNotAfter"`;

export const DEVICE_ORDER: ListOrder = {
  id: byId("d.device_id"),
  keys: {
    name: byText("d.name"),
    site: byText("(select t.name from sites t where t.tenant_id = d.tenant_id and t.site_id = d.site_id)"),
    access: byText("d.access"),
    state: byText(deviceState),
    createdAt: byTime("d.created_at"),
    revokedAt: byTimeOrNever("d.revoked_at"),
    lastSeenAt: byTimeOrNever("s.last_seen_at"),
    certificateNotAfter: byTimeOrNever(certificateNotAfter),
  },
  first: "name",
};

export async function insertDevice(
  tx: TenantTx,
  device: { siteId: string; name: string; access: "mtls" | "plain" },
): Promise<string> {
  const { rows } = await tx.query<{ deviceId: string }>(
    `insert into devices (tenant_id, site_id, name, access)
     values ($1::uuid, $2::uuid, $3::text, $4::text)
     returning device_id as "deviceId"`,
    [tx.principal.tenantId, device.siteId, device.name, device.access],
  );
  return rows[0]!.deviceId;
}

export async function selectDevice(tx: TenantTx, deviceId: string): Promise<Device | undefined> {
  const { rows } = await tx.query<Device>(
    `select ${deviceColumns}
       from devices d
       left join device_status s on s.tenant_id = d.tenant_id and s.device_id = d.device_id
      where d.tenant_id = $1::uuid and d.device_id = $2::uuid`,
    [tx.principal.tenantId, deviceId],
  );
  return rows[0];
}

export async function selectDevices(
  tx: TenantTx,
  page: Page & { siteId?: string | undefined; state?: DeviceState | undefined },
): Promise<{ devices: Device[]; next: string | null }> {
  const { place, after, order, values, cut } = keyset(DEVICE_ORDER, page, 4);
  const { rows } = await tx.query<Device & Placed>(
    `select ${deviceColumns}, ${place}
       from devices d
       left join device_status s on s.tenant_id = d.tenant_id and s.device_id = d.device_id
      where d.tenant_id = $1::uuid
        and ($2::uuid is null or d.site_id = $2::uuid)
        and ($3::text is null or ${deviceState} = $3::text)
        and ${after}
      order by ${order}`,
    [tx.principal.tenantId, page.siteId ?? null, page.state ?? null, ...values],
  );
  return cut("devices", rows);
}

/** False when it was revoked before, or is not there. */
export async function markRevoked(tx: TenantTx, deviceId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update devices set revoked_at = clock_timestamp()
      where tenant_id = $1::uuid and device_id = $2::uuid and revoked_at is null`,
    [tx.principal.tenantId, deviceId],
  );
  return rowCount === 1;
}

export async function markCertificatesRevoked(tx: TenantTx, deviceId: string): Promise<void> {
  await tx.query(
    `update device_certificates set revoked_at = clock_timestamp()
      where tenant_id = $1::uuid and device_id = $2::uuid and revoked_at is null`,
    [tx.principal.tenantId, deviceId],
  );
}

/** The names by which the broker knows the device's customer certificates; without those that another device has by now. */
export async function selectRevokedNames(tx: TenantTx, deviceId: string): Promise<string[]> {
  const { rows } = await tx.query<{ commonName: string }>(
    `select distinct c.common_name as "commonName"
       from device_certificates c
      where c.tenant_id = $1::uuid and c.device_id = $2::uuid and c.revoked_at is not null and c.common_name is not null
        and not exists (select from app.find_common_names(array[c.common_name]))`,
    [tx.principal.tenantId, deviceId],
  );
  return rows.map(({ commonName }) => commonName);
}

export type NewCertificate = {
  deviceId: string;
  fingerprint: Buffer;
  serial: string;
  notAfter: Date;
  /** Ours. */
  pem?: string;
  /** The customer's. */
  san?: string;
  commonName?: string;
};

export async function insertCertificate(tx: TenantTx, certificate: NewCertificate): Promise<void> {
  await tx.query(
    `insert into device_certificates (tenant_id, device_id, fingerprint, serial, pem, san, common_name, not_after)
     values ($1::uuid, $2::uuid, $3::bytea, $4::text, $5::text, $6::text, $7::text, $8::timestamptz)`,
    [
      tx.principal.tenantId,
      certificate.deviceId,
      certificate.fingerprint,
      certificate.serial,
      certificate.pem ?? null,
      certificate.san ?? null,
      certificate.commonName ?? null,
      certificate.notAfter,
    ],
  );
}

/** `commonName`: null for a certificate of ours. */
export async function selectCertificate(
  tx: TenantTx,
  fingerprint: Buffer,
): Promise<{ revoked: boolean; commonName: string | null } | undefined> {
  const { rows } = await tx.query<{ revoked: boolean; commonName: string | null }>(
    `select revoked_at is not null as revoked, common_name as "commonName"
       from device_certificates
      where tenant_id = $1::uuid and fingerprint = $2::bytea`,
    [tx.principal.tenantId, fingerprint],
  );
  return rows[0];
}

/** Takes back the device's open codes: a new one replaces them. */
export async function expireCodes(tx: TenantTx, deviceId: string): Promise<void> {
  await tx.query(
    `update enrolment_codes set expires_at = clock_timestamp()
      where tenant_id = $1::uuid and device_id = $2::uuid and used_at is null and expires_at > clock_timestamp()`,
    [tx.principal.tenantId, deviceId],
  );
}

export async function insertCode(
  tx: TenantTx,
  code: { deviceId: string; secretHash: Buffer; hours: number },
): Promise<{ codeId: string; expiresAt: string }> {
  const { rows } = await tx.query<{ codeId: string; expiresAt: string }>(
    `insert into enrolment_codes (tenant_id, device_id, secret_hash, expires_at)
     values ($1::uuid, $2::uuid, $3::bytea, clock_timestamp() + make_interval(hours => $4::int))
     returning code_id as "codeId", ledger.timestamp_text(expires_at) as "expiresAt"`,
    [tx.principal.tenantId, code.deviceId, code.secretHash, code.hours],
  );
  return rows[0]!;
}

export type OpenCode = { codeId: string; secretHash: Buffer; attempts: number };

/** Locked until the transaction ends: of two that redeem one code at once, one finds it used. */
export async function lockOpenCode(tx: TenantTx, deviceId: string): Promise<OpenCode | undefined> {
  const { rows } = await tx.query<OpenCode>(
    `select code_id as "codeId", secret_hash as "secretHash", attempts
       from enrolment_codes
      where tenant_id = $1::uuid and device_id = $2::uuid and used_at is null and expires_at > clock_timestamp()
      order by created_at desc
      limit 1
        for update`,
    [tx.principal.tenantId, deviceId],
  );
  return rows[0];
}

export async function markCodeUsed(tx: TenantTx, codeId: string): Promise<void> {
  await tx.query(
    "update enrolment_codes set used_at = clock_timestamp() where tenant_id = $1::uuid and code_id = $2::uuid",
    [tx.principal.tenantId, codeId],
  );
}

export async function countAttempt(tx: TenantTx, codeId: string): Promise<void> {
  await tx.query(
    "update enrolment_codes set attempts = attempts + 1 where tenant_id = $1::uuid and code_id = $2::uuid",
    [tx.principal.tenantId, codeId],
  );
}

export async function upsertPassword(tx: TenantTx, deviceId: string, hash: string): Promise<void> {
  await tx.query(
    `insert into device_passwords (tenant_id, device_id, hash) values ($1::uuid, $2::uuid, $3::text)
     on conflict (tenant_id, device_id) do update set hash = excluded.hash, set_at = clock_timestamp()`,
    [tx.principal.tenantId, deviceId, hash],
  );
}

export async function isPlainAllowed(tx: TenantTx): Promise<boolean> {
  const { rows } = await tx.query<{ allowed: boolean }>(
    "select plain_mqtt as allowed from tenants where tenant_id = $1::uuid",
    [tx.principal.tenantId],
  );
  return rows[0]?.allowed ?? false;
}
