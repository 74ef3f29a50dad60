import type { TenantTx } from "../../audit/index.ts";
import type { LdapSettings } from "./schema.ts";

/** Never the service account's password. */
export type LdapDirectory = {
  directoryId: string;
  version: number;
  name: string;
  enabled: boolean;
  settings: LdapSettings;
  createdAt: string;
  changedAt: string;
};

export type SealedDirectory = LdapDirectory & { bindPassword: Buffer };

const columns = `directory_id as "directoryId", version, name, enabled, settings,
  ledger.timestamp_text(created_at) as "createdAt", ledger.timestamp_text(changed_at) as "changedAt"`;

/** By name. */
export async function selectDirectories(tx: TenantTx): Promise<LdapDirectory[]> {
  const { rows } = await tx.query<LdapDirectory>(
    `select ${columns} from ldap_directories
      where tenant_id = app.tenant() and removed_at is null order by lower(name), directory_id`,
  );
  return rows;
}

export async function selectDirectory(
  tx: TenantTx,
  directoryId: string,
  forUpdate = false,
): Promise<SealedDirectory | undefined> {
  const { rows } = await tx.query<SealedDirectory>(
    `select ${columns}, bind_password as "bindPassword" from ldap_directories
      where tenant_id = app.tenant() and directory_id = $1::uuid and removed_at is null${forUpdate ? " for update" : ""}`,
    [directoryId],
  );
  return rows[0];
}

type Written = Pick<SealedDirectory, "directoryId" | "name" | "enabled" | "settings" | "bindPassword">;

export async function insertDirectory(tx: TenantTx, directory: Written): Promise<void> {
  await tx.query(
    `insert into ldap_directories (tenant_id, directory_id, name, enabled, settings, bind_password)
     values (app.tenant(), $1::uuid, $2::text, $3::boolean, $4::jsonb, $5::bytea)`,
    valuesOf(directory),
  );
}

/** As the next version. */
export async function updateDirectory(tx: TenantTx, directory: Written): Promise<void> {
  await tx.query(
    `update ldap_directories
        set name = $2::text, enabled = $3::boolean, settings = $4::jsonb, bind_password = $5::bytea,
            version = version + 1, changed_at = clock_timestamp()
      where tenant_id = app.tenant() and directory_id = $1::uuid`,
    valuesOf(directory),
  );
}

const valuesOf = ({ directoryId, name, enabled, settings, bindPassword }: Written): unknown[] => [
  directoryId,
  name,
  enabled,
  JSON.stringify(settings),
  bindPassword,
];

/** The password goes with it; the row stays, so that its people's links say where they were from. */
export async function markRemoved(tx: TenantTx, directoryId: string): Promise<void> {
  await tx.query(
    `update ldap_directories set removed_at = clock_timestamp(), enabled = false, bind_password = ''
      where tenant_id = app.tenant() and directory_id = $1::uuid`,
    [directoryId],
  );
}
