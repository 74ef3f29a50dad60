import { type Principal, proveRow, type TenantTx, withTenant } from "../audit/index.ts";
import type { Access } from "../identity/index.ts";
import type { Pool } from "../platform/db.ts";
import { AppError, forbidden, invalid, notFound } from "../platform/errors.ts";
import { timestampFromInstant } from "../record/time.ts";
import { namesOf, type Ref } from "./names.ts";
import type { LedgerRow, RowDetail, RowQuery } from "./schema.ts";
import { selectPeople } from "./store-names.ts";
import {
  type RowFilter,
  type StoredRow,
  selectActions,
  selectBounds,
  selectOpenings,
  selectRow,
  selectRows,
  selectTombstonesOf,
  selectTombstonesOfBatch,
  type WholeRow,
} from "./store-rows.ts";

/** Who reads, and what else they may see: the principal sees all sites. */
export type Reader = { principal: Principal; access: Access };

const mostPeople = 50;

/** Rows of the chain, newest first. */
export async function listRows(
  pool: Pool,
  { principal, access }: Reader,
  query: RowQuery,
): Promise<{ rows: LedgerRow[]; next: number | null }> {
  return withTenant(pool, principal, async (tx) => {
    const filter = await filterOf(tx, access, query);
    const found = filter ? await selectRows(tx, filter, query.limit) : [];
    const nameOf = await namesOf(tx, access, found.flatMap(refsOf));
    const next = found.length < query.limit ? null : found.at(-1)!.seq;
    return { rows: found.map((row) => shown(row, nameOf)), next };
  });
}

/** Undefined: nothing can match. */
async function filterOf(tx: TenantTx, access: Access, query: RowQuery): Promise<RowFilter | undefined> {
  const { actorType, actorId, person, action, via, entityType, entityId, from, to } = query;
  if (person !== undefined && access.get("access:read") === undefined) {
    throw forbidden("to look for people by name needs the permission access:read", {
      remedy: "search by actorId, or ask an owner for a role that has it",
    });
  }
  if (person !== undefined && (actorId !== undefined || (actorType !== undefined && actorType !== "user"))) {
    throw invalid("a person and another actor are asked for at once", { expected: "person, or actorType and actorId" });
  }
  if (actorId !== undefined && actorType === undefined) {
    throw invalid("an actor's id alone is asked for", { expected: "actorType beside actorId" });
  }
  const actorIds = person === undefined ? (actorId && [actorId]) || null : await selectPeople(tx, person, mostPeople);
  const actions = action === undefined ? null : await actionsLike(tx, action);
  const { first, last } = await selectBounds(tx, {
    from: from === undefined ? null : timestampFromInstant(from),
    to: to === undefined ? null : timestampFromInstant(to),
  });
  if (first === null || last === null) return undefined;
  return {
    actorType: person === undefined ? (actorType ?? null) : "user",
    ...{ actorIds, actions, via: via ?? null, entityType: entityType ?? null, entityId: entityId ?? null },
    above: Math.max(first, query.fromSeq ?? 1) - 1,
    below: Math.min(last + 1, (query.toSeq ?? last) + 1, query.after ?? last + 1),
  };
}

async function actionsLike(tx: TenantTx, wanted: string): Promise<string[]> {
  if (!wanted.endsWith("*")) return [wanted];
  const prefix = wanted.slice(0, -1);
  return (await selectActions(tx)).filter((action) => action.startsWith(prefix));
}

export async function listActions(pool: Pool, principal: Principal): Promise<string[]> {
  return withTenant(pool, principal, selectActions);
}

/** One row with what is left of its content and its place under the newest checkpoint. */
export async function showRow(pool: Pool, { principal, access }: Reader, seq: number): Promise<RowDetail> {
  return withTenant(pool, principal, async (tx) => {
    const row = await selectRow(tx, seq);
    if (!row) throw notFound(`row ${seq}`);
    const nameOf = await namesOf(tx, access, refsOf(row));
    const { prev, control, lines, last } = row;
    return {
      ...shown(row, nameOf),
      ...{ prev, control, lines, last },
      commits: hashesOf(row.commits),
      units: await unitsOf(tx, row),
      proof: await proofOf(tx, seq),
    };
  });
}

const refsOf = (row: StoredRow): Ref[] => [
  { type: row.actorType, id: row.actorId },
  { type: row.entityType, id: row.entityId },
];

function shown(row: StoredRow, nameOf: (ref: Ref) => string | null): LedgerRow {
  const { seq, epoch, at, via, action, correlation, hash } = row;
  const [actor, entity] = refsOf(row).map((ref) => ({ ...ref, name: nameOf(ref) })) as [
    LedgerRow["actor"],
    LedgerRow["entity"],
  ];
  return { seq, epoch, at, actor, via, action, entity, correlation, hash };
}

/** Of the lines `commit <name> <hash>` or `unit <name> <hash>`, each with its LF. */
function hashesOf(lines: string): { name: string; hash: string }[] {
  return lines
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split(" "))
    .map(([, name, hash]) => ({ name: name!, hash: hash! }));
}

async function unitsOf(tx: TenantTx, row: WholeRow): Promise<RowDetail["units"]> {
  const openings = new Map((await selectOpenings(tx, row)).map((opening) => [opening.unit, opening]));
  const units: RowDetail["units"] = [];
  for (const { name, hash } of hashesOf(row.units)) {
    const opening = openings.get(name);
    if (opening) {
      units.push({ state: "open", name, hash, salt: opening.salt, content: opening.content });
      continue;
    }
    const tombstones =
      name === "batch"
        ? await selectTombstonesOfBatch(tx, row)
        : await selectTombstonesOf(tx, { seq: row.seq, unit: name });
    units.push({ state: "erased", name, hash, tombstones });
  }
  return units;
}

async function proofOf(tx: TenantTx, seq: number): Promise<RowDetail["proof"]> {
  try {
    const { size, root, path, checkpoint } = await proveRow(tx, seq);
    return { size, root, path, checkpoint };
  } catch (error) {
    if (error instanceof AppError && error.code === "not-sealed") return null;
    throw error;
  }
}
