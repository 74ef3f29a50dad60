import { literal, type Tx } from "../platform/db.ts";
import type { AppendedRow, NewRow } from "./append.ts";
import type { Principal } from "./with-tenant.ts";

export async function bindTenant(tx: Tx, tenantId: string, sites: "all" | readonly string[]): Promise<void> {
  await tx.query("select app.bind($1::uuid, $2::uuid[])", [tenantId, sites === "all" ? null : sites]);
}

export async function openChain(tx: Tx, tenantId: string, name: string, correlation: string): Promise<void> {
  await tx.query("select ledger.open_chain($1::uuid, $2::text, $3::uuid)", [tenantId, name, correlation]);
}

export async function listTenantIds(tx: { query: Tx["query"] }): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>("select t as id from app.tenant_ids() t");
  return rows.map((row) => row.id);
}

/** Whether this very transaction has appended a row, by whatever function. */
export async function isAct(tx: Tx & { principal: Principal }): Promise<boolean> {
  const { rows } = await tx.query<{ acts: boolean | null }>(
    "select last_xact = pg_current_xact_id_if_assigned() as acts from ledger.chain_heads where tenant_id = $1::uuid",
    [tx.principal.tenantId],
  );
  return rows[0]?.acts === true;
}

/** Until the commit no other act of the tenant commits: each appends to its chain. */
export async function lockChainHead(tx: Tx): Promise<void> {
  await tx.query("select ledger.lock_head()");
}

export async function appendToChain({ raw }: Tx, principal: Principal, row: NewRow): Promise<AppendedRow> {
  await prepareStatements(raw);
  const { rows } = await raw.query<AppendedRow>(appendStatement(principal, row));
  return rows[0]!;
}

/** Null unless a unit names subjects: the append function then skips them. */
function subjectsJson({ units }: NewRow): string | null {
  if (!units?.some((unit) => unit.subjects && unit.subjects.length > 0)) return null;
  return JSON.stringify(units.map((unit) => (unit.subjects ?? []).map((subject) => subject.toString("hex"))));
}

/** A connection from a pool, outside a transaction or in one. */
type Connection = { query(sql: string): Promise<unknown> };

const prepared = new WeakSet<Connection>();

/**
 * Once for each connection: planning the append anew took a tenth of its time. `execute`, unlike the driver's named statements,
 * can stand in one message with `begin` or `commit`.
 */
export async function prepareStatements(connection: Connection): Promise<void> {
  if (prepared.has(connection)) return;
  await connection.query(
    `prepare ledgerstone_bind (uuid, uuid[]) as select app.bind($1, $2);
     prepare ledgerstone_append (text, text, text, text, text, text, uuid, text[], bytea[], text[], text[], jsonb) as
       select seq, hash, at from ledger.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
  );
  prepared.add(connection);
}

/** For the simple protocol, in which one message carries several statements: every value goes through `literal`. */
export function bindStatement({ tenantId, sites }: Principal): string {
  const list = arrayOrNull(sites === "all" ? undefined : sites, "uuid");
  return `execute ledgerstone_bind (${literal(tenantId)}, ${list})`;
}

/** As bindStatement. Null is what the append function takes for none. */
export function appendStatement(principal: Principal, row: NewRow): string {
  const { actor, via, correlation } = principal;
  const { commits, units } = row;
  const subjects = subjectsJson(row);
  const values = [
    ...[actor.type, actor.id, via, row.action, row.entity.type, row.entity.id, correlation].map(literal),
    arrayOrNull(
      commits?.map(({ name }) => name),
      "text",
    ),
    arrayOrNull(
      commits?.map(({ hash }) => `\\x${hash.toString("hex")}`),
      "bytea",
    ),
    arrayOrNull(
      units?.map(({ name }) => name),
      "text",
    ),
    arrayOrNull(
      units?.map(({ content }) => content),
      "text",
    ),
    subjects === null ? "null" : literal(subjects),
  ];
  return `execute ledgerstone_append (${values.join(", ")})`;
}

const arrayOrNull = (values: readonly string[] | undefined, type: string): string =>
  values ? `array[${values.map(literal).join(",")}]::${type}[]` : "null";
