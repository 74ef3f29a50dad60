import type { Tx } from "../platform/db.ts";
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

export async function appendToChain(tx: Tx, principal: Principal, row: NewRow): Promise<AppendedRow> {
  const { rows } = await tx.query<AppendedRow>(
    `select seq, hash, at
       from ledger.append($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::uuid,
                          $8::text[], $9::bytea[], $10::text[], $11::text[], $12::jsonb)`,
    [
      principal.actor.type,
      principal.actor.id,
      principal.via,
      row.action,
      row.entity.type,
      row.entity.id,
      principal.correlation,
      row.commits?.map((commit) => commit.name) ?? null,
      row.commits?.map((commit) => commit.hash) ?? null,
      row.units?.map((unit) => unit.name) ?? null,
      row.units?.map((unit) => unit.content) ?? null,
      subjectsJson(row),
    ],
  );
  return rows[0]!;
}

/** Null unless a unit names subjects: the append function then skips them. */
function subjectsJson({ units }: NewRow): string | null {
  if (!units?.some((unit) => unit.subjects && unit.subjects.length > 0)) return null;
  return JSON.stringify(units.map((unit) => (unit.subjects ?? []).map((subject) => subject.toString("hex"))));
}

type Quote = (value: string) => string;

/** For the simple protocol, in which one message carries several statements: every value goes through `quote`. */
export function bindStatement({ tenantId, sites }: Principal, quote: Quote): string {
  const list = sites === "all" ? "null" : `array[${sites.map(quote).join(",")}]::uuid[]`;
  return `select app.bind(${quote(tenantId)}::uuid, ${list})`;
}

export function appendStatement(principal: Principal, row: NewRow, quote: Quote): string {
  const { actor, via, correlation } = principal;
  const array = (values: readonly string[] | undefined, type: string): string =>
    values ? `array[${values.join(",")}]::${type}[]` : "null";
  const subjects = subjectsJson(row);
  const values = [
    ...[actor.type, actor.id, via, row.action, row.entity.type, row.entity.id].map(quote),
    `${quote(correlation)}::uuid`,
    array(
      row.commits?.map(({ name }) => quote(name)),
      "text",
    ),
    array(
      row.commits?.map(({ hash }) => quote(`\\x${hash.toString("hex")}`)),
      "bytea",
    ),
    array(
      row.units?.map(({ name }) => quote(name)),
      "text",
    ),
    array(
      row.units?.map(({ content }) => quote(content)),
      "text",
    ),
    subjects === null ? "null" : `${quote(subjects)}::jsonb`,
  ];
  return `select seq, hash, at from ledger.append(${values.join(", ")})`;
}
