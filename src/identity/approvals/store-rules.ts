import type { TenantTx } from "../../audit/index.ts";
import type { BuiltinRole } from "../access/roles.ts";
import type { SecondPerson } from "./acts.ts";

export type RuleRow = {
  act: string;
  secondPerson: SecondPerson;
  builtinRole: BuiltinRole | null;
  roleId: string | null;
};

export async function selectRules(tx: TenantTx, act: string | null = null): Promise<RuleRow[]> {
  const { rows } = await tx.query<RuleRow>(
    `select act, second_person as "secondPerson", builtin_role as "builtinRole", role_id as "roleId"
       from approval_rules where tenant_id = app.tenant() and ($1::text is null or act = $1::text)`,
    [act],
  );
  return rows;
}

export async function upsertRule(tx: TenantTx, rule: RuleRow): Promise<void> {
  await tx.query(
    `insert into approval_rules (tenant_id, act, second_person, builtin_role, role_id)
     values (app.tenant(), $1::text, $2::text, $3::text, $4::uuid)
     on conflict (tenant_id, act) do update
       set second_person = excluded.second_person, builtin_role = excluded.builtin_role, role_id = excluded.role_id`,
    [rule.act, rule.secondPerson, rule.builtinRole, rule.roleId],
  );
}

export type Waits = {
  /** How long a request waits for a decision. */
  approvalHours: number;
  /** How long who is alone waits before confirming his own. */
  soloCoolingOffHours: number;
};

export async function selectWaits(tx: TenantTx, forUpdate = false): Promise<Waits> {
  const { rows } = await tx.query<Waits>(
    `select approval_hours as "approvalHours", solo_cooling_off_hours as "soloCoolingOffHours"
       from tenants where tenant_id = app.tenant()${forUpdate ? " for update" : ""}`,
  );
  return rows[0]!;
}

export async function updateWaits(tx: TenantTx, waits: Waits): Promise<void> {
  await tx.query(
    `update tenants set approval_hours = $1::int, solo_cooling_off_hours = $2::int where tenant_id = app.tenant()`,
    [waits.approvalHours, waits.soloCoolingOffHours],
  );
}

/** Active people who may decide on requests over all sites now. */
export async function selectDeciders(tx: TenantTx): Promise<string[]> {
  const { rows } = await tx.query<{ userId: string }>(`select d as "userId" from app.deciders() d`);
  return rows.map(({ userId }) => userId);
}

/**
 * Whether somebody who could decide was put out within the time that who is alone waits: by the end of the account or of a grant.
 * Else an owner could put the other one out, act alone, and let them in again.
 */
export async function isNewlyAlone(tx: TenantTx): Promise<boolean> {
  const { rows } = await tx.query<{ newly: boolean }>(
    `select exists (
       select from role_grants g
         join tenants t on t.tenant_id = g.tenant_id
         left join roles r on r.tenant_id = g.tenant_id and r.role_id = g.role_id
         left join group_members m on m.tenant_id = g.tenant_id and m.group_id = g.group_id
         join users u on u.tenant_id = g.tenant_id and u.user_id in (g.user_id, m.user_id)
        where g.tenant_id = app.tenant() and g.site_ids is null
          and (g.builtin_role = 'owner' or 'approvals:decide' = any(r.permissions))
          and (g.expires_at is null or g.expires_at > clock_timestamp())
          and greatest(g.revoked_at, u.deactivated_at)
              > clock_timestamp() - make_interval(hours => t.solo_cooling_off_hours)
          and (g.revoked_at is null or g.revoked_at > clock_timestamp() - make_interval(hours => t.solo_cooling_off_hours))
          and u.user_id not in (select app.deciders())) as newly`,
  );
  return rows[0]!.newly;
}

/** Whether somebody holds a role now, over all sites. */
export async function holdsRole(
  tx: TenantTx,
  userId: string,
  { builtinRole, roleId }: Pick<RuleRow, "builtinRole" | "roleId">,
): Promise<boolean> {
  const { rows } = await tx.query<{ holds: boolean }>(
    `select exists (
       select from role_grants g
        where g.tenant_id = app.tenant() and g.revoked_at is null and (g.expires_at is null or g.expires_at > clock_timestamp())
          and (g.builtin_role = $2::text or g.role_id = $3::uuid)
          and (g.user_id = $1::uuid
               or g.group_id in (select m.group_id from group_members m
                                  where m.tenant_id = app.tenant() and m.user_id = $1::uuid))) as holds`,
    [userId, builtinRole, roleId],
  );
  return rows[0]!.holds;
}
