import type { TenantTx } from "../audit/index.ts";

export type DeviceReport = {
  lastEventAt: string | null;
  lastReceiptAt: string | null;
  /** Of events, since it was registered. */
  rejected: number;
  /** Events that it has declared lost, since it was registered. */
  lost: number;
  /** How far its clock is from the appliance's, ahead when positive. */
  clockSkewMs: number | null;
  /** What the device says of itself; null: nothing yet. */
  status: { pending: number; pendingBytes: number; version: string; outbox: string } | null;
  /** Until when an enrolment code waits to be used; null: none does. */
  codeUntil: string | null;
};

export async function selectReport(tx: TenantTx, deviceId: string): Promise<DeviceReport> {
  const { rows } = await tx.query<DeviceReport>(
    `select ledger.timestamp_text(s.last_event_at) as "lastEventAt", ledger.timestamp_text(s.last_receipt_at) as "lastReceiptAt",
            coalesce(s.rejected, 0)::int8 as rejected, coalesce(s.gaps, 0)::int8 as lost, s.clock_skew_ms as "clockSkewMs",
            case when s.status is not null then json_build_object('pending', s.status -> 'pending', 'pendingBytes', s.status -> 'pendingBytes',
              'version', s.status -> 'version', 'outbox', s.status -> 'outbox') end as status,
            (select ledger.timestamp_text(max(c.expires_at)) from enrolment_codes c
              where c.tenant_id = d.tenant_id and c.device_id = d.device_id and c.used_at is null
                and c.expires_at > clock_timestamp()) as "codeUntil"
       from devices d
       left join device_status s on s.tenant_id = d.tenant_id and s.device_id = d.device_id
      where d.tenant_id = app.tenant() and d.device_id = $1::uuid`,
    [deviceId],
  );
  return rows[0]!;
}

export type DeviceCertificate = {
  fingerprint: string;
  serial: string;
  issuedAt: string;
  notAfter: string;
  revokedAt: string | null;
  /** Of the customer's own CA: the names that it is known by. */
  commonName: string | null;
  san: string | null;
};

/** Newest first; at most 50: a device renews once or twice a year. */
export async function selectCertificates(tx: TenantTx, deviceId: string): Promise<DeviceCertificate[]> {
  const { rows } = await tx.query<DeviceCertificate>(
    `select encode(fingerprint, 'hex') as fingerprint, serial, ledger.timestamp_text(issued_at) as "issuedAt",
            ledger.timestamp_text(not_after) as "notAfter", ledger.timestamp_text(revoked_at) as "revokedAt",
            common_name as "commonName", san
       from device_certificates
      where tenant_id = app.tenant() and device_id = $1::uuid
      order by issued_at desc limit 50`,
    [deviceId],
  );
  return rows;
}
