import { commit, type Pool, type Tx } from "../platform/db.ts";
import type { actorTypes, channels } from "../record/row.ts";
import { type Conditions, markActed, settle } from "./conditions.ts";
import { inTenantSession } from "./tenant-session.ts";

/** All but who changes the database itself: those rows Postgres writes. */
export type ActorType = Exclude<(typeof actorTypes)[number], "ops">;
export type Channel = Exclude<(typeof channels)[number], "sql">;

/** Who acts, for which tenant, over which sites. Made from an authenticated credential, never from a body, header or topic. */
export interface Principal {
  tenantId: string;
  actor: { type: ActorType; id: string };
  via: Channel;
  /** The request's id: X-Request-Id, or one made for a job. */
  correlation: string;
  sites: "all" | readonly string[];
  /** The second person who approved what this does, where one had to. */
  approver?: { type: ActorType; id: string };
  /** What the act depends on or uses up; none unless somebody set them. */
  conditions?: Conditions;
}

/** A transaction bound to one tenant and its sites. */
export interface TenantTx extends Tx {
  readonly principal: Principal;
}

/**
 * One Postgres transaction with tenant, site scope and actor bound. Row policies see only the bound tenant;
 * the commit is refused when a tenant table changed and nothing was appended. The principal's conditions hold, or nothing is kept.
 */
export async function withTenant<T>(pool: Pool, principal: Principal, work: (tx: TenantTx) => Promise<T>): Promise<T> {
  return inTenantSession(pool, principal, async (tx) => {
    const result = await work(tx);
    const acts = await settle(tx);
    await commit(tx.raw);
    if (acts) markActed(tx);
    return result;
  });
}

/** The appliance's own hand: jobs, sealing, retention. */
export function systemPrincipal(
  tenantId: string,
  name: string,
  via: Channel,
  correlation: string = crypto.randomUUID(),
): Principal {
  return { tenantId, actor: { type: "system", id: name }, via, correlation, sites: "all" };
}
