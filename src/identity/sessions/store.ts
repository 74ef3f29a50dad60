import type { TenantTx } from "../../audit/index.ts";
import type { Queryable } from "../../platform/db.ts";
import { byId, byText, byTime, keyset, type ListOrder, type Page, type Placed } from "../../platform/sorted-list.ts";

export type SignInVia = "web" | "saml" | "ldap";

export type Session = {
  sessionId: string;
  userId: string;
  via: SignInVia;
  /** 1: one factor, 2: a second one besides. */
  strength: 1 | 2;
  steppedUpAt: string | null;
  address: string;
  userAgent: string;
  createdAt: string;
  lastSeenAt: string;
  expiresAt: string;
};

const columns = `s.session_id as "sessionId", s.user_id as "userId", s.via, s.strength,
  ledger.timestamp_text(s.stepped_up_at) as "steppedUpAt", host(s.address) as address, s.user_agent as "userAgent",
  ledger.timestamp_text(s.created_at) as "createdAt", ledger.timestamp_text(coalesce(u.last_seen_at, s.created_at)) as "lastSeenAt",
  ledger.timestamp_text(s.expires_at) as "expiresAt"`;
const from = "sessions s left join session_use u on u.tenant_id = s.tenant_id and u.session_id = s.session_id";
const open = `s.tenant_id = app.tenant() and s.ended_at is null and s.expires_at > clock_timestamp()
  and coalesce(u.last_seen_at, s.created_at) + make_interval(mins => s.idle_minutes) > clock_timestamp()`;

export async function insertSession(
  tx: TenantTx,
  session: Pick<Session, "userId" | "via" | "strength" | "address" | "userAgent"> & {
    tokenHash: Buffer;
    notAfter?: Date | undefined;
  },
): Promise<string> {
  const { rows } = await tx.query<{ sessionId: string }>(
    `insert into sessions (tenant_id, user_id, token_hash, via, strength, stepped_up_at, address, user_agent, idle_minutes, expires_at)
     select t.tenant_id, $1::uuid, $2::bytea, $3::text, $4::int, case when $4::int = 2 then clock_timestamp() end,
            $5::inet, $6::text, t.session_idle_minutes, least(clock_timestamp() + make_interval(hours => t.session_hours), $7::timestamptz)
       from tenants t where t.tenant_id = app.tenant()
     returning session_id as "sessionId"`,
    [
      ...[session.userId, session.tokenHash, session.via, session.strength, session.address, session.userAgent],
      session.notAfter?.toISOString() ?? null,
    ],
  );
  return rows[0]!.sessionId;
}

export type OpenSession = Session & {
  /** Whether the tenant asks for a second factor that this session has not shown. What SAML vouches for is the provider's matter. */
  factorMissing: boolean;
};

/** A session that neither ended nor ran out, of a person who is active. */
export async function selectOpenSession(tx: TenantTx, sessionId: string): Promise<OpenSession | undefined> {
  const { rows } = await tx.query<OpenSession>(
    `select ${columns}, t.mfa_required and s.strength = 1 and s.via <> 'saml' as "factorMissing"
       from ${from} join tenants t on t.tenant_id = s.tenant_id
      where ${open} and s.session_id = $1::uuid
        and exists (select from users p where p.tenant_id = s.tenant_id and p.user_id = s.user_id and p.active)`,
    [sessionId],
  );
  return rows[0];
}

/** A person's, newest first. */
export async function selectOpenSessions(tx: TenantTx, userId: string): Promise<Session[]> {
  const { rows } = await tx.query<Session>(
    `select ${columns} from ${from}
      where ${open} and s.user_id = $1::uuid
      order by s.created_at desc, s.session_id limit 1000`,
    [userId],
  );
  return rows;
}

export const SESSION_ORDER: ListOrder = {
  id: byId("s.session_id"),
  keys: {
    person: byText("p.display_name"),
    createdAt: byTime("s.created_at"),
    lastSeenAt: byTime("coalesce(u.last_seen_at, s.created_at)"),
    expiresAt: byTime("s.expires_at"),
  },
  first: "-lastSeenAt",
};

export type PersonsSession = Session & { userName: string; displayName: string };

/** Open ones of everybody; `text` is looked for in names and the address. */
export async function selectAllSessions(
  tx: TenantTx,
  { text, via, ...page }: Page & { text?: string | undefined; via?: SignInVia | undefined },
): Promise<{ sessions: PersonsSession[]; next: string | null }> {
  const { place, after, order, values, cut } = keyset(SESSION_ORDER, page, 3);
  const { rows } = await tx.query<PersonsSession & Placed>(
    `select ${columns}, p.user_name as "userName", p.display_name as "displayName", ${place}
       from ${from} join users p on p.tenant_id = s.tenant_id and p.user_id = s.user_id
      where ${open} and p.active
        and ($1::text is null
             or strpos(lower(p.user_name || ' ' || p.display_name || ' ' || host(s.address)), lower($1::text)) > 0)
        and ($2::text is null or s.via = $2::text)
        and ${after}
      order by ${order}`,
    [text ?? null, via ?? null, ...values],
  );
  return cut("sessions", rows);
}

/** The ids of those that were open until now. */
export async function markSessionsEnded(
  tx: TenantTx,
  filter: { userId?: string; sessionId?: string; except?: string },
  reason: string,
): Promise<string[]> {
  const { rows } = await tx.query<{ sessionId: string }>(
    `update sessions set ended_at = clock_timestamp(), ended_reason = $4::text
      where tenant_id = app.tenant() and ended_at is null
        and ($1::uuid is null or user_id = $1::uuid)
        and ($2::uuid is null or session_id = $2::uuid)
        and ($3::uuid is null or session_id <> $3::uuid)
      returning session_id as "sessionId"`,
    [filter.userId ?? null, filter.sessionId ?? null, filter.except ?? null, reason],
  );
  return rows.map(({ sessionId }) => sessionId);
}

export async function updateToken(tx: TenantTx, sessionId: string, tokenHash: Buffer): Promise<void> {
  await tx.query(
    `update sessions set token_hash = $2::bytea, strength = 2, stepped_up_at = clock_timestamp()
      where tenant_id = app.tenant() and session_id = $1::uuid`,
    [sessionId, tokenHash],
  );
}

export async function noteSessionUse(tx: TenantTx, sessionId: string, address: string): Promise<void> {
  await tx.query(
    `insert into session_use (tenant_id, session_id, last_seen_at, address)
     values (app.tenant(), $1::uuid, clock_timestamp(), $2::inet)
     on conflict (tenant_id, session_id) do update set last_seen_at = excluded.last_seen_at, address = excluded.address`,
    [sessionId, address],
  );
}

/** Across tenants: ids only. */
export async function selectSessionOwner(
  db: Queryable,
  tokenHash: Buffer,
): Promise<{ tenantId: string; sessionId: string } | undefined> {
  const { rows } = await db.query<{ tenantId: string; sessionId: string }>(
    `select tenant_id as "tenantId", session_id as "sessionId" from app.find_session($1::bytea)`,
    [tokenHash],
  );
  return rows[0];
}

/** The tenant that has this public name. */
export async function selectTenantBySlug(db: Queryable, slug: string): Promise<string | undefined> {
  const { rows } = await db.query<{ tenantId: string | null }>(`select app.find_tenant($1::text) as "tenantId"`, [
    slug,
  ]);
  return rows[0]?.tenantId ?? undefined;
}
