import type { Queryable, Tx } from "../platform/db.ts";

// What goes into the broker's files: across tenants, through definer functions that give ids, hashes and serials only.

export type RevokedSerial = { serial: string; revokedAt: string };

/** One writer of a file at a time, until the transaction ends. */
export async function lockForFile(tx: Tx, name: "crl" | "passwords"): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(hashtext('ledgerstone.broker.' || $1::text))", [name]);
}

export async function selectRevokedSerials(db: Queryable, unexpiredAt: Date): Promise<RevokedSerial[]> {
  const { rows } = await db.query<RevokedSerial>(
    `select serial, revoked_at as "revokedAt"
       from app.revoked_serials()
      where not_after > $1::timestamptz
      order by revoked_at, serial`,
    [unexpiredAt],
  );
  return rows;
}

/** Client ids, of all tenants. */
export async function selectRevokedClients(db: Queryable, since: Date): Promise<string[]> {
  const { rows } = await db.query<{ clientId: string }>(
    `select client_id as "clientId" from app.revoked_clients($1::timestamptz)`,
    [since],
  );
  return rows.map(({ clientId }) => clientId);
}

export async function selectPlainPasswords(db: Queryable): Promise<{ deviceId: string; hash: string }[]> {
  const { rows } = await db.query<{ deviceId: string; hash: string }>(
    `select device_id as "deviceId", hash from app.plain_passwords()`,
  );
  return rows;
}

export type DeviceAccess = { tenantId: string; access: "mtls" | "plain"; revoked: boolean };

export async function selectDeviceAccess(db: Queryable, deviceId: string): Promise<DeviceAccess | undefined> {
  const { rows } = await db.query<DeviceAccess>(
    `select tenant_id as "tenantId", access, revoked from app.device_access($1::uuid)`,
    [deviceId],
  );
  return rows[0];
}

export async function selectCustomerCertificate(
  db: Queryable,
  fingerprint: Buffer,
  names: string[],
): Promise<{ tenantId: string; deviceId: string } | undefined> {
  const { rows } = await db.query<{ tenantId: string; deviceId: string }>(
    `select tenant_id as "tenantId", device_id as "deviceId"
       from app.find_customer_certificate($1::bytea, $2::text[])`,
    [fingerprint, names],
  );
  return rows[0];
}

export async function selectCertificateOwner(
  db: Queryable,
  fingerprint: Buffer,
): Promise<{ tenantId: string; deviceId: string } | undefined> {
  const { rows } = await db.query<{ tenantId: string; deviceId: string }>(
    `select tenant_id as "tenantId", device_id as "deviceId" from app.find_certificate($1::bytea)`,
    [fingerprint],
  );
  return rows[0];
}

export async function selectCommonNames(
  db: Queryable,
  names: string[],
): Promise<{ commonName: string; tenantId: string; deviceId: string }[]> {
  const { rows } = await db.query<{ commonName: string; tenantId: string; deviceId: string }>(
    `select common_name as "commonName", tenant_id as "tenantId", device_id as "deviceId"
       from app.find_common_names($1::text[])`,
    [names],
  );
  return rows;
}
