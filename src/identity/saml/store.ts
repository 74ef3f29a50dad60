import type { TenantTx } from "../../audit/index.ts";
import type { SamlSettings } from "./schema.ts";

export type SamlConfiguration = {
  version: number;
  settings: SamlSettings;
  madeBy: string;
  createdAt: string;
};

/** The version in force; undefined before the first. */
export async function selectConfiguration(tx: TenantTx): Promise<SamlConfiguration | undefined> {
  const { rows } = await tx.query<SamlConfiguration>(
    `select version, settings, made_by as "madeBy", ledger.timestamp_text(created_at) as "createdAt"
       from saml_configurations
      where tenant_id = app.tenant()
      order by version desc
      limit 1`,
  );
  return rows[0];
}

export async function insertConfiguration(
  tx: TenantTx,
  { version, settings, madeBy }: Pick<SamlConfiguration, "version" | "settings" | "madeBy">,
): Promise<void> {
  await tx.query(
    `insert into saml_configurations (tenant_id, version, settings, made_by)
     values (app.tenant(), $1::int, $2::jsonb, $3::text)`,
    [version, JSON.stringify(settings), madeBy],
  );
}

/** The name that this tenant's public addresses are made of. */
export async function selectSlug(tx: TenantTx): Promise<string> {
  const { rows } = await tx.query<{ slug: string }>("select slug from tenants where tenant_id = app.tenant()");
  return rows[0]!.slug;
}

export type KeyState = "next" | "current" | "previous";
export type SpKeyRow = {
  keyId: string;
  state: KeyState;
  certificate: string;
  privateKey: Buffer;
  createdAt: string;
};

/** Those that are not retired: next, current, previous. */
export async function selectKeys(tx: TenantTx, forUpdate = false): Promise<SpKeyRow[]> {
  const { rows } = await tx.query<SpKeyRow>(
    `select key_id as "keyId", state, certificate, private_key as "privateKey", ledger.timestamp_text(created_at) as "createdAt"
       from saml_keys
      where tenant_id = app.tenant() and state <> 'retired'
      order by created_at desc
      ${forUpdate ? "for update" : ""}`,
  );
  return rows;
}

export async function insertKey(tx: TenantTx, key: Omit<SpKeyRow, "createdAt">): Promise<void> {
  await tx.query(
    `insert into saml_keys (tenant_id, key_id, state, certificate, private_key)
     values (app.tenant(), $1::uuid, $2::text, $3::text, $4::bytea)`,
    [key.keyId, key.state, key.certificate, key.privateKey],
  );
}

export async function updateKeyState(tx: TenantTx, keyId: string, state: KeyState | "retired"): Promise<void> {
  await tx.query(
    `update saml_keys
        set state = $2::text, private_key = case when $2::text <> 'retired' then private_key end, changed_at = clock_timestamp()
      where tenant_id = app.tenant() and key_id = $1::uuid`,
    [keyId, state],
  );
}
